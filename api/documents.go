package api

import (
	"context"
	"time"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// ownOrCity reads a participant for its own key or the city's people; whom it meets in a match has no business here.
func (s *server) ownOrCity(ctx context.Context, id string) (postgres.Participant, error) {
	caller := callerOf(ctx)
	if !caller.seesAll() && !caller.owns(city.ParticipantID(id)) {
		return postgres.Participant{}, notFound.because("there is no participant %s, or it is not yours", id)
	}
	return s.store.Participant(ctx, caller.City, city.ParticipantID(id))
}

// ListDocuments lists what a participant proved itself with.
func (s *server) ListDocuments(ctx context.Context, request wire.ListDocumentsRequestObject) (wire.ListDocumentsResponseObject, error) {
	of, err := s.ownOrCity(ctx, request.Participant)
	if err != nil {
		return nil, err
	}
	found, err := s.store.Documents(ctx, of.City, of.ID)
	if err != nil {
		return nil, err
	}
	items := make([]wire.Document, len(found))
	for i, document := range found {
		items[i] = wire.Document{
			ID: document.ID, Participant: request.Participant, Kind: wire.DocumentKind(document.Kind), Reference: document.Reference,
			ExpiresAt: timeOf(document.ExpiresAt), State: wire.DocumentState(document.State), CreatedAt: document.CreatedAt,
		}
		if hidesPlaces(callerOf(ctx)) { // who never has to look at it
			items[i].Reference = ""
		}
	}
	return wire.ListDocuments200JSONResponse{Items: items}, nil
}

// SubmitDocument records a document and has somebody look at it.
func (s *server) SubmitDocument(ctx context.Context, request wire.SubmitDocumentRequestObject) (wire.SubmitDocumentResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	of, err := s.ownOrCity(ctx, request.Participant)
	if err != nil {
		return nil, err
	}
	if of.State == city.ParticipantRejected {
		return nil, refused.because("participant %s is rejected; it may appeal", of.ID)
	}
	now, err := s.cityTime(ctx, caller.City)
	if err != nil {
		return nil, err
	}
	if expires := body.ExpiresAt; !expires.IsZero() && !expires.After(now) {
		return nil, refused.field("/expires_at", "the city clock shows %s already: want a document that is valid", now.Format(time.RFC3339))
	}
	document := postgres.Document{
		City: caller.City, ID: effectOf(ctx), Participant: of.ID, Kind: city.DocumentKind(body.Kind), Reference: body.Reference,
		ExpiresAt: optionalTime(body.ExpiresAt), CreatedBy: caller.Actor,
	}
	if err := s.audit(ctx, "submit", "document", document.ID); err != nil {
		return nil, err
	}
	if err := s.store.SubmitDocument(ctx, document); err != nil {
		return nil, err
	}
	if err := s.wakeVerification(ctx, of.ID); err != nil {
		return nil, err
	}
	return wire.SubmitDocument202JSONResponse{StartedResponseJSONResponse: s.started(document.ID,
		workflows.VerificationID(caller.City, of.ID), documentsOf(of.ID))}, nil
}

// ReviewDocument records what a person decided about a document and tells its workflow.
func (s *server) ReviewDocument(ctx context.Context, request wire.ReviewDocumentRequestObject) (wire.ReviewDocumentResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	of, err := s.ownOrCity(ctx, request.Participant)
	if err != nil {
		return nil, err
	}
	decision := postgres.Decision{
		City: caller.City, ID: city.DecisionID(effectOf(ctx)), Kind: city.DecisionAcceptDocument, Party: city.CityHall, Actor: caller.Actor,
		Role: city.Approver, OnBehalfOf: body.OnBehalfOf, Reason: city.Reason(body.Reason), Note: body.Note, Participant: of.ID,
		Document: request.Document, Origin: city.Observed,
	}
	if body.Decision == wire.NewDocumentReviewDecisionRefuse {
		decision.Kind = city.DecisionRefuseDocument
		if body.Reason == "" {
			return nil, invalidRequest.field("/reason", "required for refuse: want one of %v", city.Reasons())
		}
	}
	if err := s.onBehalf(ctx, caller, body.OnBehalfOf); err != nil {
		return nil, err
	}
	if err := s.checkReviewer(ctx, of, request.Document); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, string(decision.Kind), "document", request.Document); err != nil {
		return nil, err
	}
	if err := s.store.RecordDecision(ctx, decision); err != nil {
		return nil, err
	}
	recorded, err := s.announce(ctx, caller.City, decision.ID, func(ctx context.Context) error {
		return s.starter.VerifyDocuments(ctx, activities.ParticipantRef{City: caller.City, Participant: of.ID})
	})
	if err != nil {
		return nil, err
	}
	return wire.ReviewDocument202JSONResponse{DecisionAcceptedJSONResponse: accepted(recorded, documentsOf(of.ID))}, nil
}

// checkReviewer refuses a document that is not the participant's, and a reviewer who submitted it.
func (s *server) checkReviewer(ctx context.Context, of postgres.Participant, id string) error {
	documents, err := s.store.Documents(ctx, of.City, of.ID)
	if err != nil {
		return err
	}
	for _, document := range documents {
		if document.ID != id {
			continue
		}
		if document.CreatedBy == callerOf(ctx).Actor {
			return conflict.because("%s submitted it: another person reviews it", document.CreatedBy)
		}
		return nil
	}
	return notFound.because("participant %s has no document %s", of.ID, id)
}

func (s *server) wakeVerification(ctx context.Context, id city.ParticipantID) error {
	return s.askTemporal(ctx, func(ctx context.Context) error {
		return s.starter.VerifyDocuments(ctx, activities.ParticipantRef{City: callerOf(ctx).City, Participant: id})
	})
}

func documentsOf(id city.ParticipantID) string {
	return locate("participants", string(id)) + "/documents"
}
