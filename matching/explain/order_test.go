package explain_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/charges"
	"github.com/city-resource-graph/crg/matching/explain"
	"github.com/city-resource-graph/crg/matching/fairness"
)

// twoPantries is the kitchen with a second pantry beside the first one, in ward 7 and more urgent.
func twoPantries() *candidates.Snapshot {
	s := kitchen()
	k := slices.IndexFunc(s.Needs, func(l candidates.Listing) bool { return l.ID == "near-pantry" })
	other, terms := s.Needs[k], *s.Needs[k].Need
	terms.Urgency = city.Critical
	other.ID, other.Ward, other.Need = "poor-pantry", "7", &terms
	s.Needs = append(s.Needs, other)
	s.Canonicalise()
	return s
}

func explained(t *testing.T, s *candidates.Snapshot, inOrder bool) (e *explain.Explainer, near, poor int32) {
	t.Helper()
	index, err := candidates.NewIndex(s)
	require.NoError(t, err)
	g, err := index.Generate(t.Context(), candidates.Options{})
	require.NoError(t, err)
	solution, err := charges.Solve(t.Context(), &g.Problem, matching.Options{})
	require.NoError(t, err)
	if inOrder {
		tiered, err := fairness.Tiers(t.Context(), &g.Problem, g.Tier, 1)
		require.NoError(t, err)
		solution.Flow, solution.Value = tiered.Flow, 0
		for _, tier := range tiered.Tiers {
			solution.Value += tier.Value
		}
	}
	for i := range s.Needs {
		switch s.Needs[i].ID {
		case "near-pantry":
			near = int32(i)
		case "poor-pantry":
			poor = int32(i)
		}
	}
	return explain.New(explain.Case{
		Problem: &g.Problem, Solution: solution, Index: index, Tier: g.Tier,
		Need:     func(i int32) string { return string(s.Needs[i].ID) },
		Resource: func(r int32) string { return string(s.Resources[r].ID) },
		Money:    func(minor int64) string { return city.FormatMinor(minor, "USD") },
	}), near, poor
}

// Where the bonus of a floor decided, it is named: to the one who got, and to the one who did not.
func TestTheBonusOfAFloorIsNamed(t *testing.T) {
	t.Parallel()
	s := twoPantries()
	s.Floors = []candidates.Floor{{
		Floor: city.Floor{Wards: []string{"7"}, Leaf: "food.bread", Quantity: 40}, Leaves: []city.Leaf{"food.bread"}, Least: 40, Bonus: 50,
	}}
	e, near, poor := explained(t, s, false)
	got, err := e.Explain(context.Background(), poor)
	require.NoError(t, err)
	require.Contains(t, got.Matches[0].Sentence, "0.50 of a unit's score is the bonus that keeps the floor of the need's ward")
	short, err := e.Explain(context.Background(), near)
	require.NoError(t, err)
	require.Equal(t, explain.Outbid, short.Reason)
	require.Contains(t, short.Sentence, "poor-pantry (40), whose ward has a floor worth 0.50 a unit")
	pair, err := e.Pair(context.Background(), near, 0, false)
	require.NoError(t, err)
	require.Contains(t, pair.Sentence, "0.50 of which keeps the floor of its ward")
}

// A need that has what its ward's floor asks for is told that its bonus counts no more, and what is bonus is told apart.
func TestAKeptFloorIsNamed(t *testing.T) {
	t.Parallel()
	s := twoPantries()
	s.Floors = []candidates.Floor{{
		Floor: city.Floor{Wards: []string{"7"}, Leaf: "food.bread", Quantity: 25}, Leaves: []city.Leaf{"food.bread"}, Least: 25, Bonus: 50,
	}}
	near := slices.IndexFunc(s.Needs, func(l candidates.Listing) bool { return l.ID == "near-pantry" })
	poor := int32(slices.IndexFunc(s.Needs, func(l candidates.Listing) bool { return l.ID == "poor-pantry" }))
	s.Wards = []candidates.WardWeight{{Ward: "7", Millionth: 900_000}} // by itself worth less there
	index, err := candidates.NewIndex(s)
	require.NoError(t, err)
	g, err := index.Generate(t.Context(), candidates.Options{})
	require.NoError(t, err)
	clear(g.Charges)
	solution, err := charges.Solve(t.Context(), &g.Problem, matching.Options{})
	require.NoError(t, err)
	require.NoError(t, index.Settle(t.Context(), g, solution, false, nil))
	e := explain.New(explain.Case{
		Problem: &g.Problem, Solution: solution, Index: index, Money: func(minor int64) string { return city.FormatMinor(minor, "USD") },
		Need: func(i int32) string { return string(s.Needs[i].ID) }, Resource: func(r int32) string { return string(s.Resources[r].ID) },
	})
	got, err := e.Explain(t.Context(), poor)
	require.NoError(t, err)
	require.EqualValues(t, 25, got.Got)
	require.Equal(t, explain.FloorKept, got.Reason)
	require.Contains(t, got.Sentence, "poor-pantry gets 25 of 40. The floor of food.bread for ward 7 is kept (25 of 25), "+
		"so that its bonus of 0.50 a unit counts no more")
	for _, match := range got.Matches {
		require.Equal(t, match.Quantity*50, match.NetBonus)
		require.Contains(t, match.Sentence, city.FormatMinor(match.NetBonus, "USD")+" of it the bonus of a floor")
	}
	other, err := e.Explain(t.Context(), int32(near))
	require.NoError(t, err)
	require.NotEqual(t, explain.FloorKept, other.Reason)
}

// In strict order who is served later is told so, and that prices know nothing of the order.
func TestTheOrderOfUrgencyIsNamed(t *testing.T) {
	t.Parallel()
	s := twoPantries()
	s.Tiers = true
	e, near, poor := explained(t, s, true)
	got, err := e.Explain(context.Background(), poor)
	require.NoError(t, err)
	require.Equal(t, explain.Served, got.Reason)
	short, err := e.Explain(context.Background(), near)
	require.NoError(t, err)
	require.Equal(t, explain.ServedLater, short.Reason)
	require.Contains(t, short.Sentence, "near-pantry gets 10 of 40: poor-pantry, which is more urgent, has 40 of bakery.")
	require.Contains(t, short.Sentence, "strictly in the order of their urgency, this one as urgency 3; prices and losses are those without that order.")
}
