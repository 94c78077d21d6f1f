package api

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// RequestConfirmations asks the holders of unconfirmed resources, each in a workflow of its own: it waits for a person.
func (s *server) RequestConfirmations(ctx context.Context, request wire.RequestConfirmationsRequestObject) (wire.RequestConfirmationsResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	listings, refusals, err := s.askable(ctx, caller, body.Resources)
	if err != nil {
		return nil, err
	}
	now, err := s.cityTime(ctx, caller.City)
	if err != nil {
		return nil, err
	}
	var holders []city.ParticipantID
	for _, l := range listings {
		holders = append(holders, l.Holder)
	}
	contacts, err := s.store.ContactCounts(ctx, caller.City, holders)
	if err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "ask", "listing", "bulk of "+strconv.Itoa(len(listings))); err != nil {
		return nil, err
	}
	answer := wire.RequestConfirmations202JSONResponse{Asked: []wire.ConfirmationRequest{}, Refused: refusals}
	for _, l := range listings {
		asked, err := s.ask(ctx, l, postgres.ConfirmationRequest{
			City: caller.City, ID: effectOf(ctx) + "." + string(l.ID), Listing: l.ID, AskedBy: caller.Actor,
			ExpiresAt: now.Add(time.Duration(body.WithinHours) * time.Hour), IfSilent: city.IfSilent(body.IfSilent),
		})
		if errors.Is(err, postgres.ErrConflict) {
			answer.Refused = append(answer.Refused, wire.RefusedConfirmation{Resource: string(l.ID), Detail: "its holder is being asked already"})
			continue
		}
		if err != nil {
			return nil, err
		}
		asked.Contacts = contacts[l.Holder]
		answer.Asked = append(answer.Asked, asked)
	}
	return answer, nil
}

// ask records a request and starts its workflow; the same twice is one.
func (s *server) ask(ctx context.Context, l postgres.Listing, r postgres.ConfirmationRequest) (wire.ConfirmationRequest, error) {
	if len(r.ID) > 120 { // a listing's id may itself be as long as an id can be
		r.ID = r.ID[:16] + "." + shortHash(r.ID)
	}
	if err := s.store.AskForConfirmation(ctx, r); err != nil {
		return wire.ConfirmationRequest{}, err
	}
	recorded, err := s.store.ConfirmationRequest(ctx, r.City, r.ID)
	if err != nil {
		return wire.ConfirmationRequest{}, err
	}
	started, err := s.start(ctx, func(ctx context.Context) (workflows.Started, error) {
		return s.starter.ConfirmListing(ctx, activities.ConfirmRef{City: r.City, Listing: l.ID, Request: r.ID})
	})
	return wire.ConfirmationRequest{
		Resource: string(l.ID), Until: recorded.ExpiresAt, WorkflowID: started.WorkflowID, WebUI: s.link(started.WorkflowID),
	}, err
}

// askable separates the resources whose holders can be asked from the others, with the reason.
func (s *server) askable(ctx context.Context, caller Caller, stated []wire.ID) ([]postgres.Listing, []wire.RefusedConfirmation, error) {
	ids := make([]city.ListingID, len(stated))
	for i, id := range stated {
		ids[i] = city.ListingID(id)
	}
	found, err := s.store.Listings(ctx, caller.City, ids)
	if err != nil {
		return nil, nil, err
	}
	of := make(map[city.ListingID]postgres.Listing, len(found))
	for _, l := range found {
		of[l.ID] = l
	}
	var listings []postgres.Listing
	refusals := []wire.RefusedConfirmation{}
	taken := map[city.ListingID]bool{}
	for _, id := range ids {
		l, reason := of[id], ""
		switch {
		case l.ID == "" || l.Side != city.ResourceSide:
			reason = "there is no such resource"
		case taken[id]:
			reason = "named twice in this request"
		case l.State != city.ListingUnconfirmed:
			reason = "it is " + string(l.State) + ", not unconfirmed"
		}
		if reason != "" {
			refusals = append(refusals, wire.RefusedConfirmation{Resource: string(id), Detail: reason})
			continue
		}
		taken[id] = true
		listings = append(listings, l)
	}
	return listings, refusals, nil
}

// tellAnswered wakes the workflows whose question was answered. Without it they would see the answer at their next
// deadline, so that a failure here is no reason to refuse the answer.
func (s *server) tellAnswered(ctx context.Context, id city.ID, listings []city.ListingID) {
	for _, listing := range listings {
		err := s.askTemporal(ctx, func(ctx context.Context) error { return s.starter.SignalAnswered(ctx, id, listing) })
		if err != nil && !errors.Is(err, workflows.ErrOver) {
			s.logger.WarnContext(ctx, "the question's workflow hears of the answer later", "error", err)
		}
	}
}
