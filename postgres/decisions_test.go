package postgres_test

import (
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

func TestADecisionIsTakenExactlyOnce(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 60)
	require.NoError(t, store.RecordDecision(t.Context(), decision(match, city.DecisionReject)))
	var group sync.WaitGroup
	taken := make([]postgres.Decision, 10)
	failures := make([]error, 10)
	for i := range taken {
		group.Go(func() {
			taken[i], failures[i] = store.TakeDecision(t.Context(), town, "run-1.1.reject",
				postgres.Verdict{Outcome: city.DecisionApplied, Reason: "said no", MatchState: city.MatchRejected})
		})
	}
	group.Wait()
	for i := range taken {
		require.NoError(t, failures[i])
		require.Equal(t, city.DecisionApplied, taken[i].Outcome)
		require.Equal(t, taken[0].OutcomeAt, taken[i].OutcomeAt)
	}
	requireQuantities(t, store, "r", 0, 0, city.ListingOpen)
	requireSound(t, store)
}

func TestTheSameDecisionTenTimesAtOnceIsOne(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 60)
	var group sync.WaitGroup
	failures := make([]error, 10)
	for i := range failures {
		group.Go(func() { failures[i] = store.RecordDecision(t.Context(), decision(match, city.DecisionApprove)) })
	}
	group.Wait()
	for _, err := range failures {
		require.NoError(t, err)
	}
	decisions, err := store.Decisions(t.Context(), town, match)
	require.NoError(t, err)
	require.Len(t, decisions, 1)
	require.Equal(t, city.DecisionPending, decisions[0].Outcome)

	of, err := store.DecisionsOf(t.Context(), town, []city.MatchID{match, {Run: run, Leaf: produce, N: 9}})
	require.NoError(t, err)
	require.Equal(t, map[city.MatchID][]postgres.Decision{match: decisions}, of)

	other := decision(match, city.DecisionApprove)
	other.Actor = "bob"
	require.ErrorIs(t, store.RecordDecision(t.Context(), other), postgres.ErrConflict, "another one under the same id")
}

func TestADecisionOnAMatchThatIsOverNamesItsState(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 60)
	for _, early := range []city.DecisionKind{city.DecisionHandOver, city.DecisionConfirmReceipt, city.DecisionNoShow} {
		var state *postgres.StateError
		require.ErrorAs(t, store.RecordDecision(t.Context(), decision(match, early)), &state)
		require.Equal(t, "proposed", state.State)
	}
	require.NoError(t, store.RecordDecision(t.Context(), decision(match, city.DecisionCancel)))
	require.NoError(t, store.CloseMatch(t.Context(), town, match, city.MatchExpired, "nobody decided in time"))
	for _, late := range []city.DecisionKind{city.DecisionApprove, city.DecisionReject, city.DecisionHandOver} {
		err := store.RecordDecision(t.Context(), decision(match, late))
		require.EqualError(t, err, "record decision run-1.1."+string(late)+": match run-1:food.produce:1 is expired: "+string(late)+" is not possible")
		require.ErrorIs(t, err, postgres.ErrConflict)
	}
	typed := decision(match, city.DecisionReject)
	typed.TypedIn, typed.Role = true, city.Operator
	require.NoError(t, store.RecordDecision(t.Context(), typed), "what was typed in has happened")
	for _, id := range []city.DecisionID{typed.ID, "run-1.1.cancel"} {
		taken, err := store.TakeDecision(t.Context(), town, id, postgres.Verdict{Outcome: city.DecisionApplied, MatchState: city.MatchRejected})
		require.NoError(t, err)
		require.Equal(t, city.DecisionIgnored, taken.Outcome)
		require.Equal(t, "match is expired", taken.OutcomeReason)
	}
	requireSound(t, store)
}

