package api

import (
	"context"
	"strconv"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// ConfirmResources takes the holders' answers about unconfirmed resources, each for itself.
func (s *server) ConfirmResources(ctx context.Context, request wire.ConfirmResourcesRequestObject) (wire.ConfirmResourcesResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	answers, refusals, err := s.answersOf(ctx, caller, body.Answers)
	if err != nil {
		return nil, err
	}
	done := wire.ConfirmResources200JSONResponse{Refused: refusals}
	if len(answers) > 0 {
		if err := s.audit(ctx, "confirm", "listing", "bulk of "+strconv.Itoa(len(answers))); err != nil {
			return nil, err
		}
		answered, err := s.store.ConfirmListings(ctx, caller.City, answers, postgres.Author{
			Actor: caller.Actor, Role: caller.Role, Party: city.Giver, Origin: originOf(body.Simulated),
		})
		if err != nil {
			return nil, err
		}
		s.tellAnswered(ctx, caller.City, answered.Requests)
		done.Confirmed, done.Denied = int(answered.Opened), int(answered.Withdrawn)
	}
	return done, nil
}

// answersOf separates the answers that can be given from those that are refused, with the reason.
func (s *server) answersOf(ctx context.Context, caller Caller, stated []wire.NewConfirmation) ([]postgres.ListingAnswer, []wire.RefusedConfirmation, error) {
	ids := make([]city.ListingID, len(stated))
	for i, answer := range stated {
		ids[i] = city.ListingID(answer.Resource)
	}
	found, err := s.store.Listings(ctx, caller.City, ids)
	if err != nil {
		return nil, nil, err
	}
	listings := make(map[city.ListingID]postgres.Listing, len(found))
	for _, listing := range found {
		listings[listing.ID] = listing
	}
	var answers []postgres.ListingAnswer
	refusals := []wire.RefusedConfirmation{}
	taken := map[city.ListingID]bool{}
	for i, answer := range stated {
		id := city.ListingID(answer.Resource)
		if reason := whyNoAnswer(caller, listings[id], taken[id]); reason != "" {
			refusals = append(refusals, wire.RefusedConfirmation{Resource: answer.Resource, Detail: reason})
			continue
		}
		taken[id] = true
		answers = append(answers, postgres.ListingAnswer{
			Listing: id, Usable: answer.Usable, Decision: city.DecisionID(effectOf(ctx) + "." + strconv.Itoa(i+1)),
		})
	}
	return answers, refusals, nil
}

func whyNoAnswer(caller Caller, l postgres.Listing, taken bool) string {
	switch {
	case l.ID == "" || l.Side != city.ResourceSide || (!caller.has(city.Operator) && !caller.owns(l.Holder)):
		return "there is no such resource, or it is not yours"
	case taken:
		return "answered twice in this request: the first answer counts"
	case l.State != city.ListingUnconfirmed:
		return "it is " + string(l.State) + ", not unconfirmed"
	}
	return ""
}

// originOf marks what a demo made up.
func originOf(simulated bool) city.Origin {
	if simulated {
		return city.Simulated
	}
	return city.Observed
}
