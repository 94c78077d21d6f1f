package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// ConfirmationRequest asks the holder of an unconfirmed listing whether it is still there and usable. Times are city time.
type ConfirmationRequest struct {
	City      city.ID
	ID        string
	Listing   city.ListingID
	AskedBy   string
	AskedAt   time.Time
	ExpiresAt time.Time
	IfSilent  city.IfSilent
	Outcome   string // empty while it is open; then confirmed, denied, silent or overtaken
	ClosedAt  *time.Time
}

// AskForConfirmation records a request. The same one twice is a success; while another one about the listing is open it
// is an ErrConflict.
func (s *Store) AskForConfirmation(ctx context.Context, r ConfirmationRequest) error {
	rows, err := s.q.InsertConfirmationRequest(ctx, gen.InsertConfirmationRequestParams{
		City: string(r.City), ID: r.ID, Listing: string(r.Listing), AskedBy: r.AskedBy, ExpiresAt: r.ExpiresAt, IfSilent: string(r.IfSilent),
	})
	doing := fmt.Sprintf("ask about listing %s", r.Listing)
	if err != nil || rows == 1 {
		return translate(doing, err)
	}
	there, err := s.ConfirmationRequest(ctx, r.City, r.ID)
	if err == nil && there.Listing != r.Listing {
		err = fmt.Errorf("%s: request %s is about another one: %w", doing, r.ID, ErrConflict)
	}
	return err
}

// ConfirmationRequest reads one request.
func (s *Store) ConfirmationRequest(ctx context.Context, id city.ID, request string) (ConfirmationRequest, error) {
	row, err := s.q.ConfirmationRequest(ctx, gen.ConfirmationRequestParams{City: string(id), ID: request})
	return confirmationRequestOf(row), translate("read confirmation request "+request, err)
}

// OpenConfirmationRequest reads the one that is open about a listing; ErrNotFound when none is.
func (s *Store) OpenConfirmationRequest(ctx context.Context, id city.ID, listing city.ListingID) (ConfirmationRequest, error) {
	row, err := s.q.OpenConfirmationRequest(ctx, gen.OpenConfirmationRequestParams{City: string(id), Listing: string(listing)})
	return confirmationRequestOf(row), translate("read the confirmation request of "+string(listing), err)
}

// CloseConfirmationRequest closes a request that nobody answered; one that is closed stays as it is.
func (s *Store) CloseConfirmationRequest(ctx context.Context, id city.ID, request, outcome string) error {
	_, err := s.q.CloseConfirmationRequest(ctx, gen.CloseConfirmationRequestParams{City: string(id), ID: request, Outcome: outcome})
	return translate("close confirmation request "+request, err)
}

func confirmationRequestOf(row gen.ConfirmationRequest) ConfirmationRequest {
	return ConfirmationRequest{
		City: city.ID(row.City), ID: row.ID, Listing: city.ListingID(row.Listing), AskedBy: row.AskedBy, AskedAt: row.AskedAt,
		ExpiresAt: row.ExpiresAt, IfSilent: city.IfSilent(row.IfSilent), Outcome: row.Outcome, ClosedAt: row.ClosedAt,
	}
}

// ContactCounts counts the contacts in use of each participant that has any.
func (s *Store) ContactCounts(ctx context.Context, id city.ID, participants []city.ParticipantID) (map[city.ParticipantID]int, error) {
	rows, err := s.q.ContactCounts(ctx, gen.ContactCountsParams{City: string(id), Participants: texts(participants)})
	counts := make(map[city.ParticipantID]int, len(rows))
	for _, row := range rows {
		if row.Participant != nil {
			counts[city.ParticipantID(*row.Participant)] = int(row.Contacts)
		}
	}
	return counts, translate("count contacts", err)
}

// ReasonCount is how often a reason was given in a decision that took effect.
type ReasonCount struct {
	Reason    city.Reason
	Decisions int64
	Simulated int64 // of these, made up by a demonstration
}

// ReasonCounts counts applied decisions by reason; run narrows to one run's matches, "" does not.
func (s *Store) ReasonCounts(ctx context.Context, id city.ID, run city.RunID) ([]ReasonCount, error) {
	rows, err := s.q.ReasonCounts(ctx, gen.ReasonCountsParams{City: string(id), Run: string(run)})
	counts := make([]ReasonCount, len(rows))
	for i, row := range rows {
		counts[i] = ReasonCount{Reason: city.Reason(row.Reason), Decisions: row.Decisions, Simulated: row.Simulated}
	}
	return counts, translate("count reasons", err)
}
