package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Document is what a participant proves itself with. Times are city time.
type Document struct {
	City        city.ID
	ID          string
	Participant city.ParticipantID
	Kind        city.DocumentKind
	Reference   string // where it is kept
	ExpiresAt   *time.Time
	State       city.DocumentState
	CreatedBy   string
	CreatedAt   time.Time
	DecidedAt   *time.Time
}

// SubmitDocument records a document that somebody has to look at. The same one twice is a success; another one under its
// id is an ErrConflict.
func (s *Store) SubmitDocument(ctx context.Context, d Document) error {
	rows, err := s.q.InsertDocument(ctx, gen.InsertDocumentParams{
		City: string(d.City), ID: d.ID, Participant: string(d.Participant), Kind: string(d.Kind), Reference: d.Reference,
		ExpiresAt: d.ExpiresAt, CreatedBy: d.CreatedBy,
	})
	doing := fmt.Sprintf("record document %s", d.ID)
	if err != nil || rows == 1 {
		return translate(doing, err)
	}
	there, err := s.Documents(ctx, d.City, d.Participant)
	for _, other := range there {
		if other.ID == d.ID && other.Kind == d.Kind {
			return nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%s: it exists with other content: %w", doing, ErrConflict)
	}
	return err
}

// Documents reads a participant's documents, newest first.
func (s *Store) Documents(ctx context.Context, id city.ID, participant city.ParticipantID) ([]Document, error) {
	rows, err := s.q.Documents(ctx, gen.DocumentsParams{City: string(id), Participant: string(participant)})
	documents := make([]Document, len(rows))
	for i, row := range rows {
		documents[i] = Document{
			City: id, ID: row.ID, Participant: participant, Kind: city.DocumentKind(row.Kind), Reference: row.Reference,
			ExpiresAt: row.ExpiresAt, State: city.DocumentState(row.State), CreatedBy: row.CreatedBy, CreatedAt: row.CreatedAt,
			DecidedAt: row.DecidedAt,
		}
	}
	return documents, translate("read documents", err)
}

// documentTransitionFor locks the document that is decided about and finds what the decision makes of it.
func documentTransitionFor(ctx context.Context, q *gen.Queries, d Decision) (obstacle string, move func() error, err error) {
	row, err := q.DocumentForUpdate(ctx, gen.DocumentForUpdateParams{City: string(d.City), ID: d.Document})
	if err != nil {
		return "", nil, err
	}
	if row.State != string(city.DocumentSubmitted) {
		return "document is " + row.State, nil, nil
	}
	becomes := city.DocumentAccepted
	if d.Kind == city.DecisionRefuseDocument {
		becomes = city.DocumentRefused
	}
	return "", func() error {
		return q.SetDocumentState(ctx, gen.SetDocumentStateParams{City: string(d.City), ID: d.Document, State: string(becomes)})
	}, nil
}

// mayDecideOnParticipant says where a participant, or its document, stands, and whether a decision of this kind is
// possible there.
func mayDecideOnParticipant(ctx context.Context, q *gen.Queries, d Decision) (state string, allowed bool, err error) {
	state, err = q.ParticipantStateForUpdate(ctx, gen.ParticipantStateForUpdateParams{City: string(d.City), ID: string(d.Participant)})
	if err != nil {
		return "", false, err
	}
	switch d.Kind {
	case city.DecisionAppeal:
		return state, state == string(city.ParticipantRejected), nil
	case city.DecisionAcceptDocument, city.DecisionRefuseDocument:
		row, err := q.DocumentForUpdate(ctx, gen.DocumentForUpdateParams{City: string(d.City), ID: d.Document})
		return row.State, err == nil && row.State == string(city.DocumentSubmitted) && row.Participant == string(d.Participant), err
	}
	if d.Kind == city.DecisionReviewReject {
		if err := nothingPromised(ctx, q, d.City, d.Participant); err != nil {
			return "", false, err
		}
	}
	return state, state == string(city.ParticipantApplied) || state == string(city.ParticipantInReview), nil
}
