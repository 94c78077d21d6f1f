package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Scope says which listings a run looks at. The zero Scope is the whole city.
type Scope struct {
	Ward   string      `json:"ward,omitempty"`   // both sides lie inside it
	Leaves []city.Leaf `json:"leaves,omitempty"` // only resources of these; for OpenListings to ignore, for the run to keep to
}

// OpenListings hands every listing that may enter a run to yield, needs before resources, each by id: open, of an
// active holder, not expired by the city clock. They are as of one moment, and only a row at a time is in memory.
func (s *Store) OpenListings(ctx context.Context, id city.ID, scope Scope, yield func(Listing) error) error {
	return translate("read open listings", listings(ctx, s.pool, id, scope, []city.ListingState{city.ListingOpen}, yield))
}

// Holding is a match that holds a quantity.
type Holding struct {
	Match    city.MatchID
	Resource city.ListingID
	Need     city.ListingID
	Quantity int64
	State    city.MatchState
	Agreed   bool // somebody has approved it, be it one side of several
}

// Stock is OpenListings together with those whose whole quantity is held, and with the matches that hold, all as of the
// same moment: a run that may use better what is only proposed needs both.
func (s *Store) Stock(ctx context.Context, id city.ID, scope Scope, yield func(Listing) error) ([]Holding, error) {
	var holdings []Holding
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error {
		rows, err := gen.New(tx).Holding(ctx, string(id))
		if err != nil {
			return err
		}
		for _, row := range rows {
			holdings = append(holdings, Holding{
				Match:    city.MatchID{Run: city.RunID(row.Run), Leaf: city.Leaf(row.Leaf), N: int(row.N)},
				Resource: city.ListingID(row.Resource), Need: city.ListingID(row.Need), Quantity: row.Quantity,
				State: city.MatchState(row.State), Agreed: row.Agreed || row.State != string(city.MatchProposed),
			})
		}
		return listings(ctx, tx, id, scope, []city.ListingState{city.ListingOpen, city.ListingHeld}, yield)
	})
	return holdings, translate("read the stock", err)
}

// querier is the pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func listings(
	ctx context.Context, q querier, id city.ID, scope Scope, states []city.ListingState, yield func(Listing) error,
) error {
	sql := `SELECT ` + listingColumns + ` FROM listing
		WHERE city = $1 AND state = ANY ($3) AND ($2 = '' OR ward = $2)
		  AND (expires_at IS NULL OR expires_at > (SELECT city_now($1)))
		  AND EXISTS (SELECT FROM participant p WHERE p.city = listing.city AND p.id = listing.holder AND p.state = 'active')
		ORDER BY side, id`
	rows, err := q.Query(ctx, sql, string(id), scope.Ward, texts(states))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		l, err := scanListing(rows)
		if err != nil {
			return err
		}
		if err := yield(l); err != nil {
			return fmt.Errorf("take listing %s: %w", l.ID, err)
		}
	}
	return rows.Err()
}

// Pair is a resource and a need that a run must not bring together, and the state in which their match ended.
type Pair struct {
	Resource city.ListingID  `json:"resource"`
	Need     city.ListingID  `json:"need"`
	State    city.MatchState `json:"state"`
}

// ForbiddenPairs are the pairs whose match was rejected, failed, or cancelled by somebody while both sides still take part,
// in order.
func (s *Store) ForbiddenPairs(ctx context.Context, id city.ID) ([]Pair, error) {
	rows, err := s.q.ForbiddenPairs(ctx, string(id))
	pairs := make([]Pair, len(rows))
	for i, row := range rows {
		pairs[i] = Pair{Resource: city.ListingID(row.Resource), Need: city.ListingID(row.Need), State: city.MatchState(row.State)}
	}
	return pairs, translate("read forbidden pairs", err)
}
