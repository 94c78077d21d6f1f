package api

import (
	"context"
	"time"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// AppealOnboarding records an appeal against a rejection and has the application reviewed once more, by another person.
// The applicant appeals with its own key, or an operator for it.
func (s *server) AppealOnboarding(ctx context.Context, request wire.AppealOnboardingRequestObject) (wire.AppealOnboardingResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	found, err := s.ownOrCity(ctx, request.Participant)
	if err != nil {
		return nil, err
	}
	decision := postgres.Decision{
		City: caller.City, ID: city.DecisionID(effectOf(ctx)), Kind: city.DecisionAppeal, Party: city.Applicant, Actor: caller.Actor,
		Role: caller.Role, Note: body.Note, Participant: found.ID, Origin: originOf(body.Simulated),
	}
	if err := s.checkAppeal(ctx, found, decision.ID); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, string(decision.Kind), "participant", string(found.ID)); err != nil {
		return nil, err
	}
	if err := s.store.RecordDecision(ctx, decision); err != nil {
		return nil, err
	}
	recorded, err := s.announce(ctx, caller.City, decision.ID, func(ctx context.Context) error {
		return s.starter.Appeal(ctx, activities.ApplicantRef{City: caller.City, Participant: found.ID}, decision.ID)
	})
	if err != nil {
		return nil, err
	}
	return wire.AppealOnboarding202JSONResponse{DecisionAcceptedJSONResponse: accepted(recorded, locate("onboardings", request.Participant))}, nil
}

// checkAppeal refuses a second appeal and one that comes too late. This very appeal, repeated, passes.
func (s *server) checkAppeal(ctx context.Context, p postgres.Participant, appeal city.DecisionID) error {
	before, err := s.store.ParticipantDecisions(ctx, p.City, p.ID)
	if err != nil {
		return err
	}
	for _, decision := range before {
		if decision.ID == appeal {
			return nil
		}
		if decision.Kind == city.DecisionAppeal && decision.Outcome != city.DecisionIgnored {
			return conflict.because("there was an appeal on %s: one is all", decision.CreatedAt.Format(time.DateOnly))
		}
	}
	now, err := s.cityTime(ctx, p.City)
	if err != nil {
		return err
	}
	if until := p.UpdatedAt.Add(city.AppealWithin); p.State == city.ParticipantRejected && now.After(until) {
		return refused.because("an appeal was possible until %s", until.Format(time.RFC3339))
	}
	return nil
}

// checkAppealReviewer refuses whoever rejected an application as the reviewer of its appeal.
func (s *server) checkAppealReviewer(ctx context.Context, p postgres.Participant, review postgres.Decision) error {
	before, err := s.store.ParticipantDecisions(ctx, p.City, p.ID)
	if err != nil {
		return err
	}
	rejected, open := postgres.AppealedAgainst(before)
	if open && p.State == city.ParticipantInReview && rejected.SharesPersons(review) {
		return conflict.because("%s rejected it: another person decides the appeal", rejected.Actor)
	}
	return nil
}
