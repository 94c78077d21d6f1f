package api

import (
	"context"
	"errors"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// word is what somebody says about a match, before it is a recorded decision.
type word struct {
	kind      city.DecisionKind
	party     city.Party
	behalf    string // the approver for whom a deputy signs
	reason    city.Reason
	note      string
	measured  *int64
	simulated bool
	ifMatch   string
}

// DecideMatch records an approval, a refusal or a cancellation.
func (s *server) DecideMatch(ctx context.Context, request wire.DecideMatchRequestObject) (wire.DecideMatchResponseObject, error) {
	body := request.Body
	answer, err := s.sign(ctx, request.Match, word{
		kind: city.DecisionKind(body.Decision), party: city.Party(body.Party), reason: city.Reason(body.Reason),
		note: body.Note, simulated: body.Simulated, ifMatch: request.Params.IfMatch, behalf: body.OnBehalfOf,
	})
	return wire.DecideMatch202JSONResponse{DecisionAcceptedJSONResponse: answer}, err
}

// sign is decide for a yes or no, which may be a deputy's, and which needs a reason unless it is a yes.
func (s *server) sign(ctx context.Context, match string, said word) (wire.DecisionAcceptedJSONResponse, error) {
	var nothing wire.DecisionAcceptedJSONResponse
	if said.behalf != "" && said.party != city.CityHall {
		return nothing, invalidRequest.field("/on_behalf_of", "only the city's signatures have deputies")
	}
	if err := s.onBehalf(ctx, callerOf(ctx), said.behalf); err != nil {
		return nothing, err
	}
	if said.kind != city.DecisionApprove && said.reason == "" {
		return nothing, invalidRequest.field("/reason", "required for %s: want one of %v", said.kind, city.Reasons())
	}
	return s.decide(ctx, match, said)
}

// HandOverMatch records what the giver handed over.
func (s *server) HandOverMatch(ctx context.Context, request wire.HandOverMatchRequestObject) (wire.HandOverMatchResponseObject, error) {
	body := request.Body
	answer, err := s.decide(ctx, request.Match, word{
		kind: city.DecisionHandOver, party: city.Giver, measured: &body.MeasuredQuantity, note: body.Note,
		simulated: body.Simulated, ifMatch: request.Params.IfMatch,
	})
	return wire.HandOverMatch202JSONResponse{DecisionAcceptedJSONResponse: answer}, err
}

// ConfirmReceipt records what the receiver got.
func (s *server) ConfirmReceipt(ctx context.Context, request wire.ConfirmReceiptRequestObject) (wire.ConfirmReceiptResponseObject, error) {
	body := request.Body
	answer, err := s.decide(ctx, request.Match, word{
		kind: city.DecisionConfirmReceipt, party: city.Receiver, measured: &body.MeasuredQuantity, note: body.Note,
		simulated: body.Simulated, ifMatch: request.Params.IfMatch,
	})
	return wire.ConfirmReceipt202JSONResponse{DecisionAcceptedJSONResponse: answer}, err
}

// ReportNoShow records that a side did not come. A side says so of the other one; an operator of either.
func (s *server) ReportNoShow(ctx context.Context, request wire.ReportNoShowRequestObject) (wire.ReportNoShowResponseObject, error) {
	body := request.Body
	said := word{
		kind: city.DecisionNoShow, party: city.Giver, reason: city.ReasonReceiverAbsent, note: body.Note,
		simulated: body.Simulated, ifMatch: request.Params.IfMatch,
	}
	if body.Absent == wire.NewNoShowAbsentGiver {
		said.party, said.reason = city.Receiver, city.ReasonGiverAbsent
	}
	answer, err := s.decide(ctx, request.Match, said)
	return wire.ReportNoShow202JSONResponse{DecisionAcceptedJSONResponse: answer}, err
}

// decide checks right and state, records the decision as pending and tells the match's workflow, which takes it or not.
// Between the two a failure leaves a pending decision; the caller's repeat finds it under the same id and tells again.
func (s *server) decide(ctx context.Context, match string, said word) (wire.DecisionAcceptedJSONResponse, error) {
	var nothing wire.DecisionAcceptedJSONResponse
	caller := callerOf(ctx)
	found, err := s.visibleMatch(ctx, match)
	if err != nil {
		return nothing, err
	}
	decision := postgres.Decision{
		City: caller.City, ID: city.DecisionID(effectOf(ctx)), Kind: said.kind, Party: said.party, Actor: caller.Actor,
		Role: caller.Role, OnBehalfOf: said.behalf, Reason: said.reason, Note: said.note, Match: &found.ID, MeasuredQuantity: said.measured,
		Origin: originOf(said.simulated),
	}
	if decision.Role, err = maySpeak(caller, found, said); err != nil {
		return nothing, err
	}
	if err := s.checkInterest(ctx, caller, found, said); err != nil {
		return nothing, err
	}
	repeated, err := s.checkDecision(ctx, found, decision, said)
	if err != nil {
		return nothing, err
	}
	if !repeated {
		if err := s.audit(ctx, string(said.kind), "match", match); err != nil {
			return nothing, err
		}
		if err := s.store.RecordDecision(ctx, decision); err != nil {
			return nothing, err
		}
	}
	recorded, err := s.announce(ctx, caller.City, decision.ID, func(ctx context.Context) error {
		return s.starter.SignalDecision(ctx, activities.MatchRef{City: caller.City, Match: found.ID}, said.kind, decision.ID)
	})
	if errors.Is(err, workflows.ErrOver) {
		err = s.whyOver(ctx, found, err)
	}
	if err != nil {
		return nothing, err
	}
	return accepted(recorded, locate("matches", match)), nil
}

// checkDecision refuses what contradicts the match as it is. It reports whether this very decision is recorded already.
func (s *server) checkDecision(ctx context.Context, m postgres.Match, d postgres.Decision, said word) (repeated bool, err error) {
	before, err := s.store.Decisions(ctx, d.City, m.ID)
	if err != nil {
		return false, err
	}
	for _, other := range before {
		if other.ID == d.ID {
			return true, nil
		}
	}
	if city.MatchTransitions().Terminal(m.State) {
		return false, over("match "+m.ID.String(), string(m.State))
	}
	if err := checkVersion(said.ifMatch, matchVersion(m)); err != nil {
		return false, err
	}
	if said.measured != nil && *said.measured > m.Quantity {
		return false, refused.field("/measured_quantity", "%d: want at most %d, what was promised", *said.measured, m.Quantity)
	}
	if said.kind == city.DecisionApprove {
		if err := checkSignature(m, d, before); err != nil {
			return false, err
		}
	}
	return false, s.checkRealName(ctx, m, said)
}

// checkSignature refuses an approval that nobody asked for, and a second one by the same person.
func checkSignature(m postgres.Match, d postgres.Decision, before []postgres.Decision) error {
	for _, other := range before {
		if other.Kind == city.DecisionApprove && other.Party == d.Party && other.Outcome != city.DecisionIgnored &&
			(other.SharesPersons(d) || d.Party != city.CityHall) {
			return conflict.because("%s has approved for the %s already; a second signature of the city is another person's, "+
				"and a deputy and whom it stands for are one",
				other.Persons(), d.Party)
		}
	}
	if m.Requirement != nil && !asks(*m.Requirement, d.Party) {
		return refused.field("/party", "the policy's rule %q does not ask the %s", m.Requirement.Rule, d.Party)
	}
	return nil
}

func asks(r city.Requirement, party city.Party) bool {
	if party == city.CityHall {
		return r.CityApprovers > 0
	}
	for _, side := range r.Sides {
		if side == party {
			return true
		}
	}
	return false
}

// checkRealName keeps a made-up refusal or no-show from a real name.
func (s *server) checkRealName(ctx context.Context, m postgres.Match, said word) error {
	if !said.simulated {
		return nil
	}
	var named city.ParticipantID
	switch {
	case said.reason == city.ReasonGiverAbsent, said.party == city.Giver && isRefusal(said.kind):
		named = m.Giver
	case said.reason == city.ReasonReceiverAbsent, said.party == city.Receiver && isRefusal(said.kind):
		named = m.Receiver
	default:
		return nil
	}
	participant, err := s.store.Participant(ctx, m.City, named)
	if err == nil && participant.Origin == city.Observed {
		err = realName(named)
	}
	return err
}

func realName(id city.ParticipantID) error {
	return refused.field("/simulated", "participant %s is real: no made-up refusal or no-show falls on a real name", id)
}

func isRefusal(kind city.DecisionKind) bool {
	return kind == city.DecisionReject || kind == city.DecisionCancel
}

// whyOver tells a match that has ended from one whose workflow has not started yet.
func (s *server) whyOver(ctx context.Context, m postgres.Match, err error) error {
	now, readErr := s.store.Match(ctx, m.City, m.ID)
	switch {
	case readErr != nil:
		return readErr
	case city.MatchTransitions().Terminal(now.State):
		return over("match "+m.ID.String(), string(now.State))
	}
	return err
}
