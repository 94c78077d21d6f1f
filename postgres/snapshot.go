package postgres

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/city"
)

// Scope says which listings a run looks at. The zero Scope is the whole city.
type Scope struct {
	Ward string `json:"ward,omitempty"` // both sides lie inside it
}

// OpenListings hands every listing that may enter a run to yield, needs before resources, each by id: open, of an
// active holder, not expired by the city clock. They are as of one moment, and only a row at a time is in memory.
func (s *Store) OpenListings(ctx context.Context, id city.ID, scope Scope, yield func(Listing) error) error {
	sql := `SELECT ` + listingColumns + ` FROM listing
		WHERE city = $1 AND state = 'open' AND ($2 = '' OR ward = $2)
		  AND (expires_at IS NULL OR expires_at > (SELECT city_now($1)))
		  AND EXISTS (SELECT FROM participant p WHERE p.city = listing.city AND p.id = listing.holder AND p.state = 'active')
		ORDER BY side, id`
	rows, err := s.pool.Query(ctx, sql, string(id), scope.Ward)
	if err != nil {
		return translate("read open listings", err)
	}
	defer rows.Close()
	for rows.Next() {
		l, err := scanListing(rows)
		if err != nil {
			return translate("read open listings", err)
		}
		if err := yield(l); err != nil {
			return fmt.Errorf("take listing %s: %w", l.ID, err)
		}
	}
	return translate("read open listings", rows.Err())
}

// Pair is a resource and a need that a run must not bring together, and the state in which their match ended.
type Pair struct {
	Resource city.ListingID  `json:"resource"`
	Need     city.ListingID  `json:"need"`
	State    city.MatchState `json:"state"`
}

// ForbiddenPairs are the pairs whose match was rejected, cancelled or failed while both sides are still open, in order.
func (s *Store) ForbiddenPairs(ctx context.Context, id city.ID) ([]Pair, error) {
	rows, err := s.q.ForbiddenPairs(ctx, string(id))
	pairs := make([]Pair, len(rows))
	for i, row := range rows {
		pairs[i] = Pair{Resource: city.ListingID(row.Resource), Need: city.ListingID(row.Need), State: city.MatchState(row.State)}
	}
	return pairs, translate("read forbidden pairs", err)
}
