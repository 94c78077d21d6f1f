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