func TestOnePersonIsOneApprover(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 60)
	first, second := decision(match, city.DecisionApprove), decision(match, city.DecisionApprove)
	second.ID = "again"
	for _, d := range []postgres.Decision{first, second} {
		require.NoError(t, store.RecordDecision(t.Context(), d))
	}
	taken, err := store.TakeDecision(t.Context(), town, first.ID, postgres.Verdict{Outcome: city.DecisionApplied})
	require.NoError(t, err)
	require.Equal(t, city.DecisionApplied, taken.Outcome)
	taken, err = store.TakeDecision(t.Context(), town, second.ID, postgres.Verdict{Outcome: city.DecisionApplied, MatchState: city.MatchApproved})
	require.NoError(t, err)
	require.Equal(t, city.DecisionIgnored, taken.Outcome)
	require.Equal(t, "ann approved before", taken.OutcomeReason)
	m, err := store.Match(t.Context(), town, match)
	require.NoError(t, err)
	require.Equal(t, city.MatchProposed, m.State)
}

// Two approvers are two persons, whoever writes to the database and however often one of them says yes.
func TestTheDatabaseCountsApproversItself(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	stock(t, store, resource("r", 100), need("n", 100))
	recorded, err := store.RecordProposals(t.Context(), town, run, []postgres.Proposal{proposal(1, "r", "n", 60)})
	require.NoError(t, err)
	match := recorded.Matches[0]
	_, err = store.ApproveByPolicy(t.Context(), town, match, "policy@1",
		city.Requirement{Rule: "two", CityApprovers: 2, Sides: []city.Party{city.Receiver}})
	require.NoError(t, err)

	approval := func(id string, party city.Party, actor string, typedIn bool) error {
		_, err := store.Pool().Exec(t.Context(), `INSERT INTO decision (city, id, kind, party, actor, role, typed_in, match, origin, created_at,
			outcome, outcome_at) VALUES ('town', $1, 'approve', $2, $3, 'approver', $4, $5, 'observed', now(), 'applied', now())`,
			id, party, actor, typedIn, match.String())
		return err
	}
	refused := func(why string) {
		t.Helper()
		_, err := store.Pool().Exec(t.Context(), "UPDATE match SET state = 'approved', approved_at = now()")
		var answer *pgconn.PgError
		require.ErrorAs(t, err, &answer)
		require.Equal(t, "CG006", answer.Code)
		require.Equal(t, "match run-1:food.produce:1: approved by "+why+", asked for were 2 and {receiver}", answer.Message)
	}
	refused("0 different persons of the city and sides {}")
	require.NoError(t, approval("one", city.CityHall, "ann", false))
	refused("1 different persons of the city and sides {}")
	require.ErrorContains(t, approval("two", city.CityHall, "ann", false), "decision_one_approval_a_person")
	require.NoError(t, approval("three", city.CityHall, "operator", true))
	refused("1 different persons of the city and sides {}")
	require.NoError(t, approval("four", city.CityHall, "bob", false))
	refused("2 different persons of the city and sides {}")
	require.NoError(t, approval("five", city.Receiver, "ann", false))
	exec(t, store, "UPDATE match SET state = 'approved', approved_at = now()")
	requireSound(t, store)
}

func TestAMeasuredQuantityIsAtMostWhatWasPromised(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 60)
	decide(t, store, match, city.DecisionApprove, city.MatchApproved, nil)
	for _, wrong := range []int64{0, -3, 61} {
		d := decision(match, city.DecisionHandOver)
		d.MeasuredQuantity = &wrong
		err := store.RecordDecision(t.Context(), d)
		require.ErrorIs(t, err, postgres.ErrInvalid)
		require.ErrorContains(t, err, "want 1 to 60")
	}
	typed := decision(match, city.DecisionHandOver)
	typed.TypedIn, typed.MeasuredQuantity = true, ptr(int64(61))
	require.NoError(t, store.RecordDecision(t.Context(), typed))
	taken, err := store.TakeDecision(t.Context(), town, typed.ID, postgres.Verdict{Outcome: city.DecisionApplied, MatchState: city.MatchHandedOver})
	require.NoError(t, err)
	require.Equal(t, city.DecisionIgnored, taken.Outcome)
	require.Equal(t, "measured 61 of 60 promised", taken.OutcomeReason)
}

