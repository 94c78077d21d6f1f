package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
)

// MatchResult is how a match ended.
type MatchResult struct {
	State       city.MatchState `json:"state"`
	Reason      string          `json:"reason,omitempty"`
	Alternative *city.MatchID   `json:"alternative,omitempty"` // offered in its place
	NSVMinor    int64           `json:"nsv_minor,omitempty"`   // ex-post, of a confirmed match
}

// Match carries one match from proposal to confirmation: approval by the policy or by people, a pick-up window, the
// giver's hand-over, the receiver's receipt, and what it was worth. Whatever ends it early releases its hold, re-opens
// both sides and offers the next best alternative.
//
// Signals only wake it: decisions are read from the database, in the order in which they were made, so that an early,
// late, doubled or lost signal changes nothing.
func Match(ctx workflow.Context, in activities.MatchRef) (MatchResult, error) {
	m := &match{ref: in}
	if err := m.setup(ctx); err != nil {
		return MatchResult{}, err
	}
	return m.run(ctx)
}

// match is the state of one Match workflow; what it knows of the match is what the last activity told it.
type match struct {
	ref    activities.MatchRef
	view   activities.MatchView
	inbox  *inbox
	result MatchResult
}

func (m *match) setup(ctx workflow.Context) error {
	m.inbox = newInbox(ctx, matchSignals())
	return workflow.SetQueryHandlerWithOptions(ctx, QueryStatus, func() (activities.MatchView, error) { return m.view, nil },
		workflow.QueryHandlerOptions{Description: "state, missing approvals and next deadline of the match"})
}

func (m *match) run(ctx workflow.Context) (MatchResult, error) {
	err := m.story(ctx)
	switch {
	case err == nil:
		err = m.drain(ctx)
	case !workflow.IsContinueAsNewError(err):
		m.release(ctx, err)
	}
	m.result.State, m.result.Reason = m.view.State, m.view.Reason
	return m.result, err
}

// story can begin anywhere in itself, after a restart or when a new history starts.
func (m *match) story(ctx workflow.Context) error {
	if err := m.load(ctx); err != nil {
		return err
	}
	for _, state := range []city.MatchState{
		city.MatchProposed,   // until everybody who must agree did, or a reminder, an escalation and the expiry passed
		city.MatchApproved,   // until the giver hands over within the pick-up window
		city.MatchHandedOver, // until the receiver confirms what arrived
	} {
		if err := m.awaitWhile(ctx, state); err != nil {
			return err
		}
	}
	if m.view.State == city.MatchConfirmed {
		return m.value(ctx)
	}
	return m.offerAlternative(ctx)
}

func (m *match) load(ctx workflow.Context) error {
	view, err := quickly(ctx, "load the match, apply the approval policy", matches.LoadMatch, m.ref)
	return m.see(ctx, view, err)
}

// awaitWhile waits for decisions and deadlines for as long as the match stays in state.
func (m *match) awaitWhile(ctx workflow.Context, state city.MatchState) error {
	for m.view.State == state {
		if historyIsLong(ctx) {
			return workflow.NewContinueAsNewError(ctx, Match, m.ref)
		}
		deadline := m.view.Next
		signalled, err := awaitSignal(ctx, m.inbox, deadline)
		switch {
		case err != nil:
			return err
		case signalled:
			err = m.take(ctx)
		default:
			err = m.pass(ctx, deadline)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// take has the database judge all pending decisions, those that signals announced among them.
func (m *match) take(ctx workflow.Context) error {
	letters := m.inbox.empty(ctx)
	view, err := quickly(ctx, summarise(letters), matches.TakeDecisions,
		activities.TakeDecisionsInput{MatchRef: m.ref, Announced: letters})
	return m.see(ctx, view, err)
}

func (m *match) pass(ctx workflow.Context, deadline activities.Deadline) error {
	view, err := quickly(ctx, string(deadline.Step), matches.PassDeadline,
		activities.PassDeadlineInput{MatchRef: m.ref, State: m.view.State, Step: deadline.Step})
	return m.see(ctx, view, err)
}

// drain leaves no signal unread: what came too late is recorded as ignored.
func (m *match) drain(ctx workflow.Context) error {
	for m.inbox.waiting() {
		if err := m.take(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (m *match) value(ctx workflow.Context) error {
	worth, err := quickly(ctx, "value ex-post", values.ValueMatch, m.ref)
	m.result.NSVMinor = worth.NSVMinor
	return err
}

func (m *match) offerAlternative(ctx workflow.Context) error {
	offer, err := heavily(ctx, "offer the next best alternative", alternatives.OfferAlternative, m.ref)
	m.result.Alternative = offer.Match
	return err
}

// release compensates: whatever stopped the workflow, the hold goes and both sides re-open. A match that is over
// already stays as it is.
func (m *match) release(ctx workflow.Context, cause error) {
	ctx = compensation(ctx)
	view, err := steadily(ctx, "release the hold", matches.ReleaseMatch,
		activities.ReleaseMatchInput{MatchRef: m.ref, Reason: reasonOf(cause)})
	if err := m.see(ctx, view, err); err != nil {
		workflow.GetLogger(ctx).Error("the hold could not be released", "error", err)
	}
}

// see takes in what an activity returned and shows it.
func (m *match) see(ctx workflow.Context, view activities.MatchView, err error) error {
	if err != nil {
		return err
	}
	m.view = view
	workflow.SetCurrentDetails(ctx, m.details())
	return upsertStatus(ctx, Status(view.State))
}

// details is the Markdown that the Web UI shows of an open match.
func (m *match) details() string {
	text := fmt.Sprintf("**%s**", m.view.State)
	if m.view.Reason != "" {
		text += ": " + m.view.Reason
	}
	if missing := m.view.Missing; m.view.State == city.MatchProposed {
		text += fmt.Sprintf("\n\nWaits for %d of the city", missing.CityApprovers)
		for _, side := range missing.Sides {
			text += ", the " + string(side)
		}
		text += fmt.Sprintf(" (rule %s).", missing.Rule)
	}
	if !m.over() {
		text += fmt.Sprintf("\n\nNext: %s at %s.", m.view.Next.Step, m.view.Next.At.UTC().Format(time.RFC3339))
	}
	return text
}

func (m *match) over() bool { return city.MatchTransitions().Terminal(m.view.State) }
