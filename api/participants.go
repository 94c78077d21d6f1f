package api

import (
	"context"
	"errors"
	"math"
	"reflect"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// sourceAPI is the source of what came in over this API; its key is the object's own id.
const sourceAPI = "api"

// ListParticipants lists a city's participants; a participant's own key sees itself.
func (s *server) ListParticipants(ctx context.Context, request wire.ListParticipantsRequestObject) (wire.ListParticipantsResponseObject, error) {
	caller, params := callerOf(ctx), request.Params
	if !caller.seesAll() {
		items, err := s.ownParticipant(ctx, caller)
		return wire.ListParticipants200JSONResponse{Items: items}, err
	}
	found, next, err := s.store.ListParticipants(ctx, caller.City, postgres.ParticipantFilter{
		State: city.ParticipantState(params.State), Kind: city.Kind(params.Kind), Ward: params.Ward,
	}, page(params.After, params.Limit))
	if err != nil {
		return nil, badCursor(params.After, err)
	}
	items := make([]wire.Participant, len(found))
	for i, participant := range found {
		items[i] = participantFor(caller, participant)
	}
	return wire.ListParticipants200JSONResponse{Items: items, Next: next}, nil
}

func (s *server) ownParticipant(ctx context.Context, caller Caller) ([]wire.Participant, error) {
	if caller.Participant == "" {
		return []wire.Participant{}, nil
	}
	own, err := s.store.Participant(ctx, caller.City, caller.Participant)
	if err != nil {
		return nil, err
	}
	return []wire.Participant{participantFor(caller, own)}, nil
}

// GetParticipant answers with one participant.
func (s *server) GetParticipant(ctx context.Context, request wire.GetParticipantRequestObject) (wire.GetParticipantResponseObject, error) {
	found, err := s.participant(ctx, request.Participant)
	if err != nil {
		return nil, err
	}
	return wire.GetParticipant200JSONResponse{
		Body:    participantFor(callerOf(ctx), found),
		Headers: wire.GetParticipant200ResponseHeaders{ETag: participantVersion(found)},
	}, nil
}

// participant reads one that the caller may see: itself, the other side of an approved match, or any of the city.
func (s *server) participant(ctx context.Context, id string) (postgres.Participant, error) {
	caller, wanted := callerOf(ctx), city.ParticipantID(id)
	if !caller.seesAll() && !caller.owns(wanted) {
		met, err := s.met(ctx, caller, wanted, "")
		if err != nil {
			return postgres.Participant{}, err
		}
		if !met {
			return postgres.Participant{}, notFound.because("there is no participant %s, or it is not yours", id)
		}
	}
	return s.store.Participant(ctx, caller.City, wanted)
}

// ApplyParticipant records an applicant and starts its onboarding.
func (s *server) ApplyParticipant(ctx context.Context, request wire.ApplyParticipantRequestObject) (wire.ApplyParticipantResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	if caller.Participant != "" {
		return nil, forbidden.because("the key is of participant %s, which is one already", caller.Participant)
	}
	applicant, err := s.applicant(ctx, caller, body)
	if err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "apply", "participant", string(applicant.ID)); err != nil {
		return nil, err
	}
	if err := s.insertParticipant(ctx, applicant); err != nil {
		return nil, err
	}
	started, err := s.start(ctx, func(ctx context.Context) (workflows.Started, error) {
		return s.starter.OnboardParticipant(ctx, activities.ApplicantRef{City: caller.City, Participant: applicant.ID})
	})
	if err != nil {
		return nil, err
	}
	return wire.ApplyParticipant202JSONResponse{StartedResponseJSONResponse: s.started(string(applicant.ID), started.WorkflowID,
		locate("onboardings", string(applicant.ID)))}, nil
}

func (s *server) applicant(ctx context.Context, caller Caller, body *wire.NewParticipant) (city.Participant, error) {
	point, err := readPoint("/point", body.Point)
	if err != nil {
		return city.Participant{}, err
	}
	id := body.ID
	if id == "" {
		id = "api." + effectOf(ctx)
	}
	applicant := city.Participant{
		ID: city.ParticipantID(id), City: caller.City, Kind: city.Kind(body.Kind), Name: body.Name,
		EmailDomain: body.EmailDomain, AddressID: body.AddressID, Operator: body.Operator, Point: point, State: city.ParticipantApplied,
		LocationQuality: statedLocation(point, body.LocationQuality), Origin: city.Observed, Source: sourceAPI, SourceKey: id,
	}
	if point != nil {
		applicant.Ward, err = s.store.WardAt(ctx, caller.City, *point)
	}
	return applicant, err
}

// statedLocation is how well a place is known that somebody typed in: not at all without a point.
func statedLocation(point *city.Point, stated wire.LocationQuality) city.LocationQuality {
	switch {
	case point == nil:
		return city.Default
	case stated == "":
		return city.Exact
	}
	return city.LocationQuality(stated)
}

// insertParticipant takes the same applicant twice as one.
func (s *server) insertParticipant(ctx context.Context, applicant city.Participant) error {
	err := s.store.InsertParticipant(ctx, applicant)
	if !errors.Is(err, postgres.ErrConflict) {
		return err
	}
	there, readErr := s.store.Participant(ctx, applicant.City, applicant.ID)
	if readErr != nil {
		return readErr
	}
	same := there.Participant
	same.State, same.Ward, same.LocationQuality = applicant.State, applicant.Ward, applicant.LocationQuality // its onboarding's
	if reflect.DeepEqual(same, applicant) {
		return nil
	}
	return conflict.because("participant %s exists with other content", applicant.ID)
}

// participantFor is a participant as caller may see it.
func participantFor(caller Caller, p postgres.Participant) wire.Participant {
	answer := wire.Participant{
		ID: string(p.ID), City: string(p.City), Kind: wire.Kind(p.Kind), Name: p.Name, State: wire.ParticipantState(p.State),
		RejectedReason: p.StateReason, EmailDomain: p.EmailDomain, AddressID: p.AddressID, Operator: p.Operator, Point: pointOf(p.Point),
		LocationQuality: wire.LocationQuality(p.LocationQuality), Ward: p.Ward, Origin: wire.Origin(p.Origin),
		Source: p.Source, UpdatedAt: p.UpdatedAt,
	}
	if p.Kind == city.Person && hidesPlaces(caller) {
		answer.Point, answer.LocationQuality = blockOf(answer.Point, answer.LocationQuality)
		answer.AddressID, answer.EmailDomain = "", ""
	}
	return answer
}

// hidesPlaces reports whether private places are rounded for the caller: for the city's people who never have to go
// there. A participant sees only itself and whom it meets.
func hidesPlaces(caller Caller) bool {
	return caller.seesAll() && !caller.has(city.Operator, city.Approver)
}

// blockOf rounds the place of a private person to about a block: three decimals are some 100 m.
func blockOf(p wire.Point, quality wire.LocationQuality) (wire.Point, wire.LocationQuality) {
	if p == (wire.Point{}) {
		return p, quality
	}
	if quality == wire.LocationQualityExact || quality == wire.LocationQualityStreet {
		quality = wire.LocationQualityBlock
	}
	return wire.Point{Lon: math.Round(p.Lon*1000) / 1000, Lat: math.Round(p.Lat*1000) / 1000}, quality
}

func participantVersion(p postgres.Participant) string { return version(p.UpdatedAt, p.State) }
