package postgres_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

func TestAListingReadsBackAsItWasRecorded(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	perish := day(3, 0)
	r, n := resource("r", 100), need("n", 7)
	r.Resource.PerishBy, r.ExpiresAt = &perish, &perish
	for _, want := range []postgres.Listing{r, n} {
		require.NoError(t, store.InsertListing(t.Context(), want))
		got, err := store.Listing(t.Context(), town, want.ID)
		require.NoError(t, err)
		require.Equal(t, want.Listing, got.Listing)
		require.Equal(t, want.ExpiresAt, got.ExpiresAt)
		require.Equal(t, want.Quantity.Amount, got.Remaining())
	}
}

func TestAMatchFromProposalToReceipt(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 100)
	requireQuantities(t, store, "r", 100, 0, city.ListingHeld)

	decide(t, store, match, city.DecisionApprove, city.MatchApproved, nil)
	decide(t, store, match, city.DecisionHandOver, city.MatchHandedOver, ptr(int64(90)))
	decide(t, store, match, city.DecisionConfirmReceipt, city.MatchConfirmed, ptr(int64(80)))

	m, err := store.Match(t.Context(), town, match)
	require.NoError(t, err)
	require.Equal(t, city.MatchConfirmed, m.State)
	require.Equal(t, ptr(int64(90)), m.HandedQuantity)
	require.Equal(t, ptr(int64(80)), m.ReceivedQuantity)
	require.Equal(t, ptr(int64(80)), m.MeasuredQuantity)
	require.Equal(t, &city.Requirement{Rule: "one", Sides: []city.Party{}, CityApprovers: 1}, m.Requirement)
	require.Equal(t, city.Modelled, m.Origin, "the weaker of observed and modelled")
	require.Equal(t, "2", m.Ward, "the need's ward")
	require.NotNil(t, m.ApprovedAt)
	require.NotNil(t, m.HandedOverAt)
	require.NotNil(t, m.EndedAt)
	requireQuantities(t, store, "r", 0, 80, city.ListingOpen)
	requireQuantities(t, store, "n", 0, 80, city.ListingOpen)
	requireSound(t, store)
}

// One side's word alone is worth nothing: of two measures the lesser counts, and both stay on record.
func TestMoreReceivedThanHandedOverCountsAsHandedOver(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 100)
	decide(t, store, match, city.DecisionApprove, city.MatchApproved, nil)
	decide(t, store, match, city.DecisionHandOver, city.MatchHandedOver, ptr(int64(38)))
	decide(t, store, match, city.DecisionConfirmReceipt, city.MatchConfirmed, ptr(int64(40)))

	differing, _, err := store.ListMatches(t.Context(), town, postgres.MatchFilter{Differing: true}, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, differing, 1, "a coordinator finds it")
	m := differing[0]
	require.Equal(t, ptr(int64(38)), m.HandedQuantity)
	require.Equal(t, ptr(int64(40)), m.ReceivedQuantity)
	require.Equal(t, ptr(int64(38)), m.MeasuredQuantity)
	requireQuantities(t, store, "r", 0, 38, city.ListingOpen)
	requireQuantities(t, store, "n", 0, 38, city.ListingOpen)
	requireSound(t, store)
}

func TestSidesThatAgreeDoNotDiffer(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 100)
	decide(t, store, match, city.DecisionApprove, city.MatchApproved, nil)
	decide(t, store, match, city.DecisionHandOver, city.MatchHandedOver, ptr(int64(38)))
	decide(t, store, match, city.DecisionConfirmReceipt, city.MatchConfirmed, nil) // typed in without a quantity

	differing, _, err := store.ListMatches(t.Context(), town, postgres.MatchFilter{Differing: true}, postgres.Page{})
	require.NoError(t, err)
	require.Empty(t, differing)
}

func TestReceiptOfAllClosesBothSides(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 100)
	decide(t, store, match, city.DecisionApprove, city.MatchApproved, nil)
	decide(t, store, match, city.DecisionHandOver, city.MatchHandedOver, nil)
	decide(t, store, match, city.DecisionConfirmReceipt, city.MatchConfirmed, nil)
	requireQuantities(t, store, "r", 0, 100, city.ListingClosed)
	requireQuantities(t, store, "n", 0, 100, city.ListingClosed)
	requireSound(t, store)
}

