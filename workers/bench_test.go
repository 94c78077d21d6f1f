package workers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/codec"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// The load of one round. A life cycle goes in three phases, in each of which all workflows of the round take part: start
// and approval by the policy; the giver's hand-over; the receiver's receipt and the value.
const (
	benchRounds   = 5
	benchPerRound = 100
	benchInFlight = 32
)

// BenchmarkMatchLifeCycle compares life cycles of Match with workflows that have as many local activities, signals and
// timers and do nothing in them, on the same server, in turns. Recording the decisions in the database, which is the
// API's part, counts into the life cycle.
func BenchmarkMatchLifeCycle(b *testing.B) {
	bench := newLifeCycles(b)
	var ratios []float64
	for b.Loop() {
		var rates, costs [2][]float64
		for round := range benchRounds {
			for side, run := range []func(int){bench.match, bench.bare} {
				if round%2 == 1 { // neither side always goes first
					side, run = 1-side, []func(int){bench.bare, bench.match}[side]
				}
				rate, cost := bench.measure([]string{"match", "bare"}[side], round, run)
				rates[side], costs[side] = append(rates[side], rate), append(costs[side], cost)
			}
			ratios = append(ratios, rates[0][round]/rates[1][round])
		}
		b.ReportMetric(median(rates[0]), "match/s")
		b.ReportMetric(median(rates[1]), "bare/s")
		b.ReportMetric(median(costs[0]), "match-cpu-ms")
		b.ReportMetric(median(costs[1]), "bare-cpu-ms")
	}
	b.ReportMetric(median(ratios), "ratio")
	b.Logf("%d cores, %d rounds of %d workflows, %d starts and signals at a time; synchronous_commit %s; ratios %.2f",
		runtime.GOMAXPROCS(0), benchRounds, benchPerRound, benchInFlight, bench.setting("synchronous_commit"), ratios)
}

// lifeCycles is an installation with proposals that wait to be carried out.
type lifeCycles struct {
	*workertest.Installation
	b       *testing.B
	id      city.ID
	next    int
	reached [3]atomic.Int64 // bare workflows that took the step
}

// BenchmarkSealedMatchLifeCycle compares life cycles whose payloads are sealed with open ones, on the same server, in
// turns. The goal: the codec costs at most 10 % of the throughput.
func BenchmarkSealedMatchLifeCycle(b *testing.B) {
	key, err := codec.NewKey("bench")
	require.NoError(b, err)
	keys, err := codec.ParseKeys([]string{key})
	require.NoError(b, err)
	sealed := newLifeCyclesIn(b, workertest.NewWith(b, func(o *client.Options) { codec.Secure(o, keys) }))
	open := newLifeCycles(b)
	var rates, costs [2][]float64
	for b.Loop() {
		for round := range benchRounds {
			sides := []*lifeCycles{sealed, open}
			for i := range sides {
				side := (i + round) % 2 // neither always goes first
				rate, cost := sides[side].measure([]string{"sealed", "open"}[side], round, sides[side].match)
				rates[side], costs[side] = append(rates[side], rate), append(costs[side], cost)
			}
		}
	}
	b.ReportMetric(median(rates[0]), "sealed/s")
	b.ReportMetric(median(rates[1]), "open/s")
	b.ReportMetric(median(costs[0]), "sealed-cpu-ms")
	b.ReportMetric(median(costs[1]), "open-cpu-ms")
	b.ReportMetric(100*(1-median(rates[0])/median(rates[1])), "overhead-%")
}

func newLifeCycles(b *testing.B) *lifeCycles {
	b.Helper()
	return newLifeCyclesIn(b, workertest.New(b))
}

func newLifeCyclesIn(b *testing.B, i *workertest.Installation) *lifeCycles {
	b.Helper()
	l := &lifeCycles{Installation: i, b: b}
	l.id = city.ID(l.Prefix)
	l.Worker(b, "bench", workflows.CityQueue)
	w := worker.New(l.Client, l.Prefix+"-bare", worker.Options{MaxConcurrentWorkflowTaskPollers: 4})
	w.RegisterWorkflowWithOptions(l.bareWorkflow, workflow.RegisterOptions{Name: "bare"})
	w.RegisterActivity(l.step)
	require.NoError(b, w.Start())
	b.Cleanup(w.Stop)
	l.propose(b.Context(), benchRounds*benchPerRound*2)
	return l
}

