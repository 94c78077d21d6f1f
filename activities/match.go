package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// MatchStore is what the steps of a match need of the database. Only the workflow of a match moves it, so that between
// reading and writing nothing else changes its state.
type MatchStore interface {
	Match(ctx context.Context, id city.ID, match city.MatchID) (postgres.Match, error)
	ApproveByPolicy(ctx context.Context, id city.ID, match city.MatchID, policy string, r city.Requirement) (bool, error)
	CloseMatch(ctx context.Context, id city.ID, match city.MatchID, to city.MatchState, reason string) error
	Decision(ctx context.Context, id city.ID, decision city.DecisionID) (postgres.Decision, error)
	Decisions(ctx context.Context, id city.ID, match city.MatchID) ([]postgres.Decision, error)
	RecordDecision(ctx context.Context, d postgres.Decision) error
	TakeDecision(ctx context.Context, id city.ID, decision city.DecisionID, v postgres.Verdict) (postgres.Decision, error)
	AuditStore
}

// Matches carries a match through its states.
type Matches struct {
	Store  MatchStore
	Cities *Cities
	Teller *Teller
	Now    func() time.Time
}

// LoadMatch asks the approval policy about a match that it was not asked about yet, and judges the decisions that were
// recorded before its workflow started.
func (a *Matches) LoadMatch(ctx context.Context, ref MatchRef) (MatchView, error) {
	view, err := a.load(ctx, ref)
	return view, classify(err)
}

func (a *Matches) load(ctx context.Context, ref MatchRef) (MatchView, error) {
	m, err := a.Store.Match(ctx, ref.City, ref.Match)
	if err != nil {
		return MatchView{}, err
	}
	if m.State == city.MatchProposed && m.Requirement == nil {
		t, err := a.Cities.of(ctx, ref.City)
		if err != nil {
			return MatchView{}, err
		}
		requirement, err := t.policy.Require(ref.Match.Leaf, m.ExpectedMinor)
		if err != nil {
			return MatchView{}, fmt.Errorf("%w: %w", errInvalid, err)
		}
		if _, err := a.Store.ApproveByPolicy(ctx, ref.City, ref.Match, t.policy.ID, requirement); err != nil {
			return MatchView{}, err
		}
		if m, err = a.Store.Match(ctx, ref.City, ref.Match); err != nil {
			return MatchView{}, err
		}
	}
	return a.judgePending(ctx, m)
}

// TakeDecisions records the decisions that operators typed in and judges everything that is pending, in the order in
// which it was decided.
func (a *Matches) TakeDecisions(ctx context.Context, in TakeDecisionsInput) (MatchView, error) {
	view, err := a.take(ctx, in)
	return view, classify(err)
}

func (a *Matches) take(ctx context.Context, in TakeDecisionsInput) (MatchView, error) {
	for _, announced := range in.Announced {
		if err := a.recordTyped(ctx, in.MatchRef, announced); err != nil {
			return MatchView{}, err
		}
	}
	m, err := a.Store.Match(ctx, in.City, in.Match)
	if err != nil {
		return MatchView{}, err
	}
	return a.judgePending(ctx, m)
}

// recordTyped records a decision whose signal refers to none that was recorded: an operator typed it into the Web UI. It
// takes the word of the side that the signal stands for, under the operator's own role.
func (a *Matches) recordTyped(ctx context.Context, ref MatchRef, announced Announced) error {
	if announced.Decision != "" {
		_, err := a.Store.Decision(ctx, ref.City, announced.Decision)
		if !errors.Is(err, postgres.ErrNotFound) {
			return err // a decision on something else is judged there
		}
	}
	party := city.CityHall
	switch announced.Kind {
	case city.DecisionHandOver:
		party = city.Giver
	case city.DecisionConfirmReceipt:
		party = city.Receiver
	}
	return a.Store.RecordDecision(ctx, postgres.Decision{
		City: ref.City, ID: announced.TypedIn, Kind: announced.Kind, Party: party, Actor: typist, Role: city.Operator, TypedIn: true,
		Reason: city.ReasonOther, Match: &ref.Match, Origin: city.Observed,
	})
}

// typist is the actor of what is typed into the Web UI, which does not say who sat before it.
const typist = "operator"

// PassDeadline does what a deadline brings, unless a decision came first.
func (a *Matches) PassDeadline(ctx context.Context, in PassDeadlineInput) (MatchView, error) {
	view, err := a.pass(ctx, in)
	return view, classify(err)
}

