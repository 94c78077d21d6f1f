package candidates_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
)

func generate(t *testing.T, s *candidates.Snapshot, opts candidates.Options) *candidates.Graph {
	t.Helper()
	g, err := candidates.Generate(context.Background(), s, opts)
	require.NoError(t, err)
	require.NoError(t, g.Validate())
	return g
}

var towns = []town{
	{needs: 0, resources: 0, leaves: 1, metres: 5_000, seed: 1},
	{needs: 1, resources: 1, leaves: 1, metres: 10, seed: 2},
	{needs: 60, resources: 80, leaves: 2, metres: 8_000, seed: 3},
	{needs: 200, resources: 150, leaves: 5, metres: 20_000, seed: 4},
	{needs: 300, resources: 300, leaves: 3, metres: 300, seed: 5},
	{needs: 200, resources: 150, leaves: 3, metres: 20_000, seed: 9, floors: true},
}

// The grid finds exactly the pairs that a double loop over the words of the listings finds, with the same scores, and
// the funnel counts the others where the double loop does.
func TestGenerateAgreesWithDoubleLoop(t *testing.T) {
	t.Parallel()
	for _, town := range towns {
		s := town.snapshot()
		g := generate(t, s, candidates.Options{PerNeed: -1})
		funnels := funnelsOf(t, s, g.Unserved)
		for i := range s.Needs {
			expected := candidates.Funnel{Need: int32(i)}
			for r := range s.Resources {
				filter, score, charge, passes := naive(s, &s.Resources[r], &s.Needs[i])
				edge, found := g.Edge(int32(i), int32(r))
				require.Equal(t, passes, found, "town %d: need %d, resource %d: %s", town.seed, i, r, filter)
				if !passes {
					expected.Rejected[filter]++
					continue
				}
				expected.Candidates++
				require.InDelta(t, score, g.Edges[edge].Value, 1)
				require.InDelta(t, charge, g.Charges[edge], 1)
				require.Equal(t, max(naiveLot(&s.Resources[r]), naiveLotOfNeed(&s.Needs[i])), lotOf(g, edge))
			}
			if expected.Candidates == 0 {
				require.Equal(t, expected, funnels[int32(i)])
			}
		}
	}
}

func lotOf(g *candidates.Graph, edge int32) int64 {
	if g.Lots == nil {
		return 1
	}
	return g.Lots[edge]
}

func funnelsOf(t *testing.T, s *candidates.Snapshot, needs []int32) map[int32]candidates.Funnel {
	t.Helper()
	index, err := candidates.NewIndex(s)
	require.NoError(t, err)
	list, err := index.Funnels(context.Background(), needs)
	require.NoError(t, err)
	funnels := map[int32]candidates.Funnel{}
	for _, f := range list {
		funnels[f.Need] = f
	}
	return funnels
}

func TestGenerateIsTheSameForAnyNumberOfWorkersAndAnyOrder(t *testing.T) {
	t.Parallel()
	s := town{needs: 2_000, resources: 2_000, leaves: 4, metres: 15_000, seed: 6}.snapshot()
	one := generate(t, s, candidates.Options{Workers: 1, PerNeed: 8})
	require.Equal(t, one, generate(t, s, candidates.Options{Workers: 5, PerNeed: 8}))
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(s.Needs), func(i, j int) { s.Needs[i], s.Needs[j] = s.Needs[j], s.Needs[i] })
	_, err := candidates.Generate(context.Background(), s, candidates.Options{})
	require.ErrorContains(t, err, "want ascending ids")
	s.Canonicalise()
	require.Equal(t, one, generate(t, s, candidates.Options{PerNeed: 8}))
}

// What was cut off is worth no more than the bound says, and the best stay.
func TestCutBoundHolds(t *testing.T) {
	t.Parallel()
	for _, perNeed := range []int{1, 3, 10} {
		s := town{needs: 400, resources: 400, leaves: 2, metres: 6_000, seed: 7, floors: perNeed == 3}.snapshot()
		full, cut := generate(t, s, candidates.Options{PerNeed: -1}), generate(t, s, candidates.Options{PerNeed: perNeed})
		amortised := full.Amortised()
		for i := range s.Needs {
			require.LessOrEqual(t, len(cut.Row(i)), perNeed)
			for k, e := range full.Row(i) {
				if _, kept := cut.Edge(int32(i), e.Resource); !kept {
					require.LessOrEqual(t, amortised.Edges[int(full.RowStart[i])+k].Value, cut.CutBound[i])
				}
			}
		}
		require.Positive(t, cut.Cut)
	}
}

