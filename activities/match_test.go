package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
)

func (w *world) matches() *activities.Matches {
	return &activities.Matches{Store: w.store, Cities: w.cities, Teller: w.teller(), Now: func() time.Time { return w.now }}
}

func TestSmallMatchIsApprovedByThePolicyAndRunsItsCourse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(9_900)
	a := w.matches()

	view, err := a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, city.MatchApproved, view.State)
	require.Equal(t, activities.StepNoShow, view.Next.Step)
	require.WithinDuration(t, w.now.Add(96*time.Hour/3600), view.Next.At, 10*time.Second, "the city clock runs 3600 times as fast")
	again, err := a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, view, again, "loading twice changes nothing")

	given := w.decide(ref, city.DecisionHandOver, city.Giver, "store", 90)
	view, err = a.TakeDecisions(t.Context(), activities.TakeDecisionsInput{MatchRef: ref, Announced: announced(given)})
	require.NoError(t, err)
	require.Equal(t, city.MatchHandedOver, view.State)

	received := w.decide(ref, city.DecisionConfirmReceipt, city.Receiver, "pantry", 80)
	in := activities.TakeDecisionsInput{MatchRef: ref, Announced: announced(received, received)}
	for range 2 { // the second attempt of an activity whose answer was lost
		view, err = a.TakeDecisions(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, city.MatchConfirmed, view.State)
	}
	held, committed := w.held("store.food")
	require.Zero(t, held)
	require.EqualValues(t, 80, committed, "what was weighed counts, the rest is open again")
}

func announced(ids ...city.DecisionID) []activities.Announced {
	var list []activities.Announced
	for _, id := range ids {
		list = append(list, activities.Announced{Kind: city.DecisionApprove, Decision: id, TypedIn: "typed." + id})
	}
	return list
}

func TestBothSidesAndAnApproverMustAgree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(20_000)
	a := w.matches()
	view, err := a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, city.MatchProposed, view.State)
	require.Equal(t, city.Requirement{Rule: "middle", Sides: []city.Party{city.Giver, city.Receiver}, CityApprovers: 1}, view.Missing)
	require.Equal(t, activities.StepRemind, view.Next.Step)

	for i, step := range []struct {
		party   city.Party
		actor   string
		outcome city.DecisionOutcome
		state   city.MatchState
	}{
		{city.Giver, "store", city.DecisionApplied, city.MatchProposed},
		{city.Giver, "store-too", city.DecisionIgnored, city.MatchProposed},
		{city.CityHall, "ada", city.DecisionApplied, city.MatchProposed},
		{city.CityHall, "bob", city.DecisionIgnored, city.MatchProposed},
		{city.Receiver, "pantry", city.DecisionApplied, city.MatchApproved},
	} {
		id := w.decide(ref, city.DecisionApprove, step.party, step.actor, 0)
		view, err := a.TakeDecisions(t.Context(), activities.TakeDecisionsInput{MatchRef: ref, Announced: announced(id)})
		require.NoError(t, err)
		require.Equal(t, step.state, view.State, "step %d", i)
		outcome, reason := w.outcome(id)
		require.Equal(t, step.outcome, outcome, "step %d: %s", i, reason)
	}
}

func TestTwoApproversAreTwoPersonsAndNoOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(90_000)
	a := w.matches()
	_, err := a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)

	ada := w.decide(ref, city.DecisionApprove, city.CityHall, "ada", 0)
	view, err := a.TakeDecisions(t.Context(), activities.TakeDecisionsInput{MatchRef: ref, Announced: append(announced(ada),
		activities.Announced{Kind: city.DecisionApprove, TypedIn: "typed.1"},
		activities.Announced{Kind: city.DecisionApprove, Decision: "no-such", TypedIn: "typed.2"})})
	require.NoError(t, err)
	require.Equal(t, city.MatchProposed, view.State)
	require.Equal(t, 1, view.Missing.CityApprovers)
	for _, id := range []city.DecisionID{"typed.1", "typed.2"} {
		outcome, reason := w.outcome(id)
		require.Equal(t, city.DecisionIgnored, outcome)
		require.Contains(t, reason, "operator")
		d, err := w.store.Decision(t.Context(), town, id)
		require.NoError(t, err)
		require.True(t, d.TypedIn)
		require.Equal(t, city.Operator, d.Role)
	}
	bob := w.decide(ref, city.DecisionApprove, city.CityHall, "bob", 0)
	view, err = a.TakeDecisions(t.Context(), activities.TakeDecisionsInput{MatchRef: ref, Announced: announced(bob)})
	require.NoError(t, err)
	require.Equal(t, city.MatchApproved, view.State)
}

