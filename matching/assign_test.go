package matching_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/certificate"
	"github.com/city-resource-graph/crg/matching/instances"
)

// assignments are published families of assignment problems, large enough for an auction.
func assignments(seed uint64) map[string]*matching.Problem {
	return map[string]*matching.Problem{
		"sparse":    instances.Assignment(700, 8, 10_000, seed),
		"complete":  instances.Assignment(90, 90, 100, seed),
		"few costs": instances.Assignment(100, 100, 2, seed),
		"two costs": instances.TwoCosts(700, 8, 1_000_000, seed),
		"geometric": instances.Geometric(700, 8, 10_000, seed),
		"products":  instances.Product(80),
		"dear":      instances.Assignment(100, 100, 1<<33, seed),
	}
}

// The assignment problem has an engine of its own: bids alone, and prices that prove what came of them.
func TestAssignmentIsSolvedByBidsAlone(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		for name, p := range assignments(seed) {
			s := matching.SolveByAuction(context.Background(), p, matching.Options{Workers: 1})
			require.NoError(t, matching.Verify(p, s), name)
			require.True(t, s.Optimal, name)
			require.Equal(t, oracle(p), s.Value, name)
			require.Equal(t, matching.Counters{Bids: s.Counters.Bids}, s.Counters, "%s: no pivots, no scaling", name)
			require.Positive(t, s.Counters.Bids, name)
			require.Equal(t, s, matching.SolveByAuction(context.Background(), p, matching.Options{Workers: 3}), name)
		}
	}
}

// An assignment that is believed before its last round claims an optimum that is none, and is found out.
func TestAssignmentThatStopsTooSoonIsCaught(t *testing.T) {
	t.Parallel()
	caught := 0
	for seed := range uint64(10) {
		p := instances.Assignment(300, 6, 10_000, seed)
		best := solve(t, p, matching.Options{}).Value
		for rounds := range 3 {
			s := matching.AssignTooSoon(context.Background(), p, rounds+1)
			require.True(t, s.Optimal, "it claims to be")
			if s.Value == best {
				continue
			}
			var v *certificate.Violation
			require.ErrorAs(t, matching.Verify(p, s), &v)
			caught++
		}
	}
	require.Greater(t, caught, 15)
}

// Where not everybody can be served, or somebody is better off unserved, shortest paths or pivots go on from the
// engine's result, which is no optimum.
func TestAssignmentThatIsNone(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		for name, p := range map[string]*matching.Problem{
			"many cannot be served":      instances.SparseTransportation(400, 300, 3, 1, 10_000, seed),
			"a few cannot be served":     unhidden(400, 400, 6, seed),
			"too many needs":             unhidden(500, 80, 9, seed),
			"too many resources":         unhidden(80, 500, 9, seed),
			"one is better off unserved": betterUnserved(),
			"prices without room":        twoForOne(1<<33, seed),
		} {
			s := matching.SolveByAuction(context.Background(), p, matching.Options{Workers: 1})
			require.NoError(t, matching.Verify(p, s), name)
			require.True(t, s.Optimal, name)
			require.Equal(t, oracle(p), s.Value, name)
			require.Equal(t, s, matching.SolveByAuction(context.Background(), p, matching.Options{Workers: 3}), name)
		}
	}
}

// unhidden is an assignment problem without a hidden assignment: with few edges not everybody can be served.
func unhidden(needs, resources, degree int, seed uint64) *matching.Problem {
	p := instances.Random(needs, resources, degree, 1, 1000, seed)
	for k := range p.Edges {
		p.Edges[k].Value += 1_000_000
	}
	return p
}

func TestLawAssignmentOptimalAsOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		needs, resources := rapid.IntRange(1, 20).Draw(t, "needs"), rapid.IntRange(1, 20).Draw(t, "resources")
		largestCost := rapid.SampledFrom([]int64{1, 3, 100, 1 << 33}).Draw(t, "largest cost")
		constant := largestCost * rapid.Int64Range(65, 128).Draw(t, "constant")
		b := instances.NewBuilder(slices.Repeat([]int64{1}, resources))
		for range needs {
			for range rapid.IntRange(1, 8).Draw(t, "edges") {
				cost := rapid.Int64Range(0, largestCost-1).Draw(t, "cost")
				b.Edge(rapid.IntRange(0, resources-1).Draw(t, "resource"), constant-cost)
			}
			b.Need(1)
		}
		p := b.Problem()
		s := matching.SolveByAuction(t.Context(), p, matching.Options{})
		require.NoError(t, matching.Verify(p, s))
		require.True(t, s.Optimal)
		require.Equal(t, oracle(p), s.Value)
	})
}

// betterUnserved is a chain in which serving the last need would cost more than it is worth: need i has resources i and
// i + 1, the last one 0 and i, and each step along the chain costs 100.
func betterUnserved() *matching.Problem {
	const size = 200
	ones := make([]int64, size)
	for r := range ones {
		ones[r] = 1
	}
	b := instances.NewBuilder(ones)
	for i := range size - 1 {
		b.Edge(i, 10_000)
		b.Edge(i+1, 10_000-100)
		b.Need(1)
	}
	b.Edge(0, 10_000)
	b.Need(1)
	return b.Problem()
}

// twoForOne is a complete problem with two needs more that want the same resource and no other: each bid of the second
// raises its price by the largest cost. The first has many edges, which leaves few bits for prices.
func twoForOne(largestCost int64, seed uint64) *matching.Problem {
	p := instances.Assignment(90, 90, largestCost, seed)
	for _, edges := range []int{2000, 1} {
		for range edges {
			p.Edges = append(p.Edges, matching.Edge{Resource: 7, Value: p.Edges[0].Value})
		}
		p.RowStart = append(p.RowStart, int32(len(p.Edges)))
		p.NeedQuantity = append(p.NeedQuantity, 1)
	}
	return p
}

func TestStoppedAssignmentIsHonest(t *testing.T) {
	t.Parallel()
	p := instances.Assignment(3000, 8, 10_000, 1)
	best := solve(t, p, matching.Options{}).Value
	stopped := 0
	for asks := range 60 {
		left := asks
		s, err := matching.Solve(countdown{context.Background(), &left}, p, matching.Options{Workers: 1})
		require.NoError(t, err)
		requireHonest(t, p, s)
		require.LessOrEqual(t, s.Value, best)
		require.GreaterOrEqual(t, s.Bound, best)
		require.Greater(t, s.Value, best/10*8, "even the earliest stop serves most")
		if s.Stopped {
			stopped++
		}
	}
	require.Greater(t, stopped, 20)
}