func (a *Matches) pass(ctx context.Context, in PassDeadlineInput) (MatchView, error) {
	view, err := a.take(ctx, TakeDecisionsInput{MatchRef: in.MatchRef})
	if err != nil || view.State != in.State {
		return view, err
	}
	switch in.Step {
	case StepRemind, StepEscalate:
		err = a.nudge(ctx, in)
	case StepExpire:
		err = a.Store.CloseMatch(ctx, in.City, in.Match, city.MatchExpired, "nobody decided in time")
	case StepNoShow:
		reason := "not handed over within the pick-up window"
		if in.State == city.MatchHandedOver {
			reason = "receipt was not confirmed in time"
		}
		err = a.Store.CloseMatch(ctx, in.City, in.Match, city.MatchFailed, reason)
	default:
		err = fmt.Errorf("%w: step %q of a match", errInvalid, in.Step)
	}
	if err != nil {
		return MatchView{}, err
	}
	view, err = a.take(ctx, TakeDecisionsInput{MatchRef: in.MatchRef})
	if err != nil || view.State != in.State {
		return view, err
	}
	// The deadline passed by the server's clock. By this machine's it may lie ahead still, and must not come again.
	view.Next, err = a.following(ctx, in)
	return view, err
}

// nudge reminds or escalates, and records that it did, and to whom.
func (a *Matches) nudge(ctx context.Context, in PassDeadlineInput) error {
	m, err := a.Store.Match(ctx, in.City, in.Match)
	if err != nil {
		return err
	}
	decisions, err := a.Store.Decisions(ctx, in.City, in.Match)
	if err != nil {
		return err
	}
	var asked escalation
	if in.Step == StepRemind {
		err = a.remind(ctx, m, decisions)
	} else {
		asked, err = a.escalate(ctx, m, decisions)
	}
	if err != nil {
		return err
	}
	return auditOnce(ctx, a.Store, in.City, "match", in.Match.String(), string(in.Step), asked)
}

func (a *Matches) following(ctx context.Context, in PassDeadlineInput) (Deadline, error) {
	m, err := a.Store.Match(ctx, in.City, in.Match)
	if err != nil {
		return Deadline{}, err
	}
	t, err := a.Cities.of(ctx, in.City)
	return matchLadder(t, m).after(in.Step), err
}

// ReleaseMatch ends a match whose workflow stopped, so that its hold is let go. One that is over stays as it is.
func (a *Matches) ReleaseMatch(ctx context.Context, in ReleaseMatchInput) (MatchView, error) {
	view, err := a.release(ctx, in)
	return view, classify(err)
}

func (a *Matches) release(ctx context.Context, in ReleaseMatchInput) (MatchView, error) {
	m, err := a.Store.Match(ctx, in.City, in.Match)
	if err != nil {
		return MatchView{}, err
	}
	to := city.MatchCancelled
	if m.State == city.MatchHandedOver {
		to = city.MatchFailed
	}
	if m.State.Holds() {
		if err := a.Store.CloseMatch(ctx, in.City, in.Match, to, in.Reason); err != nil {
			return MatchView{}, err
		}
	}
	return a.take(ctx, TakeDecisionsInput{MatchRef: in.MatchRef})
}

// judgePending takes pending decisions, oldest first, until none is left whose time has come. One that moves the match
// may make another one's time come.
func (a *Matches) judgePending(ctx context.Context, m postgres.Match) (MatchView, error) {
	decisions, err := a.Store.Decisions(ctx, m.City, m.ID)
	if err != nil {
		return MatchView{}, err
	}
	state := m.State
	for i := 0; i < len(decisions); i++ {
		if decisions[i].Outcome != city.DecisionPending {
			continue
		}
		verdict, ready := judge(m, decisions, decisions[i])
		if !ready {
			continue
		}
		if decisions[i], err = a.Store.TakeDecision(ctx, m.City, decisions[i].ID, verdict); err != nil {
			return MatchView{}, err
		}
		if decisions[i].Outcome == city.DecisionApplied && verdict.MatchState != "" {
			m.State = verdict.MatchState
			i = -1 // from the oldest again
		}
	}
	if m.State != state {
		if m, err = a.Store.Match(ctx, m.City, m.ID); err != nil {
			return MatchView{}, err
		}
	}
	return a.view(ctx, m, decisions)
}

// view is what the workflow is told. Before it is, so are the people: an attempt that ends in between is repeated.
func (a *Matches) view(ctx context.Context, m postgres.Match, decisions []postgres.Decision) (MatchView, error) {
	view := MatchView{State: m.State, Reason: m.StateReason}
	if err := a.announceMatch(ctx, m, decisions); err != nil {
		return MatchView{}, err
	}
	if !m.State.Holds() {
		return view, nil
	}
	t, err := a.Cities.of(ctx, m.City)
	if err != nil {
		return MatchView{}, err
	}
	if m.State == city.MatchProposed {
		view.Missing = missingApprovals(m, decisions)
	}
	view.Next = matchLadder(t, m).next(a.Now())
	return view, nil
}

// matchLadder is the deadlines of a match in its state: review while it is proposed, then the pick-up window, then as
// long again for the receipt.
func matchLadder(t terms, m postgres.Match) ladder {
	since := m.CreatedAt
	switch m.State {
	case city.MatchProposed:
		return t.review(since)
	case city.MatchApproved:
		since = *m.ApprovedAt
	case city.MatchHandedOver:
		since = *m.HandedOverAt
	}
	return ladder{{StepNoShow, t.wall(since.Add(t.policy.PickUpWithin))}}
}
