package api

import (
	"context"
	"slices"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// ListApprovals is the caller's work list: the matches that wait for a signature that the caller can give.
func (s *server) ListApprovals(ctx context.Context, request wire.ListApprovalsRequestObject) (wire.ListApprovalsResponseObject, error) {
	caller, p := callerOf(ctx), request.Params
	waiting, next, err := s.waitingFor(ctx, caller, page(p.After, p.Limit))
	if err != nil {
		return nil, badCursor(p.After, err)
	}
	currency, err := s.currency(ctx, caller.City)
	if err != nil {
		return nil, err
	}
	ids := make([]city.MatchID, len(waiting))
	for i, match := range waiting {
		ids[i] = match.ID
	}
	decisions, err := s.store.DecisionsOf(ctx, caller.City, ids)
	if err != nil {
		return nil, err
	}
	var standsInFor []string
	if caller.has(city.Approver) {
		if standsInFor, err = s.standsInFor(ctx, caller); err != nil {
			return nil, err
		}
	}
	costs := s.refusals(ctx, waiting)
	items := []wire.Approval{}
	for _, match := range waiting {
		given := decisions[match.ID]
		signAs := signatures(caller, match, given)
		if len(signAs) == 0 { // signed a moment ago, or not asked
			continue
		}
		item := wire.Approval{
			Match: s.match(match, currency), SignAs: parties(signAs), Given: decisionsOf(given), Missing: missing(match, given),
		}
		if slices.Contains(signAs, city.CityHall) {
			item.DeputyFor = unsigned(standsInFor, given)
		}
		item.Refusing, item.RefusingUnknown = costs(match, currency)
		items = append(items, item)
	}
	return wire.ListApprovals200JSONResponse{Items: items, Next: next}, nil
}

// unsigned are those of the approvers behind no approval of the city yet.
func unsigned(approvers []string, given []postgres.Decision) []string {
	return slices.DeleteFunc(slices.Clone(approvers), func(approver string) bool {
		return slices.ContainsFunc(given, func(d postgres.Decision) bool {
			return d.Kind == city.DecisionApprove && d.Party == city.CityHall && d.Outcome != city.DecisionIgnored &&
				slices.Contains(d.Persons(), approver)
		})
	})
}

// waitingFor reads a page of matches that may wait for the caller. A page may turn out shorter than asked for.
func (s *server) waitingFor(ctx context.Context, caller Caller, page postgres.Page) ([]postgres.Match, string, error) {
	switch {
	case caller.has(city.Approver):
		return s.store.WorkList(ctx, caller.City, caller.Actor, caller.Participant, page)
	case caller.Participant == "":
		return nil, "", nil
	}
	return s.store.ListMatches(ctx, caller.City, postgres.MatchFilter{
		State: city.MatchProposed, Participant: caller.Participant,
	}, page)
}

// signatures are the parties for which the caller may sign the match now.
func signatures(caller Caller, m postgres.Match, given []postgres.Decision) []city.Party {
	if m.Requirement == nil {
		return nil
	}
	var parties []city.Party
	for _, party := range []city.Party{city.Giver, city.Receiver, city.CityHall} {
		said := word{kind: city.DecisionApprove, party: party}
		if _, err := maySpeak(caller, m, said); err != nil || !asks(*m.Requirement, party) {
			continue
		}
		if checkSignature(m, postgres.Decision{Party: party, Actor: caller.Actor}, given) == nil {
			parties = append(parties, party)
		}
	}
	return parties
}

// missing says whose signatures a match still waits for.
func missing(m postgres.Match, given []postgres.Decision) []wire.MissingSignature {
	answer := []wire.MissingSignature{}
	if m.Requirement == nil {
		return answer
	}
	signed := map[city.Party][]postgres.Decision{}
	for _, decision := range given {
		// What an operator typed in is no person's signature.
		if decision.Kind == city.DecisionApprove && decision.Outcome != city.DecisionIgnored && !decision.TypedIn &&
			!slices.ContainsFunc(signed[decision.Party], decision.SharesPersons) {
			signed[decision.Party] = append(signed[decision.Party], decision)
		}
	}
	for _, side := range m.Requirement.Sides {
		if len(signed[side]) == 0 {
			answer = append(answer, wire.MissingSignature{Party: wire.Party(side), Persons: 1})
		}
	}
	if left := m.Requirement.CityApprovers - len(signed[city.CityHall]); left > 0 {
		answer = append(answer, wire.MissingSignature{Party: wire.PartyCity, Persons: left})
	}
	return answer
}