func TestAMatchThatEndsEarlyOpensBothSidesAgain(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		to       city.MatchState
		approved bool
	}{
		{city.MatchRejected, false}, {city.MatchExpired, false}, {city.MatchCancelled, false}, {city.MatchCancelled, true}, {city.MatchFailed, true},
	} {
		t.Run(string(end.to), func(t *testing.T) {
			t.Parallel()
			store := aTown(t)
			match := aMatch(t, store, 100)
			if end.approved {
				decide(t, store, match, city.DecisionApprove, city.MatchApproved, nil)
			}
			require.NoError(t, store.CloseMatch(t.Context(), town, match, end.to, "a test"))
			require.NoError(t, store.CloseMatch(t.Context(), town, match, end.to, "again is a success"))
			requireQuantities(t, store, "r", 0, 0, city.ListingOpen)
			requireQuantities(t, store, "n", 0, 0, city.ListingOpen)

			other := city.MatchExpired
			if end.to == other {
				other = city.MatchRejected
			}
			err := store.CloseMatch(t.Context(), town, match, other, "too late")
			var state *postgres.StateError
			require.ErrorAs(t, err, &state)
			require.Equal(t, string(end.to), state.State)
			require.ErrorIs(t, err, postgres.ErrConflict)
			requireSound(t, store)
		})
	}
}

func TestThePolicyApprovesWhatNeedsNobody(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	stock(t, store, resource("r", 100), need("n", 100))
	recorded, err := store.RecordProposals(t.Context(), town, run, []postgres.Proposal{proposal(1, "r", "n", 10)})
	require.NoError(t, err)
	for range 2 { // the second call changes nothing
		approved, err := store.ApproveByPolicy(t.Context(), town, recorded.Matches[0], "policy@1", city.Requirement{Rule: "small"})
		require.NoError(t, err)
		require.True(t, approved)
	}
	decisions, err := store.Decisions(t.Context(), town, recorded.Matches[0])
	require.NoError(t, err)
	require.Len(t, decisions, 1)
	require.Equal(t, "policy:policy@1", decisions[0].Actor)
	require.Equal(t, postgres.RolePolicy, decisions[0].Role)
	counts, err := store.MatchCounts(t.Context(), town, run)
	require.NoError(t, err)
	require.Equal(t, postgres.MatchCounts{Proposed: 1, ApprovedByPolicy: 1, Open: 1}, counts)
	requireSound(t, store)
}

func TestAlternativesAreOfferedOnceAndOnlyAfterTheEnd(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 60)
	require.NoError(t, store.InsertListing(t.Context(), need("n2", 100)))
	_, _, err := store.RecordAlternative(t.Context(), town, match, proposal(0, "r", "n2", 60))
	require.ErrorIs(t, err, postgres.ErrConflict, "the match is still proposed")

	require.NoError(t, store.CloseMatch(t.Context(), town, match, city.MatchRejected, "not_needed"))
	for range 2 {
		alternative, held, err := store.RecordAlternative(t.Context(), town, match, proposal(0, "r", "n2", 60))
		require.NoError(t, err)
		require.True(t, held)
		require.Equal(t, city.MatchID{Run: run, Leaf: produce, N: 2}, alternative)
	}
	recorded, there, err := store.Alternative(t.Context(), town, match)
	require.NoError(t, err)
	require.True(t, there)
	require.Equal(t, 2, recorded.N)
	_, there, err = store.Alternative(t.Context(), town, recorded)
	require.NoError(t, err)
	require.False(t, there, "the alternative has none of its own yet")
	requireQuantities(t, store, "r", 60, 0, city.ListingOpen)
	pairs, err := store.ForbiddenPairs(t.Context(), town)
	require.NoError(t, err)
	require.Equal(t, []postgres.Pair{{Resource: "r", Need: "n", State: city.MatchRejected}}, pairs)
	requireSound(t, store)
}

func TestAnAlternativeWhoseStockIsGoneIsNotRecorded(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 60)
	require.NoError(t, store.CloseMatch(t.Context(), town, match, city.MatchRejected, "not_needed"))
	_, held, err := store.RecordAlternative(t.Context(), town, match, proposal(0, "r", "n", 101))
	require.NoError(t, err)
	require.False(t, held)
	requireSound(t, store)
}
