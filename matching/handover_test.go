package matching_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
)

// rowsOf builds a problem of so many needs and resources with rows of this length.
func rowsOf(
	needs, resources, degree int, wanted, offered int64, pick func(r *rand.Rand) int, value func(r *rand.Rand) int64,
) *matching.Problem {
	r := rand.New(rand.NewPCG(1, 77))
	quantity := make([]int64, resources)
	for k := range quantity {
		quantity[k] = 1 + r.Int64N(offered)
	}
	b := instances.NewBuilder(quantity)
	for range needs {
		for range degree {
			b.Edge(pick(r), value(r))
		}
		b.Need(1 + r.Int64N(wanted))
	}
	return b.Problem()
}

// Hostile families on which an engine that does not give over in time takes tens of times longer.
func TestNoEngineIsHeldOnToInVain(t *testing.T) {
	t.Parallel()
	anyOf := func(n int) func(r *rand.Rand) int { return func(r *rand.Rand) int { return r.IntN(n) } }
	upTo := func(most int64) func(r *rand.Rand) int64 {
		return func(r *rand.Rand) int64 { return 1 + r.Int64N(most) }
	}
	lessCost := func(r *rand.Rand) int64 { return 1<<30 + r.Int64N(10_000) }
	popular := func(r *rand.Rand) int { return int(math.Pow(4000, r.Float64())) - 1 }
	twoScales := func(r *rand.Rand) int64 { return r.Int64N(2)*1_000_000_000 + 1 + r.Int64N(1000) }
	for name, c := range map[string]struct {
		p      *matching.Problem
		passes int64 // over the edges, that all work may amount to
	}{
		"all want the same, values less a cost":  {rowsOf(4000, 4000, 12, 10, 10, popular, lessCost), 200},
		"too little offered, values less a cost": {rowsOf(6000, 5000, 10, 10, 10, anyOf(5000), lessCost), 240},
		"two scales of values":                   {rowsOf(3000, 3000, 10, 10, 10, anyOf(3000), twoScales), 700},
		"two scales, single units":               {rowsOf(3000, 3000, 10, 1, 1, anyOf(3000), twoScales), 700},
		"few for many":                           {rowsOf(60, 10_000, 2000, 400, 5, anyOf(10_000), upTo(10_000)), 20},
		"few that want more than there is":       {rowsOf(200, 10_000, 200, 1_000_000, 10, anyOf(10_000), upTo(10_000)), 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := solve(t, c.p, matching.Options{})
			require.LessOrEqual(t, work(c.p, s), c.passes*int64(len(c.p.Edges)))
			require.Equal(t, s, solve(t, c.p, matching.Options{Workers: 1}))
		})
	}
}

// Here supply and demand nearly meet: nearly all hangs together in the end, and pivots slow down before they are done.
func TestPivotsThatSlowDownGiveOver(t *testing.T) {
	t.Parallel()
	p := instances.SparseTransportation(16_000, 16_000, 8, 1000, 10_000, 3)
	p.NeedQuantity[0] += 20_000
	s := solve(t, p, matching.Options{})
	require.Greater(t, s.Counters.Pivots, int64(30_000), "pivots began")
	require.Less(t, s.Counters.Pivots, int64(75_000), "pivots alone take 87,000, the last of which move thousands of nodes each")
}
