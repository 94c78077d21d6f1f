package api

import (
	"context"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// met reports whether the caller's participant and another one are the two sides of a match that was approved: from then
// on each has to find the other. With a listing, it is one of that match.
func (s *server) met(ctx context.Context, caller Caller, other city.ParticipantID, listing city.ListingID) (bool, error) {
	if caller.Participant == "" {
		return false, nil
	}
	for _, sides := range []postgres.MatchFilter{
		{Giver: caller.Participant, Receiver: other}, {Giver: other, Receiver: caller.Participant},
	} {
		for _, state := range []city.MatchState{city.MatchApproved, city.MatchHandedOver, city.MatchConfirmed} {
			sides.State = state
			found, err := s.sharesMatch(ctx, caller.City, sides, listing)
			if found || err != nil {
				return found, err
			}
		}
	}
	return false, nil
}

func (s *server) sharesMatch(ctx context.Context, id city.ID, sides postgres.MatchFilter, listing city.ListingID) (bool, error) {
	for page := (postgres.Page{Limit: postgres.MaxLimit}); ; {
		matches, next, err := s.store.ListMatches(ctx, id, sides, page)
		if err != nil {
			return false, err
		}
		for _, m := range matches {
			if listing == "" || m.Resource == listing || m.Need == listing {
				return true, nil
			}
		}
		if page.After = next; next == "" {
			return false, nil
		}
	}
}
