package api

import (
	"context"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// listingQuery is what both lists of listings may ask for.
type listingQuery struct {
	side               city.Side
	state              wire.ListingState
	leaf, ward, holder string
	after              string
	limit              int
}

// ListResources lists resources; a participant's own key sees its own.
func (s *server) ListResources(ctx context.Context, request wire.ListResourcesRequestObject) (wire.ListResourcesResponseObject, error) {
	p := request.Params
	found, err := s.listListings(ctx, listingQuery{city.ResourceSide, p.State, p.Leaf, p.Ward, p.Holder, p.After, p.Limit})
	return wire.ListResources200JSONResponse(found), err
}

// ListNeeds lists needs; a participant's own key sees its own.
func (s *server) ListNeeds(ctx context.Context, request wire.ListNeedsRequestObject) (wire.ListNeedsResponseObject, error) {
	p := request.Params
	found, err := s.listListings(ctx, listingQuery{city.NeedSide, p.State, p.Leaf, p.Ward, p.Holder, p.After, p.Limit})
	return wire.ListNeeds200JSONResponse(found), err
}

func (s *server) listListings(ctx context.Context, q listingQuery) (wire.ListingPage, error) {
	caller := callerOf(ctx)
	holder := city.ParticipantID(q.holder)
	if !caller.seesAll() {
		if caller.Participant == "" || (holder != "" && !caller.owns(holder)) {
			return wire.ListingPage{Items: []wire.Listing{}}, nil
		}
		holder = caller.Participant
	}
	currency, err := s.currency(ctx, caller.City)
	if err != nil {
		return wire.ListingPage{}, err
	}
	found, next, err := s.store.ListListings(ctx, caller.City, postgres.ListingFilter{
		Side: q.side, State: city.ListingState(q.state), Leaf: city.Leaf(q.leaf), Ward: q.ward, Holder: holder,
	}, page(q.after, q.limit))
	if err != nil {
		return wire.ListingPage{}, badCursor(q.after, err)
	}
	private, err := s.privateHolders(ctx, caller, found)
	if err != nil {
		return wire.ListingPage{}, err
	}
	items := make([]wire.Listing, len(found))
	for i, listing := range found {
		items[i] = listingFor(listing, currency, private[listing.Holder])
	}
	return wire.ListingPage{Items: items, Next: next}, nil
}

// GetResource answers with one resource.
func (s *server) GetResource(ctx context.Context, request wire.GetResourceRequestObject) (wire.GetResourceResponseObject, error) {
	answer, err := s.getListing(ctx, city.ResourceSide, request.Listing)
	return wire.GetResource200JSONResponse{ListingResponseJSONResponse: answer}, err
}

// GetNeed answers with one need.
func (s *server) GetNeed(ctx context.Context, request wire.GetNeedRequestObject) (wire.GetNeedResponseObject, error) {
	answer, err := s.getListing(ctx, city.NeedSide, request.Listing)
	return wire.GetNeed200JSONResponse{ListingResponseJSONResponse: answer}, err
}

func (s *server) getListing(ctx context.Context, side city.Side, id string) (wire.ListingResponseJSONResponse, error) {
	found, err := s.listing(ctx, side, id)
	if err != nil {
		return wire.ListingResponseJSONResponse{}, err
	}
	return s.answerListing(ctx, found)
}

// listing reads one that the caller may see: its own, the other one of an approved match of its own, or any of the city.
func (s *server) listing(ctx context.Context, side city.Side, id string) (postgres.Listing, error) {
	caller := callerOf(ctx)
	found, err := s.store.Listing(ctx, caller.City, city.ListingID(id))
	if err != nil {
		return postgres.Listing{}, err
	}
	visible := caller.seesAll() || caller.owns(found.Holder)
	if !visible {
		if visible, err = s.met(ctx, caller, found.Holder, found.ID); err != nil {
			return postgres.Listing{}, err
		}
	}
	if found.Side != side || !visible {
		return postgres.Listing{}, notFound.because("there is no %s %s, or it is not yours", side, id)
	}
	return found, nil
}

func (s *server) answerListing(ctx context.Context, l postgres.Listing) (wire.ListingResponseJSONResponse, error) {
	currency, err := s.currency(ctx, l.City)
	if err != nil {
		return wire.ListingResponseJSONResponse{}, err
	}
	private, err := s.privateHolders(ctx, callerOf(ctx), []postgres.Listing{l})
	if err != nil {
		return wire.ListingResponseJSONResponse{}, err
	}
	return wire.ListingResponseJSONResponse{
		Body: listingFor(l, currency, private[l.Holder]), Headers: wire.ListingResponseResponseHeaders{ETag: listingVersion(l)},
	}, nil
}

// WithdrawResource withdraws a resource.
func (s *server) WithdrawResource(ctx context.Context, request wire.WithdrawResourceRequestObject) (wire.WithdrawResourceResponseObject, error) {
	answer, err := s.withdraw(ctx, city.ResourceSide, request.Listing, request.Params.IfMatch, request.Body)
	return wire.WithdrawResource200JSONResponse{ListingResponseJSONResponse: answer}, err
}

// WithdrawNeed withdraws a need.
func (s *server) WithdrawNeed(ctx context.Context, request wire.WithdrawNeedRequestObject) (wire.WithdrawNeedResponseObject, error) {
	answer, err := s.withdraw(ctx, city.NeedSide, request.Listing, request.Params.IfMatch, request.Body)
	return wire.WithdrawNeed200JSONResponse{ListingResponseJSONResponse: answer}, err
}

func (s *server) withdraw(ctx context.Context, side city.Side, id, ifMatch string, body *wire.NewWithdrawal) (wire.ListingResponseJSONResponse, error) {
	var nothing wire.ListingResponseJSONResponse
	found, err := s.listing(ctx, side, id)
	if err != nil {
		return nothing, err
	}
	if caller := callerOf(ctx); !caller.owns(found.Holder) && !caller.has(city.Operator) {
		return nothing, forbidden.because("only its holder or an operator withdraws %s", id)
	}
	if body.EndMatches && body.Reason == "" {
		return nothing, invalidRequest.field("/reason", "required with end_matches: want one of %v", city.Reasons())
	}
	if err := checkVersion(ifMatch, listingVersion(found)); err != nil {
		return nothing, err
	}
	if err := s.audit(ctx, "withdraw", "listing", id); err != nil {
		return nothing, err
	}
	withdrawn, err := s.store.TransitionListing(ctx, found.City, found.ID, city.ListingWithdrawn)
	if err != nil {
		return nothing, err
	}
	if body.EndMatches {
		if err := s.endMatches(ctx, withdrawn, city.Reason(body.Reason), body.Note); err != nil {
			return nothing, err
		}
	}
	return s.answerListing(ctx, withdrawn)
}

// privateHolders finds which of the listings' holders are private persons whose place the caller must not see exactly.
func (s *server) privateHolders(ctx context.Context, caller Caller, listings []postgres.Listing) (map[city.ParticipantID]bool, error) {
	if !hidesPlaces(caller) {
		return map[city.ParticipantID]bool{}, nil
	}
	var holders []city.ParticipantID
	seen := map[city.ParticipantID]bool{}
	for _, l := range listings {
		if l.Point != nil && !seen[l.Holder] {
			seen[l.Holder] = true
			holders = append(holders, l.Holder)
		}
	}
	found, err := s.store.Participants(ctx, caller.City, holders)
	if err != nil {
		return nil, err
	}
	private := map[city.ParticipantID]bool{}
	for _, participant := range found {
		private[participant.ID] = participant.Kind == city.Person
	}
	return private, nil
}

func listingVersion(l postgres.Listing) string {
	return version(l.UpdatedAt, l.State, l.Held, l.Committed)
}