// What is announced early is kept until its time comes; the order of the signals means nothing.
func TestDecisionsOutOfOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(20_000)
	a := w.matches()
	_, err := a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	in := activities.TakeDecisionsInput{MatchRef: ref, Announced: []activities.Announced{
		{Kind: city.DecisionConfirmReceipt, TypedIn: "typed.c"}, {Kind: city.DecisionHandOver, TypedIn: "typed.h"},
	}}
	view, err := a.TakeDecisions(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, city.MatchProposed, view.State)
	for _, id := range []city.DecisionID{"typed.c", "typed.h"} {
		outcome, _ := w.outcome(id)
		require.Equal(t, city.DecisionPending, outcome)
	}
	w.decide(ref, city.DecisionApprove, city.Giver, "store", 0)
	w.decide(ref, city.DecisionApprove, city.Receiver, "pantry", 0)
	w.decide(ref, city.DecisionApprove, city.CityHall, "ada", 0)
	view, err = a.TakeDecisions(t.Context(), activities.TakeDecisionsInput{MatchRef: ref}) // even without a signal
	require.NoError(t, err)
	require.Equal(t, city.MatchConfirmed, view.State)
}

func TestRejectionReleasesTheHoldAndIgnoresWhatComesLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(20_000)
	a := w.matches()
	_, err := a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	approval := w.decide(ref, city.DecisionApprove, city.CityHall, "ada", 0)
	rejection := w.decide(ref, city.DecisionReject, city.Receiver, "pantry", 0)
	late := w.decide(ref, city.DecisionApprove, city.Giver, "store", 0)
	view, err := a.TakeDecisions(t.Context(), activities.TakeDecisionsInput{MatchRef: ref, Announced: announced(late, rejection, approval)})
	require.NoError(t, err)
	require.Equal(t, city.MatchRejected, view.State)
	outcome, reason := w.outcome(late)
	require.Equal(t, city.DecisionIgnored, outcome)
	require.Equal(t, "match is rejected", reason)
	held, committed := w.held("store.food")
	require.Zero(t, held+committed)
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(20_000)
	a := w.matches()
	view, err := a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	for _, next := range []activities.Step{activities.StepEscalate, activities.StepExpire} {
		w.now = view.Next.At.Add(-time.Second) // this machine's clock is behind the server's
		view, err = a.PassDeadline(t.Context(), activities.PassDeadlineInput{MatchRef: ref, State: city.MatchProposed, Step: view.Next.Step})
		require.NoError(t, err)
		require.Equal(t, next, view.Next.Step)
	}
	w.now = view.Next.At
	for range 2 {
		view, err = a.PassDeadline(t.Context(), activities.PassDeadlineInput{MatchRef: ref, State: city.MatchProposed, Step: activities.StepExpire})
		require.NoError(t, err)
		require.Equal(t, city.MatchExpired, view.State)
	}
	held, _ := w.held("pantry.food")
	require.Zero(t, held)
}

// A decision that was recorded although its signal was lost comes before the deadline.
func TestDeadlineFindsADecisionWhoseSignalWasLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(9_900)
	a := w.matches()
	_, err := a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	w.decide(ref, city.DecisionHandOver, city.Giver, "store", 100)
	view, err := a.PassDeadline(t.Context(), activities.PassDeadlineInput{MatchRef: ref, State: city.MatchApproved, Step: activities.StepNoShow})
	require.NoError(t, err)
	require.Equal(t, city.MatchHandedOver, view.State)
	view, err = a.PassDeadline(t.Context(), activities.PassDeadlineInput{MatchRef: ref, State: city.MatchHandedOver, Step: activities.StepNoShow})
	require.NoError(t, err)
	require.Equal(t, city.MatchFailed, view.State)
	require.Contains(t, view.Reason, "receipt")
}

func TestRelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := w.proposal(9_900)
	a := w.matches()
	for range 2 {
		view, err := a.ReleaseMatch(t.Context(), activities.ReleaseMatchInput{MatchRef: ref, Reason: "cancelled"})
		require.NoError(t, err)
		require.Equal(t, city.MatchCancelled, view.State)
		require.Equal(t, "cancelled", view.Reason)
	}
}

func TestUnknownMatchIsAFinalError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ref := activities.MatchRef{City: town, Match: city.MatchID{Run: "r9", Leaf: leaf, N: 1}}
	_, err := w.matches().LoadMatch(t.Context(), ref)
	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, activities.TypeNotFound, failure.Type())
	require.True(t, failure.NonRetryable())
}
