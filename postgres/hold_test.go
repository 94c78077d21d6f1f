package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// Who does not take part any more is proposed nothing. What was meant for it is left to the proposals after it, and the run
// says how many were left out for that, the second time too.
func TestNothingIsProposedToWhoIsNotActive(t *testing.T) {
	t.Parallel()
	for _, state := range []city.ParticipantState{city.ParticipantInReview, city.ParticipantSuspended, city.ParticipantRejected} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			store := aTown(t)
			other := need("other", 100)
			require.NoError(t, store.InsertParticipant(t.Context(), participant("second", city.Organisation)))
			other.Holder = "second"
			stock(t, store, resource("r", 100), need("n", 100), other)
			become(t, store, "receiver", state)

			proposals := []postgres.Proposal{
				proposal(1, "r", "n", 60), proposal(2, "r", "other", 80), proposal(3, "r", "other", 30),
			}
			for range 2 {
				recorded, err := store.RecordProposals(t.Context(), town, run, proposals)
				require.NoError(t, err)
				require.Equal(t, []city.MatchID{{Run: run, Leaf: produce, N: 2}}, recorded.Matches)
				require.Len(t, recorded.Skipped, 2)
				require.EqualValues(t, 1, recorded.Inactive)
			}
			requireQuantities(t, store, "r", 80, 0, city.ListingOpen)
			requireQuantities(t, store, "n", 0, 0, city.ListingOpen)
			r, err := store.Run(t.Context(), town, run)
			require.NoError(t, err)
			require.Equal(t, []int64{3, 1, 2, 1}, []int64{*r.Proposals, *r.Recorded, *r.Skipped, *r.Inactive})
			requireSound(t, store)
		})
	}
}

func TestAnAlternativeIsNotOfferedToWhoIsNotActive(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 60)
	require.NoError(t, store.CloseMatch(t.Context(), town, match, city.MatchRejected, "not_needed"))
	become(t, store, "giver", city.ParticipantSuspended)
	_, held, err := store.RecordAlternative(t.Context(), town, match, proposal(0, "r", "n", 10))
	require.NoError(t, err)
	require.False(t, held)
	requireSound(t, store)
}

// An open proposal that a run would replace stays where all that was to come in its place is left out. One whose place is
// taken, or that the run found no use for, goes.
func TestAnOpenProposalMakesNoRoomForWhoIsNotActive(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	require.NoError(t, store.InsertParticipant(t.Context(), participant("better", city.Business)))
	near := resource("near", 100)
	near.Holder = "better"
	stock(t, store, near, resource("far", 100), resource("free", 100), need("n", 100), need("m", 100), need("o", 100))
	before, err := store.RecordProposals(t.Context(), town, run, []postgres.Proposal{
		proposal(1, "far", "n", 50), proposal(2, "far", "m", 50), proposal(3, "free", "o", 50),
	})
	require.NoError(t, err)
	startRun(t, store, "run-2")
	become(t, store, "better", city.ParticipantInReview)

	after, err := store.RecordRun(t.Context(), town, "run-2",
		[]postgres.Proposal{proposal(1, "near", "n", 70), proposal(2, "free", "m", 30)}, before.Matches)
	require.NoError(t, err)
	require.Len(t, after.Matches, 1)
	require.EqualValues(t, 1, after.Inactive)
	superseded, err := store.Superseded(t.Context(), town, "run-2")
	require.NoError(t, err)
	require.Equal(t, before.Matches[1:], superseded, "near would have taken the place of the first alone")
	requireQuantities(t, store, "n", 50, 0, city.ListingOpen)
	requireSound(t, store)
}

// A rejection and a run's proposals meet: whoever comes second waits, and sees what the first did.
func TestProposalsWaitForWhoIsBeingRejected(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	stock(t, store, resource("r", 100), need("n", 100))
	tx, err := store.Pool().Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), "UPDATE participant SET state = 'in_review' WHERE id = 'receiver'")
	require.NoError(t, err)

	var recorded postgres.Recorded
	done := make(chan error, 1)
	go func() {
		var err error
		recorded, err = store.RecordProposals(t.Context(), town, run, []postgres.Proposal{proposal(1, "r", "n", 60)})
		done <- err
	}()
	require.Eventually(t, func() bool {
		var waits bool
		// Not in the transaction: within one, pg_stat_activity shows for ever who was there at the first look.
		err := store.Pool().QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND $1 = ANY (pg_blocking_pids(pid)))`, tx.Conn().PgConn().PID()).Scan(&waits)
		return err == nil && waits
	}, time.Minute, 10*time.Millisecond, "the run waits for the decision")
	_, err = tx.Exec(t.Context(), "UPDATE participant SET state = 'rejected' WHERE id = 'receiver'")
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	require.NoError(t, <-done)
	require.Equal(t, []postgres.SkippedProposal{{Match: city.MatchID{Run: run, Leaf: produce, N: 1}, Reason: "receiver is rejected"}}, recorded.Skipped)
	requireSound(t, store)
}

// become moves a participant that is active to a state, through review where that is the way.
func become(t *testing.T, store *postgres.Store, id city.ParticipantID, state city.ParticipantState) {
	t.Helper()
	if state == city.ParticipantRejected {
		become(t, store, id, city.ParticipantInReview)
	}
	_, err := store.TransitionParticipant(t.Context(), town, id, state, "a test")
	require.NoError(t, err)
}
