package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Author is who speaks in a bulk of decisions.
type Author struct {
	Actor  string
	Role   city.Role
	Party  city.Party
	Origin city.Origin
}

// ListingAnswer is the holder's answer about one unconfirmed listing: still there and usable, or not.
type ListingAnswer struct {
	Listing  city.ListingID
	Usable   bool
	Decision city.DecisionID
	Note     string
}

// Answered counts what a bulk of answers did. Skipped ones were no longer unconfirmed.
type Answered struct {
	Opened    int64
	Withdrawn int64
	Skipped   int64
	Requests  []city.ListingID // whose open confirmation request was answered by it
}

// ConfirmListings opens what is usable, now known for certain, and withdraws the rest, in one write, each with its applied decision. A listing
// that is no longer unconfirmed is skipped, so the same answers twice are harmless.
func (s *Store) ConfirmListings(ctx context.Context, id city.ID, answers []ListingAnswer, by Author) (Answered, error) {
	var done Answered
	err := s.write(ctx, "confirm listings", func(_ pgx.Tx, q *gen.Queries) error {
		done = Answered{}
		asked := make([]city.ListingID, len(answers))
		for i, a := range answers {
			asked[i] = a.Listing
		}
		waiting, err := q.LockUnconfirmed(ctx, gen.LockUnconfirmedParams{City: string(id), Ids: texts(asked)})
		if err != nil {
			return err
		}
		unanswered := make(map[string]bool, len(waiting))
		for _, listing := range waiting {
			unanswered[listing] = true
		}
		record := gen.RecordAnswersParams{
			City: string(id), Party: string(by.Party), Actor: by.Actor, Role: string(by.Role), Origin: string(by.Origin),
		}
		for _, a := range answers {
			if !unanswered[string(a.Listing)] {
				done.Skipped++
				continue
			}
			delete(unanswered, string(a.Listing)) // a second answer about it in the same bulk is skipped
			record.Ids, record.Usable = append(record.Ids, string(a.Listing)), append(record.Usable, a.Usable)
			record.Decisions, record.Notes = append(record.Decisions, string(a.Decision)), append(record.Notes, a.Note)
			if a.Usable {
				done.Opened++
			} else {
				done.Withdrawn++
			}
		}
		if err := q.RecordAnswers(ctx, record); err != nil {
			return err
		}
		err = q.AnswerListings(ctx, gen.AnswerListingsParams{City: string(id), Ids: record.Ids, Usable: record.Usable})
		if err != nil {
			return err
		}
		closed, err := q.AnswerConfirmationRequests(ctx, gen.AnswerConfirmationRequestsParams{City: string(id), Ids: record.Ids, Usable: record.Usable})
		done.Requests = words[city.ListingID](closed)
		return err
	})
	return done, err
}
