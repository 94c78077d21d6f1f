package fairness_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/certificate"
	"github.com/city-resource-graph/crg/matching/fairness"
	"github.com/city-resource-graph/crg/matching/instances"
)

func charged(p *matching.Problem, largest int64) *matching.Problem {
	r := rand.New(rand.NewPCG(3, 3))
	p.Charges = make([]int64, len(p.Edges))
	for k := range p.Charges {
		p.Charges[k] = r.Int64N(largest)
	}
	return p
}

func even(need int32) bool { return need%2 == 0 }

// Without charges more bonus never means a smaller share or a smaller loss.
func TestCurveRises(t *testing.T) {
	t.Parallel()
	q := fairness.Question{Problem: instances.Random(60, 40, 8, 9, 100, 1), Group: even}
	points, err := fairness.Curve(context.Background(), q, []int64{1, 5, 20, 100, 500}, 1)
	require.NoError(t, err)
	require.Len(t, points, 6)
	require.Zero(t, points[0].Loss)
	for k := 1; k < len(points); k++ {
		require.GreaterOrEqual(t, points[k].Group, points[k-1].Group)
		require.GreaterOrEqual(t, points[k].Loss, points[k-1].Loss)
		// Nobody pays more for a unit than its bonus.
		require.LessOrEqual(t, points[k].Loss-points[k-1].Loss, points[k].Bonus*(points[k].Group-points[k-1].Group))
	}
	require.Greater(t, points[5].Share(), points[0].Share())
	_, err = fairness.Curve(context.Background(), q, []int64{-1}, 1)
	require.ErrorContains(t, err, "bonus -1")
}

func TestFloors(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*matching.Problem{
		"linear": instances.Random(60, 40, 8, 9, 100, 2), "charged": charged(instances.Random(60, 40, 8, 9, 100, 2), 150),
	} {
		everyThird := func(remainder int32) func(int32) bool { return func(need int32) bool { return need%3 == remainder } }
		free, err := fairness.Floors(context.Background(), p, []fairness.Floor{{Name: "none", Group: even}}, matching.Options{Workers: 1})
		require.NoError(t, err, name)
		require.Zero(t, free.Prices[0].Multiplier)

		floors := []fairness.Floor{{Name: "a", Group: everyThird(0), Least: 80}, {Name: "b", Group: everyThird(1), Least: 75}}
		kept, err := fairness.Floors(context.Background(), p, floors, matching.Options{Workers: 1})
		require.NoError(t, err, name)
		for k, price := range kept.Prices {
			require.GreaterOrEqual(t, price.Reached, floors[k].Least)
		}
		require.LessOrEqual(t, kept.Solution.Value, kept.Bound)
		require.Less(t, kept.Solution.Value, free.Solution.Value)

		_, err = fairness.Floors(context.Background(), p, []fairness.Floor{{Name: "moon", Group: even, Least: 1 << 30}}, matching.Options{Workers: 1})
		require.ErrorIs(t, err, fairness.ErrUnreachable)
	}
}

// Scaling the values of each tier by a factor beyond all that the later ones can be worth is the definition of strict
// order, and affordable on small problems: freezing faces must give the same value to every tier.
func TestTiersAreLexicographic(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for seed := range uint64(40) {
		p := instances.Random(24, 14, 5, 6, 12, seed) // few values, many ties: the face is large
		tier := make([]int, len(p.NeedQuantity))
		for i := range tier {
			tier[i] = 1 + i%3
		}
		tiered, err := fairness.Tiers(ctx, p, tier, 1)
		require.NoError(t, err)

		scaled := *p
		scaled.Edges = append([]matching.Edge(nil), p.Edges...)
		for i := range p.NeedQuantity {
			for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
				scaled.Edges[k].Value *= []int64{1 << 28, 1 << 14, 1}[tier[i]-1]
			}
		}
		s, err := matching.Solve(ctx, &scaled, matching.Options{})
		require.NoError(t, err)
		expected, got := make([]int64, 4), make([]int64, 4)
		for _, f := range s.Flow {
			expected[tier[f.Need]] += f.Quantity * p.Edges[f.Edge].Value
		}
		for _, f := range tiered.Flow {
			got[tier[f.Need]] += f.Quantity * p.Edges[f.Edge].Value
		}
		require.Equal(t, expected, got, "seed %d", seed)
		for k, result := range tiered.Tiers {
			require.Equal(t, got[k+1], result.Value)
			require.Equal(t, result.Bound, result.Value)
		}
	}
}

