package api

import (
	"context"
	"errors"
	"time"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// newListing is what a new resource and a new need state alike.
type newListing struct {
	side            city.Side
	id, holder      string
	leaf, title     string
	quantity        int64
	quality         wire.Quality
	point           *wire.Point
	locationQuality wire.LocationQuality
	windows         []wire.Window
	temperature     wire.Temperature
	attributes      map[string]any
	expiresAt       time.Time
}

// CreateResource lists a resource.
func (s *server) CreateResource(ctx context.Context, request wire.CreateResourceRequestObject) (wire.CreateResourceResponseObject, error) {
	b := request.Body
	listing, currency, err := s.readListing(ctx, newListing{
		city.ResourceSide, b.ID, b.Holder, b.Leaf, b.Title, b.Quantity, b.Quality, b.Point, b.LocationQuality, b.Windows,
		b.Temperature, b.Attributes, b.ExpiresAt,
	})
	if err != nil {
		return nil, err
	}
	if listing.Resource, err = readResourceTerms(b.Resource, b.Quantity, currency); err != nil {
		return nil, err
	}
	if listing.Resource.ConfirmByAsker {
		listing.State = city.ListingUnconfirmed
	}
	answer, err := s.insertListing(ctx, listing, "resources")
	return wire.CreateResource201JSONResponse{ListingCreatedJSONResponse: answer}, err
}

// CreateNeed lists a need.
func (s *server) CreateNeed(ctx context.Context, request wire.CreateNeedRequestObject) (wire.CreateNeedResponseObject, error) {
	b := request.Body
	listing, currency, err := s.readListing(ctx, newListing{
		city.NeedSide, b.ID, b.Holder, b.Leaf, b.Title, b.Quantity, b.Quality, b.Point, b.LocationQuality, b.Windows,
		b.Temperature, b.Attributes, b.ExpiresAt,
	})
	if err != nil {
		return nil, err
	}
	if listing.Need, err = s.readNeedTerms(b.Need, listing.Quantity, currency); err != nil {
		return nil, err
	}
	answer, err := s.insertListing(ctx, listing, "needs")
	return wire.CreateNeed201JSONResponse{ListingCreatedJSONResponse: answer}, err
}

// readListing checks what the API's description cannot say: whose it is, the category, the place, the times.
func (s *server) readListing(ctx context.Context, n newListing) (postgres.Listing, city.Currency, error) {
	var nothing postgres.Listing
	holder, err := s.holder(ctx, n.holder)
	if err != nil {
		return nothing, "", err
	}
	category, err := s.category("/leaf", city.Leaf(n.leaf))
	if err != nil {
		return nothing, "", err
	}
	point, err := s.place(n.point, holder)
	if err != nil {
		return nothing, "", err
	}
	windows, err := readWindows(n.windows)
	if err != nil {
		return nothing, "", err
	}
	if err := readAttributes(n.attributes); err != nil {
		return nothing, "", err
	}
	ward, err := s.wardOf(ctx, holder.City, *point, n.point != nil)
	if err != nil {
		return nothing, "", err
	}
	if err := s.ahead(ctx, "/expires_at", n.expiresAt); err != nil {
		return nothing, "", err
	}
	currency, err := s.currency(ctx, holder.City)
	if err != nil {
		return nothing, "", err
	}
	id := n.id
	if id == "" {
		id = "api." + effectOf(ctx)
	}
	quality := orElse(city.Quality(n.quality), city.Declared)
	if quality == city.Inferred {
		return nothing, "", refused.field("/quality", "inferred: only a derivation rule infers; want measured or declared")
	}
	location := statedLocation(point, n.locationQuality)
	if n.point == nil {
		location = holder.LocationQuality
	}
	return postgres.Listing{
		Listing: city.Listing{
			ID: city.ListingID(id), City: holder.City, Side: n.side, Holder: holder.ID, Leaf: category.Leaf, Title: n.title,
			Quantity: city.Quantity{Amount: n.quantity, Unit: category.Unit, Quality: quality},
			Point:    point, LocationQuality: location, Ward: ward, Windows: windows,
			Temperature: orElse(city.Temperature(n.temperature), orElse(category.Temperature, city.Ambient)),
			Attributes:  n.attributes, State: city.ListingOpen, Origin: city.Observed, Source: sourceAPI, SourceKey: id,
		},
		ExpiresAt: optionalTime(n.expiresAt),
	}, currency, nil
}

func orElse[T ~string](value, otherwise T) T {
	if value == "" {
		return otherwise
	}
	return value
}

// holder is for whom the caller lists: itself, or anybody for an operator. Only an active participant lists.
func (s *server) holder(ctx context.Context, stated string) (postgres.Participant, error) {
	caller := callerOf(ctx)
	id := city.ParticipantID(stated)
	if id == "" {
		id = caller.Participant
	}
	switch {
	case id == "":
		return postgres.Participant{}, invalidRequest.field("/holder", "required: the key is of no participant")
	case !caller.has(city.Operator) && !caller.owns(id):
		return postgres.Participant{}, forbidden.because("/holder: the key lists for participant %q only", caller.Participant)
	}
	holder, err := s.store.Participant(ctx, caller.City, id)
	if errors.Is(err, postgres.ErrNotFound) {
		return postgres.Participant{}, refused.field("/holder", "%s: no such participant", id)
	}
	if err == nil && holder.State != city.ParticipantActive {
		p := stateConflict.because("participant %s is %s: only an active one lists", id, holder.State)
		p.state = string(holder.State)
		return postgres.Participant{}, p
	}
	return holder, err
}

func (s *server) category(field string, leaf city.Leaf) (city.Category, error) {
	category, err := s.taxonomy.Category(leaf)
	if err != nil {
		return city.Category{}, refused.field(field, "%v", err)
	}
	if category.IsClass() {
		return city.Category{}, refused.field(field, "%s is a class: want one of its leaves", leaf)
	}
	return category, nil
}

// place is where the listing is: as stated, else where its holder is.
func (s *server) place(stated *wire.Point, holder postgres.Participant) (*city.Point, error) {
	point, err := readPoint("/point", stated)
	if err != nil {
		return nil, err
	}
	if point == nil {
		point = holder.Point
	}
	if point == nil {
		return nil, refused.field("/point", "required: no place is known of participant %s", holder.ID)
	}
	return point, nil
}

// wardOf is the ward of a listing. A place that was stated must be in the city; where a holder is, its onboarding has judged.
func (s *server) wardOf(ctx context.Context, id city.ID, at city.Point, stated bool) (string, error) {
	ward, err := s.store.WardAt(ctx, id, at)
	if err != nil || ward != "" || !stated {
		return ward, err
	}
	wards, err := s.store.Wards(ctx, id)
	if err != nil || len(wards) == 0 {
		return "", err
	}
	return "", refused.field("/point", "%v, %v (longitude, latitude): outside each of the city's %d wards", at.Lon, at.Lat, len(wards))
}

// ahead refuses a moment that the city clock has passed: nobody would ever see the listing.
func (s *server) ahead(ctx context.Context, field string, at time.Time) error {
	if at.IsZero() {
		return nil
	}
	now, err := s.store.CityNow(ctx, callerOf(ctx).City)
	if err == nil && !at.After(now) {
		return refused.field(field, "%s: want a moment ahead; the city clock shows %s", at.Format(time.RFC3339), now.Format(time.RFC3339))
	}
	return err
}

// insertListing takes the same listing twice as one.
func (s *server) insertListing(ctx context.Context, l postgres.Listing, family string) (wire.ListingCreatedJSONResponse, error) {
	var nothing wire.ListingCreatedJSONResponse
	if err := s.audit(ctx, "create", "listing", string(l.ID)); err != nil {
		return nothing, err
	}
	err := s.store.InsertListing(ctx, l)
	if err != nil && !errors.Is(err, postgres.ErrConflict) {
		return nothing, err
	}
	there, readErr := s.store.Listing(ctx, l.City, l.ID)
	if readErr != nil {
		return nothing, readErr
	}
	if err != nil && !sameListing(there, l) {
		return nothing, conflict.because("listing %s exists with other content", l.ID)
	}
	answer, err := s.answerListing(ctx, there)
	return wire.ListingCreatedJSONResponse{
		Body: answer.Body, Headers: wire.ListingCreatedResponseHeaders{ETag: answer.Headers.ETag, Location: locate(family, string(l.ID))},
	}, err
}
