package postgres_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

func TestProposalsThatFindTooLittleAreSkippedWhole(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	gone := resource("gone", 100)
	gone.State = city.ListingUnconfirmed
	stock(t, store, resource("r", 100), need("n", 70), need("n2", 100), gone)
	proposals := []postgres.Proposal{
		proposal(1, "r", "n", 60),
		proposal(2, "r", "n", 20),  // n has 10 left
		proposal(3, "r", "n2", 40), // what number 2 did not take is left for number 3
		proposal(4, "gone", "n2", 10),
		proposal(5, "nowhere", "n2", 10),
	}
	match := func(n int) city.MatchID { return city.MatchID{Run: run, Leaf: produce, N: n} }
	recorded, err := store.RecordProposals(t.Context(), town, run, proposals)
	require.NoError(t, err)
	require.Equal(t, []city.MatchID{match(1), match(3)}, recorded.Matches)
	require.Equal(t, []postgres.SkippedProposal{
		{Match: match(2), Reason: "need has 10 left of 20 asked"},
		{Match: match(4), Reason: "resource is unconfirmed"},
		{Match: match(5), Reason: "resource does not exist"},
	}, recorded.Skipped)
	requireQuantities(t, store, "r", 100, 0, city.ListingHeld)
	requireQuantities(t, store, "n", 60, 0, city.ListingOpen)

	again, err := store.RecordProposals(t.Context(), town, run, proposals)
	require.NoError(t, err)
	require.Equal(t, recorded.Matches, again.Matches)
	require.Len(t, again.Skipped, 3)
	r, err := store.Run(t.Context(), town, run)
	require.NoError(t, err)
	require.Equal(t, []int64{5, 2, 3}, []int64{*r.Proposals, *r.Recorded, *r.Skipped})

	proposals[0].Quantity = 59
	_, err = store.RecordProposals(t.Context(), town, run, proposals)
	require.ErrorIs(t, err, postgres.ErrConflict, "a run does not record something else the second time")
	requireSound(t, store)
}

func TestAFinishedRunRecordsNothing(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	stock(t, store, resource("r", 100), need("n", 70))
	require.NoError(t, store.FinishRun(t.Context(), town, run, postgres.RunCancelled, "a person stopped it"))
	_, err := store.RecordProposals(t.Context(), town, run, []postgres.Proposal{proposal(1, "r", "n", 60)})
	var state *postgres.StateError
	require.ErrorAs(t, err, &state)
	require.Equal(t, "cancelled", state.State)
}

// Two runs propose the same stock, in opposite orders, at the same time: both end, and no unit is held twice.
func TestTwoRunsAtOnceNeverHoldAUnitTwiceNorDeadlock(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	const listings = 60
	stock(t, store)
	startRun(t, store, "run-2")
	for i := range listings {
		require.NoError(t, store.InsertListing(t.Context(), resource(fmt.Sprintf("r%d", i), 10)))
		require.NoError(t, store.InsertListing(t.Context(), need(fmt.Sprintf("n%d", i), 10)))
	}
	var group sync.WaitGroup
	results := make([]postgres.Recorded, 2)
	failures := make([]error, 2)
	for i, id := range []city.RunID{run, "run-2"} {
		proposals := make([]postgres.Proposal, listings)
		for j := range proposals {
			at := j
			if i == 1 {
				at = listings - 1 - j
			}
			proposals[j] = proposal(j+1, city.ListingID(fmt.Sprintf("r%d", at)), city.ListingID(fmt.Sprintf("n%d", (at*7+i)%listings)), 8)
		}
		group.Go(func() { results[i], failures[i] = store.RecordProposals(t.Context(), town, id, proposals) })
	}
	group.Wait()
	for i := range results {
		require.NoError(t, failures[i])
		require.Equal(t, listings, len(results[i].Matches)+len(results[i].Skipped))
	}
	var held int64
	require.NoError(t, store.Pool().QueryRow(t.Context(), "SELECT sum(held) FROM listing WHERE side = 'resource'").Scan(&held))
	require.Equal(t, int64(8*(len(results[0].Matches)+len(results[1].Matches))), held)
	require.Len(t, results[0].Matches, listings-len(results[1].Matches), "what one run took, the other skipped")
	requireSound(t, store)
}

// Matches that share listings move at the same time, in every direction.
func TestMatchesOfTheSameListingsMoveAtOnce(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	stock(t, store, resource("r", 1000), resource("s", 1000), need("n", 1000), need("m", 1000))
	const matches = 40
	proposals := make([]postgres.Proposal, matches)
	for i := range proposals {
		proposals[i] = proposal(i+1, []city.ListingID{"r", "s"}[i%2], []city.ListingID{"n", "m"}[i/2%2], 20)
	}
	recorded, err := store.RecordProposals(t.Context(), town, run, proposals)
	require.NoError(t, err)
	var group sync.WaitGroup
	failures := make([]error, matches)
	for i, match := range recorded.Matches {
		group.Go(func() {
			if i%2 == 0 {
				failures[i] = store.CloseMatch(t.Context(), town, match, city.MatchRejected, "not_needed")
				return
			}
			_, failures[i] = store.ApproveByPolicy(t.Context(), town, match, "p@1", city.Requirement{Rule: "small"})
		})
	}
	group.Wait()
	for _, err := range failures {
		require.NoError(t, err)
	}
	requireSound(t, store)
}
