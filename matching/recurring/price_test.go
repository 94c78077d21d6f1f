package recurring_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/recurring"
)

// On the snapshot that it was taken from a memory is the basis itself.
func TestAMemoryIsTheBasis(t *testing.T) {
	t.Parallel()
	s := week(0)
	solution, err := matching.Solve(t.Context(), &graph(t, s).Problem, matching.Options{})
	require.NoError(t, err)
	basis, err := recurring.Remember(s, solution.Basis).Basis(s)
	require.NoError(t, err)
	require.Equal(t, solution.Basis, basis)

	memory := recurring.Remember(s, solution.Basis)
	memory.Engine += "x"
	_, err = memory.Basis(s)
	require.ErrorIs(t, err, recurring.ErrForeign)
	require.ErrorIs(t, new(recurring.Memory).UnmarshalBinary(nil), recurring.ErrDamaged)
}

// worth is what an allocation is worth without the bonus of open proposals, pair by pair.
func worth(t *testing.T, s *candidates.Snapshot, g *candidates.Graph, solution *matching.Solution) int64 {
	t.Helper()
	plain := *s
	plain.Pins = nil
	index, err := candidates.NewIndex(&plain)
	require.NoError(t, err)
	value := int64(0)
	for _, f := range solution.Flow {
		_, parts, passes := index.Pair(f.Need, g.Edges[f.Edge].Resource)
		require.True(t, passes)
		value += f.Quantity*parts.Score - parts.Charge
	}
	return value
}

// What keeping open proposals costs is told by what is found and what is proven without the bonus; pins of other kinds hold
// in both.
func TestThePriceOfKeepingProposals(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	first := week(0)
	before, err := graph(t, first).Solve(ctx, matching.Options{})
	require.NoError(t, err)
	open := recurring.Pairs(first, graph(t, first), before)

	s := week(1)
	s.Scoring.Stability = 0.3
	rejected := candidates.Pin{Resource: open[0].Resource, Need: open[0].Need, Kind: candidates.PinForbidden}
	recurring.Keep(s, open)
	s.Pins = append(s.Pins, rejected)
	s.Canonicalise()
	g := graph(t, s)
	solution, err := g.Solve(ctx, matching.Options{})
	require.NoError(t, err)
	price, err := recurring.PriceOf(ctx, s, open, g, solution)
	require.NoError(t, err)

	value := worth(t, s, g, solution)
	require.Equal(t, solution.Value-value, price.Bonus)
	require.Positive(t, price.Bonus)
	free := *s
	free.Pins = []candidates.Pin{rejected}
	bound, err := matching.Solve(ctx, &graph(t, &free).Problem, matching.Options{})
	require.NoError(t, err)
	require.Equal(t, bound.Bound-value, price.AtMost)
	require.LessOrEqual(t, price.Cost, price.AtMost)
	best, err := graph(t, &free).Solve(ctx, matching.Options{Warm: solution.Basis})
	require.NoError(t, err)
	require.Equal(t, best.Value-value, price.Cost)
	require.Equal(t, recurring.Compare(open, recurring.Pairs(&free, graph(t, &free), best)), price.Free)

	points, err := recurring.Frontier(ctx, s, open, []float64{0.3})
	require.NoError(t, err)
	require.Equal(t, value, points[1].Value)
	require.Equal(t, points[0].Value-value, points[1].Loss)
	require.Zero(t, points[0].Loss)
}
