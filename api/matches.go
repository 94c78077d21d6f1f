package api

import (
	"context"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// ListMatches lists matches; a participant's own key sees those that it is a side of.
func (s *server) ListMatches(ctx context.Context, request wire.ListMatchesRequestObject) (wire.ListMatchesResponseObject, error) {
	caller, p := callerOf(ctx), request.Params
	participant := city.ParticipantID(p.Participant)
	if !caller.seesAll() {
		if caller.Participant == "" || (participant != "" && !caller.owns(participant)) {
			return wire.ListMatches200JSONResponse{Items: []wire.Match{}}, nil
		}
		participant = caller.Participant
	}
	currency, err := s.currency(ctx, caller.City)
	if err != nil {
		return nil, err
	}
	found, next, err := s.store.ListMatches(ctx, caller.City, postgres.MatchFilter{
		Run: city.RunID(p.Run), State: city.MatchState(p.State), Leaf: city.Leaf(p.Leaf), Participant: participant,
		Differing: p.Differing,
	}, page(p.After, p.Limit))
	if err != nil {
		return nil, badCursor(p.After, err)
	}
	items := make([]wire.Match, len(found))
	for i, match := range found {
		items[i] = s.match(match, currency)
	}
	return wire.ListMatches200JSONResponse{Items: items, Next: next}, nil
}

// GetMatch answers with one match and its decisions.
func (s *server) GetMatch(ctx context.Context, request wire.GetMatchRequestObject) (wire.GetMatchResponseObject, error) {
	caller := callerOf(ctx)
	found, err := s.visibleMatch(ctx, request.Match)
	if err != nil {
		return nil, err
	}
	currency, err := s.currency(ctx, caller.City)
	if err != nil {
		return nil, err
	}
	decisions, err := s.store.Decisions(ctx, caller.City, found.ID)
	if err != nil {
		return nil, err
	}
	answer := s.match(found, currency)
	answer.Decisions = decisionsOf(decisions)
	return wire.GetMatch200JSONResponse{Body: answer, Headers: wire.GetMatch200ResponseHeaders{ETag: matchVersion(found)}}, nil
}

// visibleMatch reads a match that the caller may see.
func (s *server) visibleMatch(ctx context.Context, text string) (postgres.Match, error) {
	caller := callerOf(ctx)
	id, err := city.ParseMatchID(text)
	if err != nil {
		return postgres.Match{}, invalidRequest.field("match", "%v", err)
	}
	found, err := s.store.Match(ctx, caller.City, id)
	if err != nil {
		return postgres.Match{}, err
	}
	if !caller.seesAll() && !caller.owns(found.Giver) && !caller.owns(found.Receiver) {
		return postgres.Match{}, notFound.because("there is no match %s, or it is not yours", text)
	}
	return found, nil
}

func (s *server) match(m postgres.Match, currency city.Currency) wire.Match {
	workflowID := workflows.MatchID(activities.MatchRef{City: m.City, Match: m.ID})
	answer := wire.Match{
		ID: m.ID.String(), City: string(m.City), Run: string(m.ID.Run), Leaf: string(m.ID.Leaf), N: m.ID.N,
		Resource: string(m.Resource), Need: string(m.Need), Giver: string(m.Giver), Receiver: string(m.Receiver), Ward: m.Ward,
		Quantity: m.Quantity, Unit: wire.Unit(m.Unit), HandedQuantity: m.HandedQuantity, ReceivedQuantity: m.ReceivedQuantity,
		MeasuredQuantity: m.MeasuredQuantity, Score: money(m.ScoreMinor, currency), Charge: money(m.ChargeMinor, currency),
		Expected: money(m.ExpectedMinor, currency), DistanceMetres: int64(m.DistanceM), State: wire.MatchState(m.State), StateReason: m.StateReason,
		Requirement: wire.Requirement{Sides: []wire.Party{}}, Origin: wire.Origin(m.Origin), UpdatedAt: m.UpdatedAt,
		WorkflowID: workflowID, WebUI: s.link(workflowID),
	}
	if m.AlternativeOf != nil {
		answer.AlternativeOf = m.AlternativeOf.String()
	}
	if m.Requirement != nil {
		answer.Requirement = wire.Requirement{
			Rule: m.Requirement.Rule, Sides: parties(m.Requirement.Sides), CityApprovers: m.Requirement.CityApprovers,
		}
	}
	return answer
}

func matchVersion(m postgres.Match) string { return version(m.UpdatedAt, m.State) }

func decisionsOf(from []postgres.Decision) []wire.Decision {
	answer := make([]wire.Decision, len(from))
	for i, decision := range from {
		answer[i] = decisionOf(decision)
	}
	return answer
}

func decisionOf(d postgres.Decision) wire.Decision {
	return wire.Decision{
		ID: string(d.ID), Kind: wire.DecisionKind(d.Kind), Party: wire.Party(d.Party), Actor: d.Actor, Role: string(d.Role),
		OnBehalfOf: d.OnBehalfOf, TypedIn: d.TypedIn,
		Reason: string(d.Reason), Note: d.Note, MeasuredQuantity: d.MeasuredQuantity, Origin: wire.Origin(d.Origin),
		Outcome: wire.DecisionOutcome(d.Outcome), OutcomeReason: d.OutcomeReason, CreatedAt: d.CreatedAt,
	}
}

// accepted is the answer to a decision that was recorded and announced.
func accepted(d postgres.Decision, location string) wire.DecisionAcceptedJSONResponse {
	return wire.DecisionAcceptedJSONResponse{
		Body: decisionOf(d), Headers: wire.DecisionAcceptedResponseHeaders{Location: location},
	}
}
