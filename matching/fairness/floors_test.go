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

// families of floors: how their groups lie to one another, and whether what is said of them is exact.
var families = []struct {
	name  string
	exact bool
	draw  func(t *rapid.T) []fairness.Floor
}{
	{"one", true, func(t *rapid.T) []fairness.Floor { return []fairness.Floor{asks(t, "even", 4, even)} }},
	{"disjoint", true, func(t *rapid.T) []fairness.Floor {
		return []fairness.Floor{asks(t, "even", 4, even), asks(t, "odd", 4, func(need int32) bool { return !even(need) })}
	}},
	{"nested", true, func(t *rapid.T) []fairness.Floor {
		below := func(n int32) func(int32) bool { return func(need int32) bool { return need < n } }
		return []fairness.Floor{asks(t, "some", 4, below(3)), asks(t, "first", 2, below(1)), asks(t, "all", 6, below(9)), asks(t, "same", 3, below(3))}
	}},
	{"crossing", false, func(t *rapid.T) []fairness.Floor {
		return []fairness.Floor{asks(t, "even", 4, even), asks(t, "early", 3, func(need int32) bool { return need < 2 })}
	}},
	{"crossing each other", false, func(t *rapid.T) []fairness.Floor {
		return []fairness.Floor{
			asks(t, "even", 4, even), asks(t, "early", 3, func(need int32) bool { return need < 2 }),
			asks(t, "late", 4, func(need int32) bool { return need > 0 }),
		}
	}},
	{"of some resources", false, func(t *rapid.T) []fairness.Floor {
		floors := []fairness.Floor{asks(t, "even", 3, even), asks(t, "odd", 3, func(need int32) bool { return !even(need) })}
		floors[1].Counts = func(resource int32) bool { return resource == 0 }
		return floors
	}},
}

func asks(t *rapid.T, name string, most int64, group func(int32) bool) fairness.Floor {
	return fairness.Floor{Name: name, Group: group, Least: rapid.Int64Range(0, most).Draw(t, name+" asks")}
}

// Every floor is kept; no allocation that keeps them is worth more than the bound, which prices prove; what is said to be
// optimal is the best there is; and what some allocation keeps is never refused, unless floors cross and it is said that
// nothing is proven, which is rare. A refusal names what would be possible, alone and together.
func TestFloorsHoldAgainstEveryAllocation(t *testing.T) {
	t.Parallel()
	for _, family := range families {
		t.Run(family.name, func(t *testing.T) {
			t.Parallel()
			kept, missed := 0, 0 // of floors that some allocation keeps
			rapid.Check(t, func(t *rapid.T) {
				p := tiny(t)
				floors := family.draw(t)
				best, reach := bestOf(p, floors)
				found, err := fairness.Floors(context.Background(), p, floors, matching.Options{Workers: 1})
				var refused *fairness.UnreachableError
				if errors.As(err, &refused) {
					if best != math.MinInt64 {
						missed++
					}
					requireRefused(t, p, floors, refused, best, reach, family.exact)
					return
				}
				require.NoError(t, err)
				kept++
				requireKept(t, p, floors, found, best)
				if family.exact && p.Charges == nil {
					require.True(t, found.Solution.Optimal)
				}
			})
			t.Logf("kept %d, missed %d", kept, missed)
			require.Greater(t, kept, 4*missed)
		})
	}
}

func requireKept(t *rapid.T, p *matching.Problem, floors []fairness.Floor, kept *fairness.Floored, best int64) {
	require.NotEqual(t, int64(math.MinInt64), best)
	require.GreaterOrEqual(t, kept.Bound, best, "the bound holds for every allocation")
	require.LessOrEqual(t, kept.Solution.Value, best, "the value is that of an allocation that keeps the floors")
	if kept.Solution.Optimal {
		require.Equal(t, best, kept.Solution.Value)
	}
	for k, price := range kept.Prices {
		require.GreaterOrEqual(t, price.Reached, floors[k].Least)
		require.GreaterOrEqual(t, price.Multiplier, int64(0))
	}
	// The checker, which knows of no floors, sees the problem with bonuses.
	multipliers := make([]int64, len(floors))
	for f := range floors {
		multipliers[f] = kept.Prices[f].Multiplier
	}
	s := *kept.Solution
	for _, price := range kept.Prices {
		s.Value += price.Multiplier * price.Reached
	}
	s.Optimal = s.Value == s.Bound
	require.NoError(t, matching.Verify(rewarded(p, floors, multipliers), &s))
}

// rewarded is the problem with bonuses.
func rewarded(p *matching.Problem, floors []fairness.Floor, bonuses []int64) *matching.Problem {
	q := *p
	q.Edges = append([]matching.Edge(nil), p.Edges...)
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			for f := range floors {
				if floors[f].CountsPair(int32(i), p.Edges[k].Resource) {
					q.Edges[k].Value += bonuses[f]
				}
			}
		}
	}
	return &q
}

func requireRefused(
	t *rapid.T, p *matching.Problem, floors []fairness.Floor, refused *fairness.UnreachableError, best int64, reach []int64, exact bool,
) {
	if refused.Unproven {
		require.False(t, exact, "nested and disjoint floors are decided: %v", refused)
		return
	}
	require.Equal(t, int64(math.MinInt64), best, "what can be kept is kept: %v", refused)
	require.Equal(t, reach[refused.Floor], refused.AtMost)
	if !refused.Together {
		require.Less(t, refused.AtMost, floors[refused.Floor].Least)
		return
	}
	require.True(t, refused.AnyFewer || !exact && len(refused.Among) > 2)
	for k := 0; k < len(refused.Among) && refused.AnyFewer; k++ {
		var fewer []fairness.Floor
		for other, rival := range refused.Among {
			if other != k {
				fewer = append(fewer, floors[rival.Floor])
			}
		}
		best, _ := bestOf(p, fewer)
		require.NotEqual(t, int64(math.MinInt64), best)
	}
	for _, part := range [][]bool{nil, make([]bool, len(floors))} { // none but the rivals; and with what is possible of them
		asked := make([]fairness.Floor, len(refused.Among))
		for k, rival := range refused.Among {
			require.Equal(t, reach[rival.Floor], rival.Alone)
			require.Equal(t, floors[rival.Floor].Least, rival.Least)
			require.LessOrEqual(t, rival.Possible, rival.Least)
			asked[k] = floors[rival.Floor]
			if part != nil {
				asked[k].Least = rival.Possible
			}
		}
		best, _ := bestOf(p, asked)
		require.Equal(t, part == nil, best == math.MinInt64, "%v", refused)
	}
}
