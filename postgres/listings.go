package postgres

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Listing is a listing as it is recorded. Held is promised to matches under way, Committed was handed over.
type Listing struct {
	city.Listing
	Held      int64
	Committed int64
	ExpiresAt *time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Remaining is what a run may still promise.
func (l Listing) Remaining() int64 { return l.Quantity.Amount - l.Held - l.Committed }

// ListingFilter narrows a list to one side; other empty fields ask for nothing.
type ListingFilter struct {
	Side   city.Side
	State  city.ListingState
	Leaf   city.Leaf
	Ward   string
	Holder city.ParticipantID
	Source string
}

// InsertListing records a new listing, unconfirmed or open, with nothing held. One that exists is an ErrConflict.
func (s *Store) InsertListing(ctx context.Context, l Listing) error {
	row, err := listingRowOf(l.Listing, l.ExpiresAt)
	if err != nil {
		return err
	}
	return translate(fmt.Sprintf("record listing %s", l.ID), s.q.InsertListing(ctx, gen.InsertListingParams(row)))
}

// Listing reads one listing.
func (s *Store) Listing(ctx context.Context, id city.ID, listing city.ListingID) (Listing, error) {
	found, err := s.Listings(ctx, id, []city.ListingID{listing})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("read listing %s: %w", listing, ErrNotFound)
	}
	if err != nil {
		return Listing{}, err
	}
	return found[0], nil
}

// Listings reads those of the ids that exist, by id.
func (s *Store) Listings(ctx context.Context, id city.ID, ids []city.ListingID) ([]Listing, error) {
	var q query
	q.equal("city", string(id))
	q.where = append(q.where, "id = ANY ("+q.arg(texts(ids))+")")
	items, err := list(ctx, s, &q, listingColumns, "listing", "id", len(ids), scanListing)
	return items, translate("read listings", err)
}

// ListListings reads a page of one side, by id.
func (s *Store) ListListings(ctx context.Context, id city.ID, f ListingFilter, page Page) ([]Listing, string, error) {
	var q query
	q.equal("city", string(id))
	q.equal("side", string(f.Side))
	equalIfSet(&q, "state", f.State)
	equalIfSet(&q, "leaf", f.Leaf)
	equalIfSet(&q, "ward", f.Ward)
	equalIfSet(&q, "holder", f.Holder)
	equalIfSet(&q, "source", f.Source)
	var after string
	if err := page.read(&after); err != nil {
		return nil, "", err
	}
	q.after("id", after)
	items, err := list(ctx, s, &q, listingColumns, "listing", "id", page.limit()+1, scanListing)
	items, next := paged(items, page, func(l Listing) string { return cursor(l.ID) })
	return items, next, translate("list listings", err)
}

// ListingsOf reads what holders have listed in the given states, by holder, side and id.
func (s *Store) ListingsOf(ctx context.Context, id city.ID, holders []city.ParticipantID, states ...city.ListingState) ([]Listing, error) {
	var q query
	q.equal("city", string(id))
	q.where = append(q.where, "holder = ANY ("+q.arg(texts(holders))+")", "state = ANY ("+q.arg(texts(states))+")")
	items, err := list(ctx, s, &q, listingColumns, "listing", "holder, side DESC, id", math.MaxInt32, scanListing)
	return items, translate("read the listings of holders", err)
}

// TransitionListing opens, withdraws or expires a listing; one that is there already is a success. held and closed
// follow from its matches and cannot be asked for.
func (s *Store) TransitionListing(ctx context.Context, id city.ID, listing city.ListingID, to city.ListingState) (Listing, error) {
	if to != city.ListingOpen && to != city.ListingWithdrawn && to != city.ListingExpired {
		return Listing{}, fmt.Errorf("listing state %q: want open, withdrawn or expired: %w", to, ErrInvalid)
	}
	err := s.write(ctx, fmt.Sprintf("move listing %s to %s", listing, to), func(_ pgx.Tx, q *gen.Queries) error {
		state, err := q.ListingStateForUpdate(ctx, gen.ListingStateForUpdateParams{City: string(id), ID: string(listing)})
		if err != nil || state == string(to) {
			return err
		}
		from := city.ListingState(state)
		if !city.ListingTransitions().Allows(from, to) || (to == city.ListingOpen && from != city.ListingUnconfirmed) {
			return &StateError{Subject: "listing " + string(listing), State: state, Wanted: string(to)}
		}
		return q.SetListingState(ctx, gen.SetListingStateParams{City: string(id), ID: string(listing), State: string(to)})
	})
	if err != nil {
		return Listing{}, err
	}
	return s.Listing(ctx, id, listing)
}

// ExpireListings expires what is unconfirmed or open and past its date by the city clock. What is held runs its course.
func (s *Store) ExpireListings(ctx context.Context, id city.ID) (int64, error) {
	expired, err := s.q.ExpireListings(ctx, string(id))
	return expired, translate("expire listings", err)
}

// ListingCount is one cell of the count of listings.
type ListingCount struct {
	Side     city.Side
	Leaf     city.Leaf
	Origin   city.Origin
	State    city.ListingState
	Listings int64
	Quantity int64 // in the leaf's unit
}

// ListingCounts counts a city's listings by side, leaf, origin and state.
func (s *Store) ListingCounts(ctx context.Context, id city.ID) ([]ListingCount, error) {
	rows, err := s.q.ListingCounts(ctx, string(id))
	counts := make([]ListingCount, len(rows))
	for i, row := range rows {
		counts[i] = ListingCount{
			Side: city.Side(row.Side), Leaf: city.Leaf(row.Leaf), Origin: city.Origin(row.Origin),
			State: city.ListingState(row.State), Listings: row.Listings, Quantity: row.Quantity,
		}
	}
	return counts, translate("count listings", err)
}
