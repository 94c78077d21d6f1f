package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Verdict is what a workflow makes of a decision. MatchState or ParticipantState is set where the decision completes a
// transition (the second of two approvals does, the first does not); both empty records the outcome alone.
type Verdict struct {
	Outcome          city.DecisionOutcome // applied or ignored
	Reason           string
	MatchState       city.MatchState
	ParticipantState city.ParticipantState
}

// mayDecide refuses a decision whose subject does not stand where it can be decided. Receipt may be confirmed before
// the giver's word has been taken: the two signals travel at the same time.
func mayDecide(ctx context.Context, q *gen.Queries, d Decision) error {
	var state string
	var allowed bool
	var err error
	switch {
	case d.Match != nil:
		var m gen.MatchForUpdateRow
		m, err = q.MatchForUpdate(ctx, matchKey(d.City, *d.Match))
		state, allowed = m.State, slices.Contains(matchStatesFor(d.Kind), city.MatchState(m.State))
		if err == nil && d.MeasuredQuantity != nil && (*d.MeasuredQuantity < 1 || *d.MeasuredQuantity > m.Quantity) {
			return fmt.Errorf("measured_quantity %d: want 1 to %d, what was promised: %w", *d.MeasuredQuantity, m.Quantity, ErrInvalid)
		}
	case d.Participant != "":
		state, allowed, err = mayDecideOnParticipant(ctx, q, d)
	default:
		return fmt.Errorf("decision %s: want a match or a participant; listings are answered in bulk: %w", d.Kind, ErrInvalid)
	}
	if err == nil && !allowed {
		err = &StateError{Subject: d.subject(), State: state, Wanted: string(d.Kind)}
	}
	return err
}

func matchStatesFor(kind city.DecisionKind) []city.MatchState {
	switch kind {
	case city.DecisionApprove, city.DecisionReject:
		return []city.MatchState{city.MatchProposed}
	case city.DecisionCancel:
		return []city.MatchState{city.MatchProposed, city.MatchApproved}
	case city.DecisionHandOver:
		return []city.MatchState{city.MatchApproved}
	case city.DecisionConfirmReceipt, city.DecisionNoShow:
		return []city.MatchState{city.MatchApproved, city.MatchHandedOver}
	}
	return nil
}

// TakeDecision gives a decision its outcome and makes the transition that follows from it, in one transaction and
// exactly once: a second call answers what was recorded and changes nothing. When the subject's state no longer allows
// the transition, or the same person approved before, the outcome is ignored with that as its reason.
//
// hand_over takes the giver's measured quantity (all, when none was stated); confirm_receipt commits the lesser of the
// giver's and the receiver's and lets go of the rest.
func (s *Store) TakeDecision(ctx context.Context, id city.ID, decision city.DecisionID, v Verdict) (Decision, error) {
	var taken Decision
	err := s.write(ctx, fmt.Sprintf("take decision %s", decision), func(_ pgx.Tx, q *gen.Queries) error {
		// The subject is locked before the decision, as RecordDecision does.
		rows, err := q.Decisions(ctx, gen.DecisionsParams{City: string(id), Ids: []string{string(decision)}})
		if err != nil || len(rows) == 0 {
			return found("read it", int64(len(rows)), err)
		}
		d, err := decisionOf(rows[0])
		if err != nil {
			return err
		}
		obstacle, move, err := transitionFor(ctx, q, d, v)
		if err != nil {
			return err
		}
		row, err := q.DecisionForUpdate(ctx, gen.DecisionForUpdateParams{City: string(id), ID: string(decision)})
		if err != nil {
			return err
		}
		if row.Outcome != string(city.DecisionPending) {
			taken, err = decisionOf(row)
			return err
		}
		if obstacle != "" {
			v, move = Verdict{Outcome: city.DecisionIgnored, Reason: obstacle}, nil
		}
		row, err = q.SettleDecision(ctx, gen.SettleDecisionParams{
			City: string(id), ID: string(decision), Outcome: string(v.Outcome), OutcomeReason: v.Reason,
		})
		if err != nil {
			return err
		}
		if taken, err = decisionOf(row); err != nil || move == nil {
			return err
		}
		return move()
	})
	return taken, err
}