// Solving the cut graph and pricing in what is missing ends at the optimum of the full graph, and the check over all
// pairs accepts its prices; the prices of the cut graph alone it refuses.
func TestSolveProvenReachesTheFullGraph(t *testing.T) {
	t.Parallel()
	for _, floors := range []bool{false, true} {
		solveProvenReachesTheFullGraph(t, town{needs: 500, resources: 300, leaves: 2, metres: 5_000, seed: 8, floors: floors}.snapshot())
	}
}

func solveProvenReachesTheFullGraph(t *testing.T, s *candidates.Snapshot) {
	t.Helper()
	ctx := context.Background()
	index, err := candidates.NewIndex(s)
	require.NoError(t, err)
	full, err := matching.Solve(ctx, &generate(t, s, candidates.Options{PerNeed: -1}).Problem, matching.Options{})
	require.NoError(t, err)

	cut := generate(t, s, candidates.Options{PerNeed: 2})
	first, err := matching.Solve(ctx, &cut.Problem, matching.Options{})
	require.NoError(t, err)
	var violation *candidates.Violation
	require.ErrorAs(t, index.CheckCut(ctx, first), &violation)
	require.Greater(t, violation.Worth, violation.NeedPrice+violation.ResourcePrice)

	wide, solution, proof, err := candidates.SolveProven(ctx, index, cut, matching.Options{})
	require.NoError(t, err)
	require.NoError(t, matching.Verify(&wide.Problem, solution))
	require.NoError(t, index.CheckCut(ctx, solution))
	require.Equal(t, full.Bound, solution.Bound)
	require.False(t, proof.Covered)
	require.Positive(t, proof.Added)
	require.Less(t, wide.Candidates(), generate(t, s, candidates.Options{PerNeed: -1}).Candidates())

	cut.CoverCut(first)
	require.NoError(t, matching.Verify(&cut.Problem, first))
	require.NoError(t, index.CheckCut(ctx, first))
	require.GreaterOrEqual(t, first.Bound, full.Bound)
}

// A need's candidates, and the bound on what it lost, do not depend on what was learnt from the needs before it.
func TestANeedFindsTheSameAloneAndAmongOthers(t *testing.T) {
	t.Parallel()
	for _, charge := range []candidates.TripCharge{{FixedMinor: 750, MilliMinorPerKm: 113_097}, {MilliMinorPerKm: 300}, {}} {
		s := town{needs: 600, resources: 3000, leaves: 2, metres: 6_000, seed: 10, plain: true}.snapshot()
		for k := range s.UnitValues {
			s.UnitValues[k].Charge = charge
		}
		s.Needs[490].Leaf = "goods.unheard-of"
		for _, perNeed := range []int{1, 12} {
			opts := candidates.Options{PerNeed: perNeed}
			among := generate(t, s, opts)
			for i := 0; i < len(s.Needs); i += 7 {
				one := *s
				one.Needs = s.Needs[i : i+1]
				alone := generate(t, &one, opts)
				require.Equal(t, alone.Row(0), among.Row(i), "need %d of %d candidates, charge %+v", i, perNeed, charge)
				require.Equal(t, alone.CutBound[0], among.CutBound[i])
			}
		}
	}
}

// A graph holds scores and charges of any size that a snapshot may have.
func TestScoresAndChargesOfAnySize(t *testing.T) {
	t.Parallel()
	s := town{needs: 60, resources: 80, leaves: 1, metres: 8_000, seed: 11, plain: true}.snapshot()
	s.Scoring.Urgency.High, s.Scoring.Success = 900, nil
	s.UnitValues[0].Fixed, s.UnitValues[0].WithCondition = city.MaxUnitPrice, 0
	s.UnitValues[0].Charge = candidates.TripCharge{FixedMinor: city.MaxUnitPrice, MilliMinorPerKm: city.MaxUnitPrice}
	index, err := candidates.NewIndex(s)
	require.NoError(t, err)
	g, largest := generate(t, s, candidates.Options{}), int64(0)
	for i := range s.Needs {
		for k, e := range g.Row(i) {
			_, parts, passes := index.Pair(int32(i), e.Resource)
			require.True(t, passes)
			require.Equal(t, parts.Score, e.Value)
			require.Equal(t, parts.Charge, g.Charges[int(g.RowStart[i])+k])
			largest = max(largest, e.Value)
		}
	}
	require.Greater(t, largest, int64(math.MaxInt32))
}
