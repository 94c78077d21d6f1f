package projection_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/graph/graphtest"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
	"github.com/city-resource-graph/crg/projection"
)

// A city of 20,000 participants with 60,000 relations: an address each, half of them shared, and two vouches.
const many = 20_000

func manyTown(b *testing.B) *projection.Projector {
	b.Helper()
	store := pgtest.Open(b)
	clock, err := city.NewClock(time.Time{}, time.Now().UTC().Truncate(time.Microsecond), 1)
	require.NoError(b, err)
	require.NoError(b, store.UpsertCity(b.Context(), postgres.City{
		ID: town, Name: "Town", TimeZone: "UTC", Currency: "USD", Centre: city.Point{Lon: 10, Lat: 50}, Clock: clock,
	}))
	for _, sql := range []string{
		fmt.Sprintf(`INSERT INTO participant (city, id, kind, name, email_domain, address_id, location_quality, state, origin, source,
			source_key, created_at, updated_at)
		SELECT 'town', 'p' || n, 'organisation', 'Organisation ' || md5(n::text), '', 'street ' || n / 2, 'default', 'active', 'generated', 'bench', n, now(), now()
		FROM generate_series(1, %d) n`, many),
		fmt.Sprintf(`INSERT INTO vouch (city, voucher, vouched, actor, created_at)
		SELECT 'town', 'p' || n, 'p' || 1 + (n * k + k) %% %d, 'bench', now() FROM generate_series(1, %d) n, unnest(ARRAY[7, 7919]) k
		WHERE n <> 1 + (n * k + k) %% %d ON CONFLICT DO NOTHING`, many, many, many),
		`ANALYZE participant`, `ANALYZE vouch`,
	} {
		_, err := store.Pool().Exec(b.Context(), sql)
		require.NoError(b, err)
	}
	return &projection.Projector{Store: store, Graph: graphtest.Connect(b, graphtest.Config(b))}
}

// projectAll projects what is in the outbox and answers how many events that were.
func projectAll(b *testing.B, p *projection.Projector) (events int) {
	b.Helper()
	require.NoError(b, p.Begin(b.Context(), noBeat))
	for {
		n, err := p.Project(b.Context())
		require.NoError(b, err)
		if n == 0 {
			return events
		}
		events += n
	}
}

// BenchmarkGraph measures what issue and docs promise, on one graph: its projection from the outbox, from nothing, paths of trust, duplicates.
func BenchmarkGraph(b *testing.B) {
	p := manyTown(b)
	seconds := map[string]float64{}
	timed := func(name string, do func()) {
		began := time.Now()
		do()
		seconds[name] = time.Since(began).Seconds()
	}
	require.NoError(b, p.Begin(b.Context(), noBeat)) // what is there is built
	require.NoError(b, p.Graph.Wipe(b.Context()))
	timed("build-s", func() { require.NoError(b, p.Begin(b.Context(), noBeat)) })
	timed("events-s", func() { require.Positive(b, projectAll(b, p)) }) // all equal already
	var compared projection.Comparison
	timed("compare-s", func() {
		var differ []city.ParticipantID
		var err error
		compared, differ, err = p.Compare(b.Context(), town, noBeat)
		require.NoError(b, err)
		require.Empty(b, differ)
	})
	b.ReportMetric(float64(compared.Relations), "relations")
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a benchmark's
	id := func() city.ParticipantID { return city.ParticipantID(fmt.Sprint("p", 1+random.IntN(many))) }
	var took []time.Duration
	for range 1000 {
		from, to := id(), id()
		began := time.Now()
		_, err := p.Graph.TrustPath(b.Context(), town, from, to)
		require.NoError(b, err)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[500].Microseconds())/1000, "path-p50-ms")
	b.ReportMetric(float64(took[990].Microseconds())/1000, "path-p99-ms")
	newcomers := make([]graph.Subject, 10_000)
	for i := range newcomers {
		newcomers[i] = graph.Subject{
			City: town, ID: city.ParticipantID(fmt.Sprint("new", i)), Kind: city.Organisation, Name: fmt.Sprint("Organisation ", i),
			State: city.ParticipantApplied, Address: fmt.Sprint("street ", i),
		}
	}
	timed("duplicates-10000-s", func() {
		_, err := p.Graph.Duplicates(b.Context(), town, newcomers)
		require.NoError(b, err)
	})
	for name, s := range seconds {
		b.ReportMetric(s, name)
	}
}