func TestReviewMovesTheParticipant(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	p := participant("new", city.Person)
	p.State = city.ParticipantApplied
	require.NoError(t, store.InsertParticipant(t.Context(), p))
	require.ErrorIs(t, store.InsertParticipant(t.Context(), p), postgres.ErrConflict)
	for range 2 {
		got, err := store.TransitionParticipant(t.Context(), town, "new", city.ParticipantInReview, "")
		require.NoError(t, err)
		require.Equal(t, city.ParticipantInReview, got.State)
	}
	d := postgres.Decision{
		City: town, ID: "review", Kind: city.DecisionReviewReject, Party: city.CityHall, Actor: "ann", Role: city.Approver, Participant: "new",
		Reason: city.ReasonSafety, Origin: city.Observed,
	}
	require.NoError(t, store.RecordDecision(t.Context(), d))
	taken, err := store.TakeDecision(t.Context(), town, "review",
		postgres.Verdict{Outcome: city.DecisionApplied, ParticipantState: city.ParticipantRejected})
	require.NoError(t, err)
	require.Equal(t, city.DecisionApplied, taken.Outcome)
	got, err := store.Participant(t.Context(), town, "new")
	require.NoError(t, err)
	require.Equal(t, city.ParticipantRejected, got.State)
	require.Equal(t, string(city.ReasonSafety), got.StateReason)

	d.ID = "late"
	require.ErrorIs(t, store.RecordDecision(t.Context(), d), postgres.ErrConflict)
	_, err = store.TransitionParticipant(t.Context(), town, "new", city.ParticipantActive, "")
	require.EqualError(t, err, "move participant new to active: participant new is rejected: active is not possible")
	decisions, err := store.ParticipantDecisions(t.Context(), town, "new")
	require.NoError(t, err)
	require.Len(t, decisions, 1)
}

func TestListingsAreConfirmedInBulk(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	answers := []postgres.ListingAnswer{
		{Listing: "a", Usable: true, Decision: "d1"},
		{Listing: "b", Usable: false, Decision: "d2", Note: "gone"},
		{Listing: "a", Usable: false, Decision: "d3"},
		{Listing: "open", Usable: true, Decision: "d4"},
		{Listing: "none", Decision: "d5"},
	}
	for _, id := range []string{"a", "b"} {
		l := resource(id, 1)
		l.State, l.Resource.UsableChance, l.Resource.ConfirmByAsker = city.ListingUnconfirmed, 0.185, true
		require.NoError(t, store.InsertListing(t.Context(), l))
	}
	require.NoError(t, store.InsertListing(t.Context(), resource("open", 1)))
	by := postgres.Author{Actor: "ann", Role: city.Operator, Party: city.Giver, Origin: city.Simulated}
	done, err := store.ConfirmListings(t.Context(), town, answers, by)
	require.NoError(t, err)
	require.Equal(t, postgres.Answered{Opened: 1, Withdrawn: 1, Skipped: 3}, done)
	done, err = store.ConfirmListings(t.Context(), town, answers, by)
	require.NoError(t, err)
	require.Equal(t, postgres.Answered{Skipped: 5}, done)
	requireQuantities(t, store, "a", 0, 0, city.ListingOpen)
	requireQuantities(t, store, "b", 0, 0, city.ListingWithdrawn)
	opened, err := store.Listing(t.Context(), town, "a")
	require.NoError(t, err)
	require.InDelta(t, 1, opened.Resource.UsableChance, 0, "what was seen is known")
	require.ErrorIs(t, store.RecordDecision(t.Context(), postgres.Decision{
		City: town, ID: "alone", Kind: city.DecisionConfirmListing, Party: city.Giver, Actor: "ann", Role: city.Lister, Listing: "a", Origin: city.Observed,
	}), postgres.ErrInvalid)
	d, err := store.Decision(t.Context(), town, "d2")
	require.NoError(t, err)
	require.Equal(t, city.DecisionDenyListing, d.Kind)
	require.Equal(t, []any{city.DecisionApplied, "gone", city.ListingID("b"), city.Simulated}, []any{d.Outcome, d.Note, d.Listing, d.Origin})
	requireSound(t, store)
}
