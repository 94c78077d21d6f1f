package fairness_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
	"github.com/city-resource-graph/crg/matching/fairness"
	"github.com/city-resource-graph/crg/matching/instances"
)

// Whatever an allocation was found with, settling leaves one that fits the problem, keeps the lots, keeps every floor that it
// kept, and is worth no less if it did; no other component is touched, and the result is the same for any number of workers.
func TestSettlingOnlyEverImproves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := tiny(t)
		floors := families[rapid.IntRange(0, len(families)-1).Draw(t, "family")].draw(t)
		terms := charges.Terms{}
		if rapid.Bool().Draw(t, "lots") {
			terms.Lots = lotsFor(t, p)
		}
		bonuses := make([]int64, len(floors))
		for f := range bonuses {
			bonuses[f] = rapid.Int64Range(0, 12).Draw(t, "bonus")
		}
		before, err := charges.SolveTerms(t.Context(), rewarded(p, floors, bonuses), terms, matching.Options{Workers: 1})
		require.NoError(t, err)
		kept := keptBy(p, floors, before)
		prices := append([]int64(nil), before.NeedPrice...)
		worth := valueOf(p, before)
		var results []matching.Solution
		for _, workers := range []int{1, 3} {
			s := *before
			s.Flow = append([]matching.EdgeFlow(nil), before.Flow...)
			require.NoError(t, fairness.Settle(t.Context(), fairness.Settling{
				Problem: p, Terms: terms, Floors: floors, Bonuses: bonuses, Workers: workers,
			}, &s))
			results = append(results, s)
		}
		s := &results[0]
		require.Equal(t, s.Flow, results[1].Flow)
		require.Equal(t, valueOf(p, s), s.Value)
		require.Equal(t, prices, s.NeedPrice)
		requireFits(t, p, terms.Lots, s)
		requireUntouched(t, p, floors, before.Flow, s.Flow)
		if kept {
			require.True(t, keptBy(p, floors, s))
			require.GreaterOrEqual(t, s.Value, worth)
		}
	})
}

// What was tried once is not tried again: neither by the second climb, nor by settling in earnest what was settled roughly.
// And a climb that has come back to where it began goes no further.
func TestSettlingTriesNothingTwice(t *testing.T) {
	t.Parallel()
	p := charged(instances.Random(60, 40, 6, 20, 40, 4), 60)
	ward := func(need int32) bool { return need%5 == 0 }
	most, err := fairness.Reachable(t.Context(), p, func(need, _ int32) bool { return ward(need) }, 1)
	require.NoError(t, err)
	floors := []fairness.Floor{{Name: "ward", Group: ward, Least: most * 9 / 10}}
	bonuses, _, err := fairness.Bonuses(t.Context(), p, floors, 1)
	require.NoError(t, err)
	priced, err := charges.Solve(t.Context(), rewarded(p, floors, bonuses), matching.Options{Workers: 1})
	require.NoError(t, err)
	settle := func(rough bool, tried *fairness.Tried) *matching.Solution {
		s := *priced
		require.NoError(t, fairness.Settle(t.Context(), fairness.Settling{
			Problem: p, Floors: floors, Bonuses: bonuses, Workers: 1, Rough: rough, Tried: tried,
		}, &s))
		return &s
	}
	var once, twice fairness.Tried
	alone := settle(false, &once)
	require.Equal(t, 11, once.Searches())
	settle(true, &twice)
	require.Equal(t, 6, twice.Searches())
	require.Equal(t, alone, settle(false, &twice))
	require.Equal(t, once.Searches(), twice.Searches())
}

// requireUntouched says that what no chain of pairs joins to a floor has stayed as it was.
func requireUntouched(t *rapid.T, p *matching.Problem, floors []fairness.Floor, before, after []matching.EdgeFlow) {
	joined := *p
	joined.Charges, joined.Edges = nil, slices.Clone(p.Edges)
	for k := range joined.Edges {
		joined.Edges[k].Value = 1
	}
	asked := func(need int32) bool {
		return slices.ContainsFunc(p.Row(int(need)), func(e matching.Edge) bool {
			return slices.ContainsFunc(floors, func(f fairness.Floor) bool { return f.Least > 0 && f.CountsPair(need, e.Resource) })
		})
	}
	for _, component := range matching.Components(&joined) {
		if slices.ContainsFunc(component, asked) {
			continue
		}
		elsewhere := func(f matching.EdgeFlow) bool { return !slices.Contains(component, f.Need) }
		stay := slices.DeleteFunc(slices.Clone(before), elsewhere)
		require.True(t, slices.Equal(stay, slices.DeleteFunc(slices.Clone(after), elsewhere)), "%v became %v", before, after)
	}
}

func lotsFor(t *rapid.T, p *matching.Problem) []int64 {
	lots := make([]int64, len(p.Edges))
	for i, wanted := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			lots[k] = rapid.Int64Range(1, max(1, min(wanted, p.ResourceQuantity[p.Edges[k].Resource]))).Draw(t, "lot")
		}
	}
	return lots
}

func keptBy(p *matching.Problem, floors []fairness.Floor, s *matching.Solution) bool {
	for f := range floors {
		units := int64(0)
		for _, flow := range s.Flow {
			if floors[f].CountsPair(flow.Need, p.Edges[flow.Edge].Resource) {
				units += flow.Quantity
			}
		}
		if units < floors[f].Least {
			return false
		}
	}
	return true
}

func valueOf(p *matching.Problem, s *matching.Solution) int64 {
	value := int64(0)
	for _, f := range s.Flow {
		value += f.Quantity * p.Edges[f.Edge].Value
		if p.Charges != nil {
			value -= p.Charges[f.Edge]
		}
	}
	return value
}

func requireFits(t *rapid.T, p *matching.Problem, lots []int64, s *matching.Solution) {
	wanted, offered := append([]int64(nil), p.NeedQuantity...), append([]int64(nil), p.ResourceQuantity...)
	for k, f := range s.Flow {
		require.True(t, k == 0 || s.Flow[k-1].Edge < f.Edge)
		require.Positive(t, f.Quantity)
		wanted[f.Need] -= f.Quantity
		offered[p.Edges[f.Edge].Resource] -= f.Quantity
		if lots != nil {
			require.GreaterOrEqual(t, f.Quantity, lots[f.Edge])
		}
	}
	for _, left := range [][]int64{wanted, offered} {
		for _, units := range left {
			require.GreaterOrEqual(t, units, int64(0))
		}
	}
}
