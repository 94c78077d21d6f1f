package matching_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
)

func TestSolveRefusesWrongProblems(t *testing.T) {
	t.Parallel()
	const large = matching.MaxMagnitude
	for name, c := range map[string]struct {
		spoil func(*matching.Problem)
		says  string
	}{
		"negative need":     {func(p *matching.Problem) { p.NeedQuantity[1] = -1 }, "NeedQuantity[1] is -1, want 0..2^40"},
		"large resource":    {func(p *matching.Problem) { p.ResourceQuantity[0] = large + 1 }, "ResourceQuantity[0] is 1099511627777"},
		"large value":       {func(p *matching.Problem) { p.Edges[2].Value = large + 1 }, "Edges.Value[2] is 1099511627777"},
		"small value":       {func(p *matching.Problem) { p.Edges[2].Value = -large - 1 }, "Edges.Value[2] is -1099511627777"},
		"unknown resource":  {func(p *matching.Problem) { p.Edges[3].Resource = 2 }, "Edges.Resource[3] is 2, want 0..1"},
		"negative resource": {func(p *matching.Problem) { p.Edges[3].Resource = -1 }, "Edges.Resource[3] is -1, want 0..1"},
		"no rows":           {func(p *matching.Problem) { p.RowStart = nil }, "len(RowStart) is 0, want 3"},
		"rows from 1":       {func(p *matching.Problem) { p.RowStart[0] = 1 }, "RowStart[0] is 1, want 0"},
		"rows that go back": {func(p *matching.Problem) { p.RowStart[1] = 9 }, "RowStart[2] is 4, want ascending"},
		"rows that end early": {
			func(p *matching.Problem) { p.Edges = append(p.Edges, matching.Edge{}) }, "RowStart[2] is 4, want 5",
		},
		"too few charges": {func(p *matching.Problem) { p.Charges = []int64{1} }, "len(Charges) is 1, want 4"},
		"negative charge": {func(p *matching.Problem) { p.Charges = []int64{0, -5, 0, 0} }, "Charges[1] is -5"},
		"sum of the value": {func(p *matching.Problem) {
			p.NeedQuantity[0], p.ResourceQuantity[0], p.Edges[0].Value = large, large, large
		}, "total value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &matching.Problem{
				NeedQuantity: []int64{3, 2}, ResourceQuantity: []int64{2, 2},
				RowStart: []int32{0, 2, 4}, Edges: []matching.Edge{{0, 10}, {1, 7}, {0, 6}, {1, 4}},
			}
			c.spoil(p)
			s, err := matching.Solve(context.Background(), p, matching.Options{})
			require.ErrorContains(t, err, c.says)
			require.Nil(t, s)
		})
	}
}

func TestLargeNumbersThatFitAreSolved(t *testing.T) {
	t.Parallel()
	const large = matching.MaxMagnitude
	for name, p := range map[string]*matching.Problem{
		"large values":     {NeedQuantity: []int64{1 << 20}, ResourceQuantity: []int64{1 << 20}, RowStart: []int32{0, 1}, Edges: []matching.Edge{{0, large}}},
		"large quantities": {NeedQuantity: []int64{large}, ResourceQuantity: []int64{large}, RowStart: []int32{0, 1}, Edges: []matching.Edge{{0, 1 << 20}}},
		// The need could use more than fits 64 bits, the resource does not have it.
		"one side is small": {NeedQuantity: []int64{large}, ResourceQuantity: []int64{3}, RowStart: []int32{0, 1}, Edges: []matching.Edge{{0, large}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, oracle(p), solve(t, p, matching.Options{}).Value)
		})
	}
}

func TestEmptyProblems(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*matching.Problem{
		"nothing":      {RowStart: []int32{0}},
		"no edges":     {NeedQuantity: []int64{1, 2}, ResourceQuantity: []int64{3}, RowStart: []int32{0, 0, 0}},
		"no resources": {NeedQuantity: []int64{1}, RowStart: []int32{0, 0}},
		"no quantity":  {NeedQuantity: []int64{0}, ResourceQuantity: []int64{0}, RowStart: []int32{0, 1}, Edges: []matching.Edge{{0, 5}}},
		"no value":     {NeedQuantity: []int64{1}, ResourceQuantity: []int64{1}, RowStart: []int32{0, 1}, Edges: []matching.Edge{{0, -5}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := solve(t, p, matching.Options{})
			require.Zero(t, s.Value)
			require.Empty(t, s.Flow)
		})
	}
}

func TestWarmStartSavesTheWork(t *testing.T) {
	t.Parallel()
	p := smallCity(4000, 9)
	cold := solve(t, p, matching.Options{})
	again := solve(t, p, matching.Options{Warm: cold.Basis})
	require.Equal(t, cold.Flow, again.Flow)
	require.Zero(t, again.Counters.Pivots)
	require.Zero(t, again.Counters.Bids)
	p.Edges[17].Value += 500
	changed := solve(t, p, matching.Options{Warm: cold.Basis})
	require.Equal(t, solve(t, p, matching.Options{}).Value, changed.Value)
	require.Less(t, changed.Counters.Pivots, cold.Counters.Pivots/10)
}

// However much has changed, and however soon the search is stopped, a warm start ends as it should.
func TestWarmStartOfAnotherProblem(t *testing.T) {
	t.Parallel()
	p := smallCity(4000, 9)
	basis := solve(t, p, matching.Options{}).Basis
	for k := range p.Edges {
		p.Edges[k].Value = (p.Edges[k].Value*7919+int64(k)*104_729)%10_000 + 1
	}
	cold := solve(t, p, matching.Options{})
	warm := solve(t, p, matching.Options{Warm: basis})
	require.Equal(t, cold.Value, warm.Value)
	require.Equal(t, warm, solve(t, p, matching.Options{Warm: basis, Workers: 3}))
	for _, pivots := range []int64{1, 30, 1000, 20_000} {
		s, err := matching.Solve(t.Context(), p, matching.Options{Warm: basis, MaxPivots: pivots})
		require.NoError(t, err)
		require.NoError(t, matching.Verify(p, s))
		require.LessOrEqual(t, s.Value, cold.Value)
		require.GreaterOrEqual(t, s.Bound, cold.Value)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var seen []matching.Progress
	s := solve(t, smallCity(500, 1), matching.Options{Progress: func(p matching.Progress) { seen = append(seen, p) }})
	require.Len(t, seen, s.Components+2)
	require.Equal(t, matching.Progress{Stage: matching.StageComponents, Components: s.Components}, seen[0])
	require.Equal(t, matching.Progress{Stage: matching.StageDone, Components: s.Components, Solved: s.Components}, seen[len(seen)-1])
}
