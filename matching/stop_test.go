package matching_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/certificate"
	"github.com/city-resource-graph/crg/matching/instances"
)

// countdown is a context that is done after it was asked a number of times: a deadline without a clock.
type countdown struct {
	context.Context
	left *int
}

func (c countdown) Err() error {
	if *c.left--; *c.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

func TestStoppedSearchIsHonest(t *testing.T) {
	t.Parallel()
	p := instances.City(instances.CityConfig{Needs: 4000, Resources: 4000, Categories: 2, LargestQuantity: 9, Candidates: 20, Seed: 3})
	best := solve(t, p, matching.Options{}).Value
	early := 0
	for asks := range 60 {
		left := asks
		s, err := matching.Solve(countdown{context.Background(), &left}, p, matching.Options{Workers: 1})
		require.NoError(t, err)
		require.NoError(t, matching.Verify(p, s))
		require.Equal(t, !s.Optimal, s.Stopped, "it stopped if and only if it is not optimal")
		require.LessOrEqual(t, s.Value, best)
		require.GreaterOrEqual(t, s.Bound, best)
		require.Positive(t, s.Value, "even the earliest stop allocates something")
		if s.Stopped {
			early++
		}
	}
	require.Greater(t, early, 20)
}

// Of two edges of a pair that differ by little the worse may be in the tree when the search is stopped.
func TestStoppedSearchIsHonestAboutDoubledEdges(t *testing.T) {
	t.Parallel()
	single := instances.Random(400, 400, 8, 5, 100_000, 2)
	p := &matching.Problem{NeedQuantity: single.NeedQuantity, ResourceQuantity: single.ResourceQuantity, RowStart: []int32{0}}
	for i := range single.NeedQuantity {
		for k, e := range single.Row(i) {
			p.Edges = append(p.Edges, matching.Edge{Resource: e.Resource, Value: e.Value - int64(1+k%2)}, e)
		}
		p.RowStart = append(p.RowStart, int32(len(p.Edges)))
	}
	best := solve(t, p, matching.Options{}).Value
	require.Equal(t, solve(t, single, matching.Options{}).Value, best)
	for pivots := int64(1); pivots < 130; pivots += 3 {
		s, err := matching.Solve(context.Background(), p, matching.Options{MaxPivots: pivots})
		require.NoError(t, err)
		require.NoError(t, matching.Verify(p, s))
		require.True(t, s.Stopped)
		require.LessOrEqual(t, s.Value, best)
		require.GreaterOrEqual(t, s.Bound, best)
	}
}

func TestMaxPivotsIsReproducible(t *testing.T) {
	t.Parallel()
	p := instances.Random(400, 400, 8, 5, 1000, 1)
	best := solve(t, p, matching.Options{}).Value
	for _, pivots := range []int64{1, 10, 100, 400} {
		o := matching.Options{MaxPivots: pivots}
		s, err := matching.Solve(context.Background(), p, o)
		require.NoError(t, err)
		require.NoError(t, matching.Verify(p, s))
		require.True(t, s.Stopped)
		require.LessOrEqual(t, s.Value, best)
		require.GreaterOrEqual(t, s.Bound, best)
		again, err := matching.Solve(context.Background(), p, o)
		require.NoError(t, err)
		require.Equal(t, s, again)
	}
}

// The certificate must be able to fail: a solver that gives up one improving pivot early and still claims the optimum
// is found out, whether it claims the bound or the value.
func TestWorseSolverIsCaught(t *testing.T) {
	t.Parallel()
	caught := 0
	for seed := range uint64(40) {
		p := instances.Random(30, 30, 5, 4, 1000, seed)
		full := solve(t, p, matching.Options{Workers: 1})
		for pivots := range full.Counters.Pivots {
			s, err := matching.Solve(context.Background(), p, matching.Options{Workers: 1, MaxPivots: max(pivots, 1)})
			require.NoError(t, err)
			if s.Value == full.Value {
				continue
			}
			s.NeedPrice, s.ResourcePrice, s.Bound = full.NeedPrice, full.ResourcePrice, full.Bound
			s.Optimal = true
			var v *certificate.Violation
			require.ErrorAs(t, matching.Verify(p, s), &v)
			require.Equal(t, certificate.RuleOptimal, v.Rule)
			s.Value = s.Bound
			require.ErrorAs(t, matching.Verify(p, s), &v)
			require.Equal(t, certificate.RuleSum, v.Rule)
			caught++
		}
	}
	require.Greater(t, caught, 100)
}