// Each tier's prices prove its bound, and only they: one changed by one is another bound, or none.
func TestEveryPriceOfATierIsPartOfItsProof(t *testing.T) {
	t.Parallel()
	for _, charge := range []int64{1, 30} { // the first is none: charges below 1
		p := charged(instances.Random(30, 20, 6, 20, 40, 4), charge)
		tier := make([]int, len(p.NeedQuantity))
		for i := range tier {
			tier[i] = i % 3
		}
		tiered, err := fairness.Tiers(t.Context(), p, tier, 1)
		require.NoError(t, err)
		var flows []certificate.Flow
		for _, f := range tiered.Flow {
			flows = append(flows, certificate.Flow{Edge: f.Edge, Quantity: f.Quantity})
		}
		in := &certificate.Instance[matching.Edge]{
			NeedQuantity: p.NeedQuantity, ResourceQuantity: p.ResourceQuantity, RowStart: p.RowStart, Edges: p.Edges, Charges: p.Charges,
		}
		require.NoError(t, certificate.CheckOrder(in, tier, flows, tiered.Proof))
		for k := range tiered.Proof {
			for _, side := range [][]int64{tiered.Proof[k].NeedPrice, tiered.Proof[k].ResourcePrice} {
				for at := range side {
					for _, by := range []int64{-1, 1} {
						side[at] += by
						err := certificate.CheckOrder(in, tier, flows, tiered.Proof)
						side[at] -= by
						takesNoPart := charge > 1 && (len(side) == len(tier) && tier[at] != k || len(side) < len(tier) && by > 0)
						if !takesNoPart { // of a tier with trips: another tier's needs, resources that are used up
							require.Error(t, err, "tier %d, price %d of %d", k, at, len(side))
						}
					}
				}
			}
		}
	}
}

func TestTiersWithTripsAreServedInTurn(t *testing.T) {
	t.Parallel()
	p := charged(instances.Random(30, 20, 6, 20, 40, 4), 200)
	tier := make([]int, len(p.NeedQuantity))
	for i := range tier {
		tier[i] = 3 - i%2
	}
	tiered, err := fairness.Tiers(context.Background(), p, tier, 1)
	require.NoError(t, err)
	require.Equal(t, []int{2, 3}, []int{tiered.Tiers[0].Tier, tiered.Tiers[1].Tier})
	used := make([]int64, len(p.ResourceQuantity))
	for _, f := range tiered.Flow {
		used[p.Edges[f.Edge].Resource] += f.Quantity
	}
	for r, q := range p.ResourceQuantity {
		require.LessOrEqual(t, used[r], q)
	}
	_, err = fairness.Tiers(context.Background(), p, tier[1:], 1)
	require.ErrorContains(t, err, "29 for 30 needs")
}

// One bonus moves every unit that is worth the same: the group gets what it asks for and no more, at what that costs.
func TestAFloorIsKeptByNoMoreThanItAsksFor(t *testing.T) {
	t.Parallel()
	p := &matching.Problem{RowStart: []int32{0}, ResourceQuantity: []int64{1000}}
	for need := range int64(20) {
		p.NeedQuantity = append(p.NeedQuantity, 100)
		p.Edges = append(p.Edges, matching.Edge{Value: 10 - need%2}) // the group's are worth 10, the others' 9
		p.RowStart = append(p.RowStart, int32(len(p.Edges)))
	}
	odd := func(need int32) bool { return !even(need) }
	kept, err := fairness.Floors(context.Background(), p, []fairness.Floor{{Name: "odd", Group: odd, Least: 333}}, matching.Options{})
	require.NoError(t, err)
	require.Equal(t, []fairness.Price{{Name: "odd", Least: 333, Reached: 333, Multiplier: 1}}, kept.Prices)
	require.True(t, kept.Solution.Optimal)

	none, err := fairness.Floors(context.Background(), p, []fairness.Floor{{Name: "even", Group: even, Least: 1000}}, matching.Options{})
	require.NoError(t, err)
	require.Zero(t, none.Prices[0].Multiplier, "what they get anyhow costs nothing")
	require.EqualValues(t, 333, none.Solution.Value-kept.Solution.Value)

	_, err = fairness.Floors(context.Background(), p, []fairness.Floor{
		{Name: "odd", Group: odd, Least: 600}, {Name: "even", Group: even, Least: 500}, {Name: "all", Least: 900, Group: func(int32) bool { return true }},
	}, matching.Options{})
	require.EqualError(t, err, "floor odd of 600: the floor cannot be reached together with the others; "+
		"possible together: odd 546 of 600 (alone 1000) even 454 of 500 (alone 1000)")
}

// Bonuses of floors that nobody has checked end where a problem cannot hold them, and prove nothing.
func TestBonusesEndAtTheLargestValue(t *testing.T) {
	t.Parallel()
	p := &matching.Problem{
		NeedQuantity: []int64{2}, ResourceQuantity: []int64{1}, RowStart: []int32{0, 1}, Edges: []matching.Edge{{Value: 5}},
	}
	floors := []fairness.Floor{{Name: "none", Group: even}, {Name: "even", Group: even, Least: 2}}
	_, _, err := fairness.Bonuses(t.Context(), p, floors, 1)
	var unreachable *fairness.UnreachableError
	require.ErrorAs(t, err, &unreachable)
	require.True(t, unreachable.Unproven)
	require.Equal(t, 1, unreachable.Floor)
}

// A search that may not try any price says what there is without.
func TestRaisingThatMayNotRaise(t *testing.T) {
	t.Parallel()
	market := func(context.Context, []int64) (*fairness.Outcome, error) {
		return &fairness.Outcome{Reached: []int64{7}}, nil
	}
	_, _, err := fairness.Raise(t.Context(), []fairness.Floor{{Name: "even", Group: even, Least: 9}}, []int64{3}, 3, market)
	var unreachable *fairness.UnreachableError
	require.ErrorAs(t, err, &unreachable)
	require.True(t, unreachable.Unproven)
	require.EqualValues(t, 7, unreachable.AtMost)
}
