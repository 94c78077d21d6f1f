package matching_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/certificate"
	"github.com/city-resource-graph/crg/matching/instances"
)

// Cost scaling that is believed before its last scale claims an optimum that is none, and is found out.
func TestScalingThatStopsTooSoonIsCaught(t *testing.T) {
	t.Parallel()
	caught := 0
	for seed := range uint64(20) {
		p := instances.Random(60, 60, 5, 4, 1000, seed)
		best := solve(t, p, matching.Options{}).Value
		for scales := range 2 {
			s := matching.SolveTooSoon(context.Background(), p, scales+1)
			require.True(t, s.Optimal, "it claims to be")
			if s.Value == best {
				continue
			}
			var v *certificate.Violation
			require.ErrorAs(t, matching.Verify(p, s), &v)
			caught++
		}
	}
	require.Greater(t, caught, 20)
}

// What a war of prices or too many pivots hand over to cost scaling comes out optimal, and the same for any number of
// workers.
func TestHandedOverToScaling(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*matching.Problem{
		"war":         instances.SparseTransportation(700, 700, 12, 1000, 10_000, 1),
		"uneven":      instances.SparseTransportation(60, 2000, 120, 1000, 10_000, 1),
		"rectangular": instances.SparseTransportation(900, 900, 9, 1, 10_000, 1),
	} {
		one := solve(t, p, matching.Options{Workers: 1})
		require.Equal(t, oracle(p), one.Value, name)
		require.Equal(t, one, solve(t, p, matching.Options{Workers: 3}), name)
		if name == "uneven" {
			require.Zero(t, one.Counters.Pivots, "cost scaling leaves nothing to pivots")
		}
	}
}

// What pivots hand over to cost scaling comes out optimal, and leaves next to nothing to the pivots that follow.
func TestPivotsHandOverToScaling(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		p := instances.Random(100, 100, 6, 4, 1000, seed)
		s := matching.SolveHandedOver(context.Background(), p, matching.Options{})
		requireHonest(t, p, s)
		require.False(t, s.Stopped)
		require.Less(t, 4*s.Counters.Pivots, matching.SolveByPivots(context.Background(), p, matching.Options{}).Counters.Pivots)
	}
}

// In this problem an edge that was pruned turns out to matter: the allocation is proven on the others only.
func TestScalingTakesPrunedEdgesBack(t *testing.T) {
	t.Parallel()
	p := instances.Geometric(3000, 8, 100_000, 1)
	s := matching.SolveByScaling(context.Background(), p, matching.Options{})
	require.NoError(t, matching.Verify(p, s))
	require.True(t, s.Optimal)
	require.Equal(t, solve(t, p, matching.Options{}).Value, s.Value)
	require.Zero(t, s.Counters.Pivots, "nothing is left to pivots")
}

func TestStoppedScalingIsHonest(t *testing.T) {
	t.Parallel()
	p := instances.SparseTransportation(2000, 2000, 12, 1000, 10_000, 1)
	best := solve(t, p, matching.Options{}).Value
	stopped := 0
	for asks := 0; asks < 200; asks += 7 {
		left := asks
		s := matching.SolveByScaling(countdown{context.Background(), &left}, p, matching.Options{Workers: 1})
		requireHonest(t, p, s)
		require.LessOrEqual(t, s.Value, best)
		require.GreaterOrEqual(t, s.Bound, best)
		if s.Stopped {
			stopped++
		}
	}
	require.Greater(t, stopped, 5)
}
