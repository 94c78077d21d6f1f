package api

import (
	"context"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// ListOnboardings is the work list of applications that a person has to look at.
func (s *server) ListOnboardings(ctx context.Context, request wire.ListOnboardingsRequestObject) (wire.ListOnboardingsResponseObject, error) {
	caller := callerOf(ctx)
	found, next, err := s.store.ListParticipants(ctx, caller.City, postgres.ParticipantFilter{State: city.ParticipantInReview},
		page(request.Params.After, request.Params.Limit))
	if err != nil {
		return nil, badCursor(request.Params.After, err)
	}
	items := make([]wire.Onboarding, len(found))
	for i, participant := range found {
		items[i] = s.onboarding(caller, participant)
	}
	return wire.ListOnboardings200JSONResponse{Items: items, Next: next}, nil
}

// GetOnboarding answers where one application stands.
func (s *server) GetOnboarding(ctx context.Context, request wire.GetOnboardingRequestObject) (wire.GetOnboardingResponseObject, error) {
	found, err := s.participant(ctx, request.Participant)
	if err != nil {
		return nil, err
	}
	return wire.GetOnboarding200JSONResponse{
		Body:    s.onboarding(callerOf(ctx), found),
		Headers: wire.GetOnboarding200ResponseHeaders{ETag: participantVersion(found)},
	}, nil
}

func (s *server) onboarding(caller Caller, p postgres.Participant) wire.Onboarding {
	workflowID := workflows.OnboardingID(p.City, p.ID)
	answer := wire.Onboarding{Participant: participantFor(caller, p), WorkflowID: workflowID, WebUI: s.link(workflowID)}
	if p.State == city.ParticipantInReview && p.StateReason != "" {
		answer.Flags = []string{p.StateReason}
	}
	return answer
}

// ReviewOnboarding records what a person decided about an application and tells its workflow.
func (s *server) ReviewOnboarding(ctx context.Context, request wire.ReviewOnboardingRequestObject) (wire.ReviewOnboardingResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	found, err := s.store.Participant(ctx, caller.City, city.ParticipantID(request.Participant))
	if err != nil {
		return nil, err
	}
	if err := checkVersion(request.Params.IfMatch, participantVersion(found)); err != nil {
		return nil, err
	}
	decision := postgres.Decision{
		City: caller.City, ID: city.DecisionID(effectOf(ctx)), Kind: city.DecisionReviewAccept, Party: city.CityHall,
		Actor: caller.Actor, Role: city.Approver, Reason: city.Reason(body.Reason), Note: body.Note,
		OnBehalfOf: body.OnBehalfOf, Participant: found.ID, Origin: originOf(body.Simulated),
	}
	if err := s.onBehalf(ctx, caller, body.OnBehalfOf); err != nil {
		return nil, err
	}
	if err := s.checkAppealReviewer(ctx, found, decision); err != nil {
		return nil, err
	}
	if body.Decision == wire.NewReviewDecisionReject {
		decision.Kind = city.DecisionReviewReject
		if body.Reason == "" {
			return nil, invalidRequest.field("/reason", "required for reject: want one of %v", city.Reasons())
		}
		if body.Simulated && found.Origin == city.Observed {
			return nil, realName(found.ID)
		}
	}
	if err := s.audit(ctx, string(decision.Kind), "participant", string(found.ID)); err != nil {
		return nil, err
	}
	if err := s.store.RecordDecision(ctx, decision); err != nil {
		return nil, err
	}
	recorded, err := s.announce(ctx, caller.City, decision.ID, func(ctx context.Context) error {
		return s.starter.SignalReview(ctx, activities.ApplicantRef{City: caller.City, Participant: found.ID}, decision.ID)
	})
	if err != nil {
		return nil, err
	}
	return wire.ReviewOnboarding202JSONResponse{DecisionAcceptedJSONResponse: accepted(recorded,
		locate("onboardings", request.Participant))}, nil
}
