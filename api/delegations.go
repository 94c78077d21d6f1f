package api

import (
	"context"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// ListDelegations lists deputies, past and to come.
func (s *server) ListDelegations(ctx context.Context, request wire.ListDelegationsRequestObject) (wire.ListDelegationsResponseObject, error) {
	caller := callerOf(ctx)
	found, next, err := s.store.ListDelegations(ctx, caller.City, page(request.Params.After, request.Params.Limit))
	if err != nil {
		return nil, badCursor(request.Params.After, err)
	}
	now, err := s.cityTime(ctx, caller.City)
	if err != nil {
		return nil, err
	}
	items := make([]wire.Delegation, len(found))
	for i, delegation := range found {
		items[i] = delegationOf(delegation, now)
	}
	return wire.ListDelegations200JSONResponse{Items: items, Next: next}, nil
}

// CreateDelegation names a deputy. An approver does so for itself, an operator for anybody, such as one who fell ill.
func (s *server) CreateDelegation(ctx context.Context, request wire.CreateDelegationRequestObject) (wire.CreateDelegationResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	now, err := s.cityTime(ctx, caller.City)
	if err != nil {
		return nil, err
	}
	wanted := postgres.Delegation{
		City: caller.City, ID: effectOf(ctx), Approver: body.Approver, Deputy: body.Deputy, StartsAt: body.StartsAt, EndsAt: body.EndsAt,
		Note: body.Note, CreatedBy: caller.Actor,
	}
	if wanted.Approver == "" {
		wanted.Approver = caller.Actor
	}
	if wanted.StartsAt.IsZero() {
		wanted.StartsAt = now
	}
	if err := s.checkDelegation(ctx, caller, wanted, now); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "delegate", "delegation", wanted.ID); err != nil {
		return nil, err
	}
	if err := s.store.Delegate(ctx, wanted); err != nil {
		return nil, err
	}
	recorded, err := s.store.Delegation(ctx, caller.City, wanted.ID)
	return wire.CreateDelegation201JSONResponse(delegationOf(recorded, now)), err
}

func (s *server) checkDelegation(ctx context.Context, caller Caller, d postgres.Delegation, now time.Time) error {
	if d.Approver != caller.Actor && !caller.has(city.Operator) {
		return forbidden.because("only an operator names a deputy for somebody else")
	}
	switch {
	case d.Approver == d.Deputy:
		return refused.field("/deputy", "%s cannot stand in for itself", d.Deputy)
	case !d.StartsAt.Before(d.EndsAt):
		return refused.field("/ends_at", "it must come after the start")
	case !d.EndsAt.After(now):
		return refused.field("/ends_at", "the city clock shows %s already", now.Format(time.RFC3339))
	}
	approvers, err := s.store.ActorsOf(ctx, caller.City, city.Approver)
	if err != nil {
		return err
	}
	for field, actor := range map[string]string{"/approver": d.Approver, "/deputy": d.Deputy} {
		if !slices.Contains(approvers, actor) {
			return refused.field(field, "%s has no key with the role approver: a delegation moves work, not rights", actor)
		}
	}
	return nil
}

// EndDelegation ends a delegation before its time: by its approver, by its deputy, who may not want it, or an operator.
func (s *server) EndDelegation(ctx context.Context, request wire.EndDelegationRequestObject) (wire.EndDelegationResponseObject, error) {
	caller := callerOf(ctx)
	found, err := s.store.Delegation(ctx, caller.City, request.Delegation)
	if err != nil {
		return nil, err
	}
	if caller.Actor != found.Approver && caller.Actor != found.Deputy && !caller.has(city.Operator) {
		return nil, forbidden.because("only %s, %s or an operator ends it", found.Approver, found.Deputy)
	}
	if err := s.audit(ctx, "end", "delegation", found.ID); err != nil {
		return nil, err
	}
	if err := s.store.EndDelegation(ctx, caller.City, found.ID); err != nil {
		return nil, err
	}
	if found, err = s.store.Delegation(ctx, caller.City, found.ID); err != nil {
		return nil, err
	}
	now, err := s.cityTime(ctx, caller.City)
	return wire.EndDelegation200JSONResponse(delegationOf(found, now)), err
}

func delegationOf(d postgres.Delegation, now time.Time) wire.Delegation {
	return wire.Delegation{
		ID: d.ID, Approver: d.Approver, Deputy: d.Deputy, StartsAt: d.StartsAt, EndsAt: d.EndsAt, EndedAt: timeOf(d.EndedAt), Note: d.Note,
		CreatedBy: d.CreatedBy, InForce: d.EndedAt == nil && !now.Before(d.StartsAt) && now.Before(d.EndsAt),
	}
}

// cityTime is what the city clock shows.
func (s *server) cityTime(ctx context.Context, id city.ID) (time.Time, error) {
	found, err := s.store.City(ctx, id)
	if err != nil {
		return time.Time{}, err
	}
	return found.Clock.Now(time.Now()), nil
}

// onBehalf checks that the caller is the deputy of the approver for whom it wants to sign; "" is for nobody.
func (s *server) onBehalf(ctx context.Context, caller Caller, approver string) error {
	if approver == "" {
		return nil
	}
	approvers, err := s.standsInFor(ctx, caller)
	if err != nil || slices.Contains(approvers, approver) {
		return err
	}
	return forbidden.because("%s is no deputy of %s now: see /delegations", caller.Actor, approver)
}

// standsInFor are the approvers whose deputy the caller is now.
func (s *server) standsInFor(ctx context.Context, caller Caller) ([]string, error) {
	inForce, err := s.store.Deputies(ctx, caller.City)
	if err != nil {
		return nil, err
	}
	var approvers []string
	for _, d := range inForce {
		if d.Deputy == caller.Actor && !slices.Contains(approvers, d.Approver) {
			approvers = append(approvers, d.Approver)
		}
	}
	return approvers, nil
}
