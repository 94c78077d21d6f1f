package findings_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/findings"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/charges"
)

// town solves a small city of food at random, with a trip charge or without.
func town(t *testing.T, seed uint64, charge int64) *findings.Solved {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	snapshot := &candidates.Snapshot{
		Version: candidates.SnapshotVersion, City: "test", Run: "r1", Now: now, Plane: city.Plane{Centre: city.Point{Lon: -77, Lat: 38.9}},
		Currency: "USD", PriceYear: 2025, Scoring: candidates.NeutralScoring(),
		UnitValues: []candidates.UnitValue{{
			Leaf: "food.produce", Fixed: 40, WithCondition: 200, Charge: candidates.TripCharge{FixedMinor: charge, MilliMinorPerKm: charge * 100},
		}},
	}
	for k := range 3 {
		r := listing(city.ResourceSide, fmt.Sprint("r", k), 5+random.Int64N(20), random.Float64()*60, "1")
		r.Resource.Condition = 0.3 + 0.7*random.Float64()
		snapshot.Resources = append(snapshot.Resources, r)
	}
	for k := range 4 {
		snapshot.Needs = append(snapshot.Needs, listing(city.NeedSide, fmt.Sprint("n", k), 3+random.Int64N(15), random.Float64()*60, "1"))
	}
	snapshot.Canonicalise()
	graph, err := candidates.Generate(t.Context(), snapshot, candidates.Options{})
	require.NoError(t, err)
	solution, err := charges.Solve(t.Context(), &graph.Problem, matching.Options{})
	require.NoError(t, err)
	return findings.New(snapshot, graph, solution, nil)
}

// without solves the city again after change, and says what that scores and what nothing could score above.
func without(t *testing.T, s *findings.Solved, change func(p *matching.Problem)) (value, bound int64) {
	t.Helper()
	p := s.Graph.Problem
	p.Edges = append([]matching.Edge(nil), p.Edges...)
	p.NeedQuantity, p.ResourceQuantity = append([]int64(nil), p.NeedQuantity...), append([]int64(nil), p.ResourceQuantity...)
	change(&p)
	solution, err := charges.Solve(t.Context(), &p, matching.Options{})
	require.NoError(t, err)
	return solution.Value, solution.Bound
}

// Whatever is refused or forced, the cost encloses what solving again loses; without charges it is just that.
func TestCostOfAChoiceEnclosesWhatSolvingAgainLoses(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		for _, charge := range []int64{0, 400} {
			s := town(t, seed, charge)
			choices, err := s.Choices(t.Context())
			require.NoError(t, err)
			for _, p := range s.Pairs() {
				what := fmt.Sprintf("seed %d, charge %d, %s to %s", seed, charge, p.Resource.ID, p.Need.ID)
				cost, err := choices.Refuse(p.Need.ID, p.Resource.ID)
				require.NoError(t, err)
				require.Equal(t, p.Quantity, cost.Quantity)
				value, bound := without(t, s, func(problem *matching.Problem) { problem.Edges[p.Edge].Value = 0 })
				require.LessOrEqual(t, cost.AtLeast, cost.AtMost, what)
				require.GreaterOrEqual(t, cost.AtMost, s.Solution.Value-bound, what)
				require.LessOrEqual(t, cost.AtLeast, max(0, s.Solution.Value-value), what)
				if charge == 0 {
					require.Equal(t, s.Solution.Value-value, cost.AtLeast, what)
					require.Equal(t, cost.AtLeast, cost.AtMost, what)
				}
				others, err := choices.Others(p.Need.ID, p.Resource.ID, 2)
				require.NoError(t, err)
				for _, other := range others {
					require.LessOrEqual(t, other.Cost.AtLeast, other.Cost.AtMost, what)
					require.NotEqual(t, [2]city.ListingID{p.Need.ID, p.Resource.ID}, [2]city.ListingID{other.Need, other.Resource})
				}
			}
			again, err := s.Choices(t.Context())
			require.NoError(t, err)
			for _, p := range s.Pairs() { // questions leave nothing behind
				first, err := choices.Refuse(p.Need.ID, p.Resource.ID)
				require.NoError(t, err)
				second, err := again.Refuse(p.Need.ID, p.Resource.ID)
				require.NoError(t, err)
				require.Equal(t, [2]int64{second.AtLeast, second.AtMost}, [2]int64{first.AtLeast, first.AtMost}, "of equals, others may move")
			}
		}
	}
}

func TestForcingAnotherPair(t *testing.T) {
	t.Parallel()
	s := solved(t)
	choices, err := s.Choices(t.Context())
	require.NoError(t, err)
	// All of r1 goes to n2, so that two trips are enough. Whoever wants 20 kg of it at n1 pays for a third.
	_, err = choices.Refuse("n1", "r1")
	require.ErrorIs(t, err, findings.ErrNotProposed)
	cost, err := choices.Force("n1", "r1", 20)
	require.NoError(t, err)
	require.Equal(t, int64(20), cost.Quantity)
	require.Positive(t, cost.AtMost)
	require.LessOrEqual(t, cost.AtLeast, cost.AtMost)
	require.Equal(t, int64(20), cost.ValidFor)
	require.NotEmpty(t, cost.Instead)

	_, err = choices.Force("n3", "r1", 1)
	require.ErrorIs(t, err, findings.ErrNotCandidate)
	_, err = choices.Refuse("n1", "r9")
	require.ErrorIs(t, err, findings.ErrNotCandidate)
}
