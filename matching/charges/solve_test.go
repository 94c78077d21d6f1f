package charges_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
	"github.com/city-resource-graph/crg/matching/instances"
)

// small shrinks a family until branch and bound finds the optimum at once.
func (f family) small() family {
	f.needs, f.resources = min(f.needs, 6), min(f.resources, 7)
	f.sparseness = min(f.sparseness, 2)
	return f
}

func solve(t *testing.T, p *matching.Problem, workers int) *matching.Solution {
	t.Helper()
	s, err := charges.Solve(context.Background(), p, matching.Options{Workers: workers})
	require.NoError(t, err)
	require.NoError(t, matching.Verify(p, s))
	return s
}

// bound >= optimum >= achieved, always; and achieved is within half a per cent of the optimum on average.
func TestBetweenBoundAndOptimum(t *testing.T) {
	t.Parallel()
	const problems = 6
	for _, f := range families() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			achieved, best := int64(0), int64(0)
			for seed := range uint64(problems) {
				p := f.small().problem(seed)
				s, exact := solve(t, p, 1), optimum(t, p, nil)
				require.GreaterOrEqual(t, s.Bound, exact, "seed %d", seed)
				require.LessOrEqual(t, s.Value, exact, "seed %d", seed)
				achieved, best = achieved+s.Value, best+exact
			}
			require.GreaterOrEqual(t, float64(achieved), 0.995*float64(best))
		})
	}
}

// With lots the same holds, and no pair carries less than its lot.
func TestLots(t *testing.T) {
	t.Parallel()
	achieved, best := int64(0), int64(0)
	for _, f := range families()[:4] {
		for seed := range uint64(6) {
			p := f.small().problem(seed)
			lots := make([]int64, len(p.Edges))
			for i := range p.NeedQuantity {
				for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
					most := min(p.NeedQuantity[i], p.ResourceQuantity[p.Edges[k].Resource])
					lots[k] = 1 + (most-1)*int64(p.Edges[k].Resource%3)/2 // any, half, all or nothing
				}
			}
			s, err := charges.SolveLots(context.Background(), p, lots, matching.Options{Workers: 1})
			require.NoError(t, err)
			require.NoError(t, matching.Verify(p, s))
			for _, flow := range s.Flow {
				require.GreaterOrEqual(t, flow.Quantity, lots[flow.Edge])
			}
			exact := optimum(t, p, lots)
			require.LessOrEqual(t, s.Value, exact)
			achieved, best = achieved+s.Value, best+exact
		}
	}
	require.GreaterOrEqual(t, float64(achieved), 0.99*float64(best))
}

// The search never returns less than dropping unpaid pairs, and on problems of the real shape it closes more than half
// of the gap that this leaves above the best known value.
func TestBetterThanDropping(t *testing.T) {
	t.Parallel()
	naiveGap, gap := int64(0), int64(0)
	for _, f := range families() {
		p := f.problem(1)
		naive, err := matching.Solve(context.Background(), p, matching.Options{})
		require.NoError(t, err)
		s := solve(t, p, 2)
		require.Equal(t, naive.Bound, s.Bound)
		require.GreaterOrEqual(t, s.Value, naive.Value)
		naiveGap, gap = naiveGap+naive.Gap(), gap+s.Gap()
	}
	require.Less(t, 2*gap, naiveGap)
}

func TestSameForAnyNumberOfWorkers(t *testing.T) {
	t.Parallel()
	p := families()[4].problem(3)
	require.Equal(t, solve(t, p, 1).Flow, solve(t, p, 4).Flow)
}

// Components are searched on their own, so a component alone gives what it gives within the whole.
func TestPartsAddUp(t *testing.T) {
	t.Parallel()
	f := families()[4]
	f.sparseness = 40 // falls apart
	p := f.problem(2)
	whole, sum := solve(t, p, 1), int64(0)
	components := matching.Components(p)
	require.Greater(t, len(components), 3)
	for _, needs := range components {
		sum += solve(t, &matching.NewPart(p, needs).Problem, 1).Value
	}
	require.Equal(t, whole.Value, sum)
}

func TestWithoutChargesItIsTheLinearOptimum(t *testing.T) {
	t.Parallel()
	p := families()[0].problem(1)
	for k := range p.Charges {
		p.Charges[k] = 0
	}
	require.True(t, solve(t, p, 1).Optimal)
	p.Charges = nil
	require.True(t, solve(t, p, 1).Optimal)
}

func TestCancelledSearchReturnsItsBest(t *testing.T) {
	t.Parallel()
	p := families()[0].problem(1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s, err := charges.Solve(ctx, p, matching.Options{})
	require.NoError(t, err)
	require.True(t, s.Stopped)
	require.NoError(t, matching.Verify(p, s))
}

// A known allocation is begun at, too: the result is worth no less, and where nothing better is found it is that one.
func TestKnownAllocation(t *testing.T) {
	t.Parallel()
	for _, f := range families() {
		p := f.problem(4)
		best := solve(t, p, 1)
		kept, err := charges.SolveTerms(context.Background(), p, charges.Terms{Known: best.Flow}, matching.Options{})
		require.NoError(t, err)
		require.GreaterOrEqual(t, kept.Value, best.Value)
		require.NoError(t, matching.Verify(p, kept))
		if kept.Value == best.Value {
			require.Equal(t, best.Flow, kept.Flow, f.name)
		}
		// One that does not fit any more is cut to what does.
		small := *p
		small.NeedQuantity = slices.Clone(p.NeedQuantity)
		for i := range small.NeedQuantity {
			small.NeedQuantity[i] = max(1, small.NeedQuantity[i]-int64(i%4))
		}
		cut, err := charges.SolveTerms(context.Background(), &small, charges.Terms{Known: best.Flow}, matching.Options{})
		require.NoError(t, err)
		require.NoError(t, matching.Verify(&small, cut))
	}
}

func TestLotsAreThoseOfTheEdges(t *testing.T) {
	t.Parallel()
	p := instances.Random(5, 5, 3, 4, 20, 1)
	_, err := charges.SolveLots(t.Context(), p, make([]int64, len(p.Edges)-1), matching.Options{})
	require.ErrorContains(t, err, fmt.Sprintf("charges: len(Lots) is %d, want %d, the number of edges", len(p.Edges)-1, len(p.Edges)))
}