// transitionFor locks the decision's subject and finds the transition to make, or the obstacle to it.
func transitionFor(ctx context.Context, q *gen.Queries, d Decision, v Verdict) (obstacle string, move func() error, err error) {
	if v.Outcome != city.DecisionApplied {
		return "", nil, nil
	}
	switch {
	case d.Match != nil:
		return matchTransitionFor(ctx, q, d, v)
	case d.Document != "":
		return documentTransitionFor(ctx, q, d)
	case d.Participant != "" && v.ParticipantState != "":
		state, err := q.ParticipantStateForUpdate(ctx, gen.ParticipantStateForUpdateParams{City: string(d.City), ID: string(d.Participant)})
		if err != nil {
			return "", nil, err
		}
		if !city.ParticipantTransitions().Allows(city.ParticipantState(state), v.ParticipantState) {
			return "participant is " + state, nil, nil
		}
		if v.ParticipantState == city.ParticipantRejected {
			if err := nothingPromised(ctx, q, d.City, d.Participant); errors.Is(err, ErrConflict) {
				return "participant is " + underWay, nil, nil
			} else if err != nil {
				return "", nil, err
			}
		}
		reason := string(d.Reason)
		if reason == "" {
			reason = v.Reason
		}
		return "", func() error {
			return moveParticipant(ctx, q, d.City, d.Participant, v.ParticipantState, reason)
		}, nil
	}
	return "", nil, nil
}

func matchTransitionFor(ctx context.Context, q *gen.Queries, d Decision, v Verdict) (obstacle string, move func() error, err error) {
	m, err := q.MatchForUpdate(ctx, matchKey(d.City, *d.Match))
	if err != nil {
		return "", nil, err
	}
	if d.Kind == city.DecisionApprove {
		twice, err := q.ApprovedAlready(ctx, gen.ApprovedAlreadyParams{
			City: string(d.City), Match: d.Match.String(), Party: string(d.Party), Persons: d.Persons(),
		})
		if err != nil {
			return "", nil, err
		}
		if twice {
			return strings.Join(d.Persons(), " or ") + " approved before", nil, nil
		}
	}
	if v.MatchState == "" {
		if city.MatchTransitions().Terminal(city.MatchState(m.State)) {
			return "match is " + m.State, nil, nil
		}
		return "", nil, nil
	}
	if !city.MatchTransitions().Allows(city.MatchState(m.State), v.MatchState) {
		return "match is " + m.State, nil, nil
	}
	if d.MeasuredQuantity != nil && *d.MeasuredQuantity > m.Quantity {
		return fmt.Sprintf("measured %d of %d promised", *d.MeasuredQuantity, m.Quantity), nil, nil
	}
	return "", func() error {
		return setMatchState(ctx, q, d.City, *d.Match, v.MatchState, string(d.Reason), measuredBy(d, m, v.MatchState))
	}, nil
}

// measures are the quantities that a transition states; nil says nothing about one.
type measures struct{ handed, received, counts *int64 }

// measuredBy is what a decision that leads to a state measures. Whoever states no quantity repeats the word before it.
func measuredBy(d Decision, m gen.MatchForUpdateRow, to city.MatchState) measures {
	switch to {
	case city.MatchHandedOver:
		return measures{handed: firstSet(d.MeasuredQuantity, &m.Quantity)}
	case city.MatchConfirmed:
		handed := firstSet(m.HandedQuantity, &m.Quantity)
		received := firstSet(d.MeasuredQuantity, handed)
		counts := min(*handed, *received)
		return measures{received: received, counts: &counts}
	}
	return measures{}
}

func firstSet(values ...*int64) *int64 {
	for _, value := range values {
		if value != nil {
			return value
		}
	}
	return nil
}
