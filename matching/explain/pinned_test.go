package explain_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/explain"
)

// place finds a listing of a snapshot.
func place(t *testing.T, list []candidates.Listing, id city.ListingID) int32 {
	t.Helper()
	k := slices.IndexFunc(list, func(l candidates.Listing) bool { return l.ID == id })
	require.GreaterOrEqual(t, k, 0)
	return int32(k)
}

// What approved matches took is not said to have no place: it is promised, and it is told to whom.
func TestWhatIsPromisedIsToldSo(t *testing.T) {
	t.Parallel()
	s := twoPantries()
	s.Resources = slices.DeleteFunc(s.Resources, func(l candidates.Listing) bool { return l.ID == "cellar" })
	s.Pins = []candidates.Pin{{Resource: "bakery", Need: "poor-pantry", Kind: candidates.PinFixed, Quantity: 40}}
	e, near, poor := explained(t, s, false)
	bakery := place(t, s.Resources, "bakery")

	need, err := e.Explain(t.Context(), near)
	require.NoError(t, err)
	require.Equal(t, explain.Pinned, need.Reason)
	require.Equal(t, "near-pantry has no candidate. Of 2 resources, 1 is of another category, 1 has nothing left; the last to fall away "+
		"has nothing left. Approved matches give 40 of bakery to poor-pantry.", need.Sentence)
	require.Contains(t, need.Funnel, explain.Rejected{Filter: candidates.FilterQuantity, Resources: 1})
	pair, err := e.Pair(t.Context(), near, bakery, true)
	require.NoError(t, err)
	require.Equal(t, "bakery is no candidate for near-pantry: it has nothing left.", pair.Sentence)
	require.Equal(t, "quantity", pair.Filter)

	need, err = e.Explain(t.Context(), poor)
	require.NoError(t, err)
	require.Equal(t, explain.NothingAsked, need.Reason)
	require.EqualValues(t, 40, need.Approved)
	require.Equal(t, "poor-pantry wants nothing any more. Approved matches give it 40 besides.", need.Sentence)
	pair, err = e.Pair(t.Context(), poor, bakery, true)
	require.NoError(t, err)
	require.Equal(t, explain.Matched, pair.Status)
	require.EqualValues(t, 40, pair.Approved)
	require.Equal(t, "An approved match gives poor-pantry 40 of bakery already.", pair.Sentence)
}

// What is left of a resource that is promised in part is matched beside the promise.
func TestWhatIsPromisedInPart(t *testing.T) {
	t.Parallel()
	s := twoPantries()
	s.Pins = []candidates.Pin{{Resource: "bakery", Need: "poor-pantry", Kind: candidates.PinFixed, Quantity: 15}}
	e, near, poor := explained(t, s, false)
	need, err := e.Explain(t.Context(), poor)
	require.NoError(t, err)
	require.EqualValues(t, 25, need.Wanted)
	require.Contains(t, need.Sentence, " Approved matches give it 15 besides.")
	need, err = e.Explain(t.Context(), near)
	require.NoError(t, err)
	require.Zero(t, need.Approved)
	require.NotContains(t, need.Sentence, "Approved")
}

// A need whose last resource was rejected is pinned away; one without a place is told that, not its resources.
func TestRejectedAndUnplacedNeeds(t *testing.T) {
	t.Parallel()
	s := twoPantries()
	for _, id := range []city.ListingID{"bakery", "cellar"} {
		s.Pins = append(s.Pins, candidates.Pin{Resource: id, Need: "near-pantry", Kind: candidates.PinForbidden})
	}
	unplaced := &s.Needs[place(t, s.Needs, "poor-pantry")]
	unplaced.LocationQuality = city.Default
	e, near, poor := explained(t, s, false)
	need, err := e.Explain(t.Context(), near)
	require.NoError(t, err)
	require.Equal(t, explain.Pinned, need.Reason)
	require.Contains(t, need.Sentence, "2 were rejected for this need before; the last to fall away was rejected for this need before.")
	need, err = e.Explain(t.Context(), poor)
	require.NoError(t, err)
	require.Equal(t, explain.NotLocated, need.Reason)
	require.Equal(t, "poor-pantry has no known place, so that nothing can be brought to it.", need.Sentence)
	pair, err := e.Pair(t.Context(), poor, place(t, s.Resources, "bakery"), true)
	require.NoError(t, err)
	require.Equal(t, "bakery is no candidate for poor-pantry, which has no known place.", pair.Sentence)
}