// propose records a run with so many proposals, each of a small amount that the policy approves.
func (l *lifeCycles) propose(ctx context.Context, proposals int) {
	policy, err := json.Marshal(city.ApprovalPolicy{
		ID: "bench@1", Currency: "USD", Rules: []city.ApprovalRule{{Name: "all"}}, ExpireAfter: time.Hour, PickUpWithin: time.Hour,
	})
	require.NoError(l.b, err)
	clock, err := city.NewClock(time.Time{}, time.Now(), 1)
	require.NoError(l.b, err)
	const leaf = city.Leaf("food.grocery-mixed")
	require.NoError(l.b, l.Store.UpsertCity(ctx, postgres.City{
		ID: l.id, Name: "Bench", TimeZone: "UTC", Currency: "USD", Centre: city.Point{Lon: 10, Lat: 50}, Clock: clock,
		PolicyID: "bench@1", Policy: policy,
	}))
	require.NoError(l.b, l.Store.UpsertCategories(ctx, []postgres.Category{{Leaf: leaf, Unit: city.Kilogram}}))
	require.NoError(l.b, l.Store.CreateRun(ctx, postgres.Run{City: l.id, ID: "r1"}))
	l.pairs(ctx, leaf, proposals)
	list := make([]postgres.Proposal, proposals)
	for i := range list {
		list[i] = postgres.Proposal{
			Leaf: leaf, N: i + 1, Resource: city.ListingID(fmt.Sprintf("resource-%d", i+1)), Need: city.ListingID(fmt.Sprintf("need-%d", i+1)),
			Quantity: 10, ScoreMinor: 100, ExpectedMinor: 1000, DistanceM: 1000,
		}
	}
	_, err = l.Store.RecordProposals(ctx, l.id, "r1", list)
	require.NoError(l.b, err)
	_, err = l.Store.Pool().Exec(ctx, "VACUUM ANALYZE participant, listing, match")
	require.NoError(l.b, err)
}

// pairs writes so many givers and receivers with a listing each, straight into the tables.
func (l *lifeCycles) pairs(ctx context.Context, leaf city.Leaf, n int) {
	for _, sql := range []string{
		`INSERT INTO participant (city, id, kind, name, location_quality, state, origin, source, source_key, created_at, updated_at)
			SELECT $1, side || '-' || i, 'organisation', side || ' ' || i, 'exact', 'active', 'generated', 'bench', side || '-' || i, now(), now()
			FROM generate_series(1, $2::int) i, unnest(ARRAY['resource', 'need']) side WHERE $3 <> ''`,
		`INSERT INTO listing (city, id, side, holder, leaf, unit, quantity, quality, origin, lon, lat, location_quality, state, source,
				source_key, created_at, updated_at, radius_metres, divisible, minimum_lot, condition, cost_per_unit, usable_chance,
				receiver_kinds, confirm_by_asker)
			SELECT $1, 'resource-' || i, 'resource', 'resource-' || i, $3, 'kg', 10, 'declared', 'generated', 10, 50, 'exact', 'open', 'bench',
				'resource-' || i, now(), now(), 0, true, 1, 1, 0, 1, '{}', false FROM generate_series(1, $2::int) i`,
		`INSERT INTO listing (city, id, side, holder, leaf, unit, quantity, quality, origin, lon, lat, location_quality, state, source,
				source_key, created_at, updated_at, substitutes, max_distance_metres, urgency, constraints, budget_per_unit, storage_capacity)
			SELECT $1, 'need-' || i, 'need', 'need-' || i, $3, 'kg', 10, 'declared', 'generated', 10, 50, 'exact', 'open', 'bench',
				'need-' || i, now(), now(), '{}', 8000, 2, '[]', 0, 0 FROM generate_series(1, $2::int) i`,
	} {
		_, err := l.Store.Pool().Exec(ctx, sql, string(l.id), n, string(leaf))
		require.NoError(l.b, err)
	}
}

