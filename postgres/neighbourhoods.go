package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Neighbourhood is a participant with all that relates it to others, as the rows are now. The graph is projected from it.
type Neighbourhood struct {
	Participant
	Stocks     []Stock
	Deliveries []Delivery
	Vouches    []city.ParticipantID // for whom it vouches
}

// Stock is what a participant has open on one side in one leaf.
type Stock struct {
	Side     city.Side
	Leaf     city.Leaf
	Listings int64
	Left     int64 // neither held nor committed
	Cold     int64 // of the listings: chilled or frozen
}

// Delivery is what a participant gave another one in one leaf, as confirmed.
type Delivery struct {
	Receiver city.ParticipantID
	Leaf     city.Leaf
	Times    int64
	Quantity int64     // what counts: the lesser of what giver and receiver measured
	Last     time.Time // city time
}

// Neighbourhoods reads those of the ids that exist, by id.
func (s *Store) Neighbourhoods(ctx context.Context, id city.ID, ids []city.ParticipantID) ([]Neighbourhood, error) {
	participants, err := s.Participants(ctx, id, ids)
	if err != nil {
		return nil, err
	}
	all := make([]Neighbourhood, len(participants))
	of := make(map[string]*Neighbourhood, len(participants))
	for i, p := range participants {
		all[i].Participant = p
		of[string(p.ID)] = &all[i]
	}
	stocks, err := s.q.Stocks(ctx, gen.StocksParams{City: string(id), Ids: texts(ids)})
	if err != nil {
		return nil, translate("read what participants have open", err)
	}
	for _, row := range stocks {
		if p := of[row.Holder]; p != nil { // else it came between the two queries; its own event follows
			p.Stocks = append(p.Stocks, Stock{
				Side: city.Side(row.Side), Leaf: city.Leaf(row.Leaf), Listings: row.Listings, Left: row.Remaining, Cold: row.Cold,
			})
		}
	}
	deliveries, err := s.q.Deliveries(ctx, gen.DeliveriesParams{City: string(id), Ids: texts(ids)})
	if err != nil {
		return nil, translate("read deliveries", err)
	}
	for _, row := range deliveries {
		if p := of[row.Giver]; p != nil {
			p.Deliveries = append(p.Deliveries, Delivery{
				Receiver: city.ParticipantID(row.Receiver), Leaf: city.Leaf(row.Leaf), Times: row.Times, Quantity: row.Quantity, Last: row.Last,
			})
		}
	}
	vouches, err := s.q.Vouches(ctx, gen.VouchesParams{City: string(id), Ids: texts(ids)})
	for _, row := range vouches {
		if p := of[row.Voucher]; p != nil {
			p.Vouches = append(p.Vouches, city.ParticipantID(row.Vouched))
		}
	}
	return all, translate("read vouches", err)
}

// Holders are the participants whose listings these are, and both sides of the matches: what a match holds changes what
// is left of a listing without a word of the listing's own.
func (s *Store) Holders(ctx context.Context, id city.ID, listings, matches []string) ([]city.ParticipantID, error) {
	rows, err := s.q.Holders(ctx, gen.HoldersParams{City: string(id), Listings: listings, Matches: matches})
	return words[city.ParticipantID](rows), translate("read the holders of listings and matches", err)
}

// Projecting runs project while no other process writes the graph: what one read before another wrote must not be
// written after it.
func (s *Store) Projecting(ctx context.Context, project func(context.Context) error) error {
	return s.write(ctx, "hold the lock of the graph", func(_ pgx.Tx, q *gen.Queries) error {
		if err := q.GraphLock(ctx); err != nil {
			return err
		}
		return project(ctx)
	})
}
