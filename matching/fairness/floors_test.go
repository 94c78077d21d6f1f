package fairness_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/fairness"
)

// tiny draws a problem that can be solved by trying everything: values of both signs, charges, several needs a group.
func tiny(t *rapid.T) *matching.Problem {
	needs, resources := rapid.IntRange(2, 4).Draw(t, "needs"), rapid.IntRange(1, 3).Draw(t, "resources")
	p := &matching.Problem{RowStart: []int32{0}}
	for range resources {
		p.ResourceQuantity = append(p.ResourceQuantity, rapid.Int64Range(0, 3).Draw(t, "offered"))
	}
	for range needs {
		p.NeedQuantity = append(p.NeedQuantity, rapid.Int64Range(0, 2).Draw(t, "wanted"))
		for r := range resources {
			if rapid.Bool().Draw(t, "edge") {
				p.Edges = append(p.Edges, matching.Edge{Resource: int32(r), Value: rapid.Int64Range(-3, 9).Draw(t, "value")})
				p.Charges = append(p.Charges, rapid.Int64Range(0, 6).Draw(t, "charge"))
			}
		}
		p.RowStart = append(p.RowStart, int32(len(p.Edges)))
	}
	if rapid.Bool().Draw(t, "free trips") {
		p.Charges = nil
	}
	return p
}

// bestOf tries every allocation and returns the value of the best one that keeps the floors, and what each floor's group
// can get at most, whatever the others get.
func bestOf(p *matching.Problem, floors []fairness.Floor) (best int64, reach []int64) {
	needOf := make([]int32, len(p.Edges))
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			needOf[k] = int32(i)
		}
	}
	best, reach = math.MinInt64, make([]int64, len(floors))
	wanted, offered := append([]int64(nil), p.NeedQuantity...), append([]int64(nil), p.ResourceQuantity...)
	got := make([]int64, len(floors))
	var try func(k int, value int64)
	try = func(k int, value int64) {
		if k == len(p.Edges) {
			kept := true
			for f := range floors {
				reach[f] = max(reach[f], got[f])
				kept = kept && got[f] >= floors[f].Least
			}
			if kept {
				best = max(best, value)
			}
			return
		}
		e, i := p.Edges[k], needOf[k]
		for q := int64(0); q <= min(wanted[i], offered[e.Resource]); q++ {
			change := q * e.Value
			if q > 0 && p.Charges != nil {
				change -= p.Charges[k]
			}
			move := func(q int64) {
				wanted[i], offered[e.Resource] = wanted[i]-q, offered[e.Resource]-q
				for f := range floors {
					if floors[f].Group(i) && (floors[f].Counts == nil || floors[f].Counts(e.Resource)) {
						got[f] += q
					}
				}
			}
			move(q)
			try(k+1, value+change)
			move(-q)
		}
	}
	try(0, 0)
	return best, reach
}

// What the first tier gets is an allocation of it, and its bound holds for each; lots and trips are kept to.
func TestTheFirstTierGetsWhatItCan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := tiny(t)
		tier := make([]int, len(p.NeedQuantity))
		for i := range tier {
			tier[i] = 1 + i%2
		}
		tiered, err := fairness.Tiers(context.Background(), p, tier, 1)
		require.NoError(t, err)
		first := *p
		first.NeedQuantity = append([]int64(nil), p.NeedQuantity...)
		for i := range tier {
			first.NeedQuantity[i] *= int64(2 - tier[i])
		}
		best, _ := bestOf(&first, nil)
		require.LessOrEqual(t, tiered.Tiers[0].Value, best)
		require.GreaterOrEqual(t, tiered.Tiers[0].Bound, best)
		used := make([]int64, len(p.ResourceQuantity))
		for _, f := range tiered.Flow {
			used[p.Edges[f.Edge].Resource] += f.Quantity
		}
		for r := range used {
			require.LessOrEqual(t, used[r], p.ResourceQuantity[r])
		}
	})
}

// No allocation that keeps the floors is worth more than the bound; the one that is found keeps them; and what cannot be
// kept is refused, with what could be.
func TestFloorsHoldAgainstEveryAllocation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := tiny(t)
		floors := []fairness.Floor{{Name: "even", Group: even, Least: rapid.Int64Range(0, 4).Draw(t, "least")}}
		if rapid.Bool().Draw(t, "two") {
			floors = append(floors, fairness.Floor{
				Name: "odd", Group: func(need int32) bool { return !even(need) },
				Counts: func(resource int32) bool { return resource == 0 }, Least: rapid.Int64Range(0, 2).Draw(t, "least of the other"),
			})
		}
		best, reach := bestOf(p, floors)
		for k := range floors {
			most, err := fairness.Reachable(context.Background(), p, floors[k].CountsPair, 1)
			require.NoError(t, err)
			require.Equal(t, reach[k], most)
		}
		kept, err := fairness.Floors(context.Background(), p, floors, 1)
		var unreachable *fairness.UnreachableError
		if errors.As(err, &unreachable) {
			// One multiplier moves whole allocations: of two floors that can just be kept together it may miss the one that keeps both.
			require.True(t, best == math.MinInt64 || len(floors) == 2, "a single floor that can be kept is kept")
			return
		}
		require.NoError(t, err)
		require.NotEqual(t, int64(math.MinInt64), best)
		require.GreaterOrEqual(t, kept.Bound, best, "the bound holds for every allocation")
		require.LessOrEqual(t, kept.Solution.Value, best, "the value is that of an allocation that keeps the floors")
		for k, price := range kept.Prices {
			require.GreaterOrEqual(t, price.Reached, floors[k].Least)
			require.GreaterOrEqual(t, price.Multiplier, int64(0))
		}
		if kept.Solution.Optimal {
			require.Equal(t, best, kept.Solution.Value)
		}
	})
}
