package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
)

// Every pair of the neighbourhood is offered once at most, whatever ends each match, so that the chain ends; nothing is
// held when it has.
func TestAlternativesEnd(t *testing.T) {
	t.Parallel()
	for _, ending := range []city.MatchState{city.MatchRejected, city.MatchExpired} {
		t.Run(string(ending), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.stock(3, 2)
			f := w.families()
			proven := f.solve(t, activities.RunRef{City: town, Run: "r1"})
			_, err := f.runs.RecordProposals(t.Context(), proven)
			require.NoError(t, err)
			seen := map[[2]city.ListingID]bool{}
			ref := activities.MatchRef{City: town, Match: city.MatchID{Run: "r1", Leaf: leaf, N: 1}}
			chain := 0
			for {
				m, err := w.store.Match(t.Context(), town, ref.Match)
				require.NoError(t, err)
				pair := [2]city.ListingID{m.Resource, m.Need}
				require.False(t, seen[pair], "%v offered twice", pair)
				seen[pair] = true
				require.NoError(t, w.store.CloseMatch(t.Context(), town, ref.Match, ending, "test"))
				offer, err := f.alternative.OfferAlternative(t.Context(), ref)
				require.NoError(t, err)
				again, err := f.alternative.OfferAlternative(t.Context(), ref)
				require.NoError(t, err)
				require.Equal(t, offer, again, "a repeated attempt offers the same")
				if offer.Match == nil {
					break
				}
				require.Contains(t, f.starter.started, *offer.Match)
				ref.Match = *offer.Match
				chain++
			}
			require.Positive(t, chain)
			require.LessOrEqual(t, chain, 6)
		})
	}
}

func TestNoAlternativeWhereNothingIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(9_900)
	require.NoError(t, w.store.CloseMatch(t.Context(), town, ref.Match, city.MatchRejected, "test"))
	offer, err := w.families().alternative.OfferAlternative(t.Context(), ref)
	require.NoError(t, err)
	require.Nil(t, offer.Match)
}

// An alternative keeps to what its run was asked for: it goes to where the match that failed kept a floor, or to the next
// most urgent, and not to the neighbour who is worth most.
func TestAnAlternativeKnowsFloorsAndOrder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fairness   city.Fairness
		first, now city.ListingID
	}{
		"value":  {city.Fairness{}, "near-a.food", "near-b.food"},
		"floors": {city.Fairness{Floors: []city.Floor{{Wards: []string{"7"}, Class: city.Food, Quantity: 60}}}, "far-a.food", "far-b.food"},
		"tiers":  {city.Fairness{Tiers: true}, "far-a.food", "far-b.food"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.wards()
			w.listing(city.ResourceSide, "store", 60, 0)
			w.inWard = "1"
			w.listing(city.NeedSide, "near-a", 60, 50)
			w.listing(city.NeedSide, "near-b", 60, 150)
			w.inWard, w.urgency = "7", city.Critical
			w.listing(city.NeedSide, "far-a", 60, -8000)
			w.listing(city.NeedSide, "far-b", 60, -8400)
			f := w.families()
			_, err := f.runs.RecordProposals(t.Context(), f.solve(t, activities.RunRef{City: town, Run: "r1", Fairness: test.fairness}))
			require.NoError(t, err)
			ref := activities.MatchRef{City: town, Match: city.MatchID{Run: "r1", Leaf: leaf, N: 1}}
			m, err := w.store.Match(t.Context(), town, ref.Match)
			require.NoError(t, err)
			require.Equal(t, test.first, m.Need)
			require.NoError(t, w.store.CloseMatch(t.Context(), town, ref.Match, city.MatchRejected, "test"))
			offer, err := f.alternative.OfferAlternative(t.Context(), ref)
			require.NoError(t, err)
			require.NotNil(t, offer.Match)
			m, err = w.store.Match(t.Context(), town, *offer.Match)
			require.NoError(t, err)
			require.Equal(t, test.now, m.Need)
			require.EqualValues(t, 60, m.Quantity)
		})
	}
}