func (l *lifeCycles) setting(name string) string {
	var value string
	require.NoError(l.b, l.Store.Pool().QueryRow(l.b.Context(), "SHOW "+name).Scan(&value))
	return value
}

// measure runs one round and says how many workflows a second it made, and how many milliseconds of CPU each took: of
// everything on the machine, for client, worker, Temporal and PostgreSQL have a part in it.
func (l *lifeCycles) measure(name string, round int, run func(int)) (rate, cost float64) {
	begin, busy, own := time.Now(), machineCPU(l.b), cpu()
	run(round)
	rate = benchPerRound / time.Since(begin).Seconds()
	cost = float64((machineCPU(l.b) - busy).Milliseconds()) / benchPerRound
	l.b.Logf("round %d: %-5s %5.1f workflows/s, %5.1f ms CPU each, of which %4.1f in client and worker", round+1, name, rate, cost,
		(cpu()-own).Seconds()*1000/benchPerRound)
	return rate, cost
}

// cpu is the time that this process, which is both client and worker, spent on the processors.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// machineCPU is the time that all processors of the machine were busy so far.
func machineCPU(b *testing.B) time.Duration {
	b.Helper()
	stat, err := os.ReadFile("/proc/stat")
	require.NoError(b, err)
	var user, nice, system int64
	_, err = fmt.Sscanf(string(stat), "cpu %d %d %d", &user, &nice, &system)
	require.NoError(b, err)
	return time.Duration(user+nice+system) * 10 * time.Millisecond // USER_HZ is 100
}

// each does something for every workflow of a round, so many at a time.
func (l *lifeCycles) each(do func(n int) error) {
	var group errgroup.Group
	group.SetLimit(benchInFlight)
	for n := range benchPerRound {
		group.Go(func() error { return do(n) })
	}
	require.NoError(l.b, group.Wait())
}

// match carries a round of matches from proposal to value.
func (l *lifeCycles) match(int) {
	first, ctx := l.next+1, l.b.Context()
	l.next += benchPerRound
	ref := func(n int) activities.MatchRef {
		return activities.MatchRef{City: l.id, Match: city.MatchID{Run: "r1", Leaf: "food.grocery-mixed", N: first + n}}
	}
	l.each(func(n int) error {
		_, err := l.Starter.Match(ctx, activities.Proposal{MatchRef: ref(n), Quantity: 10, Unit: city.Kilogram, ExpectedMinor: 1000, Currency: "USD"})
		return err
	})
	l.until(first, city.MatchApproved)
	l.each(func(n int) error { return l.decide(ctx, ref(n), city.DecisionHandOver, city.Giver) })
	l.until(first, city.MatchHandedOver)
	l.each(func(n int) error { return l.decide(ctx, ref(n), city.DecisionConfirmReceipt, city.Receiver) })
	l.each(func(n int) error { return l.Client.GetWorkflow(ctx, workflows.MatchID(ref(n)), "").Get(ctx, nil) })
}

// until waits until a whole round has come to a state.
func (l *lifeCycles) until(first int, state city.MatchState) {
	const count = "SELECT count(*) FROM match WHERE city = $1 AND run = 'r1' AND n >= $2 AND n < $3 AND state = $4"
	require.Eventually(l.b, func() bool {
		var there int
		err := l.Store.Pool().QueryRow(l.b.Context(), count, l.id, first, first+benchPerRound, state).Scan(&there)
		return err == nil && there == benchPerRound
	}, time.Minute, 5*time.Millisecond)
}

func (l *lifeCycles) decide(ctx context.Context, ref activities.MatchRef, kind city.DecisionKind, party city.Party) error {
	d := postgres.Decision{
		City: l.id, ID: city.DecisionID(fmt.Sprintf("%s.%d", kind, ref.Match.N)), Kind: kind, Party: party, Actor: string(party),
		Role: city.Lister, Match: &ref.Match, Origin: city.Generated,
	}
	if err := l.Store.RecordDecision(ctx, d); err != nil {
		return err
	}
	return l.Starter.SignalDecision(ctx, ref, kind, d.ID)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
