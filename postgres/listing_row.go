package postgres

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// listingRow is a listing as its table's columns, for INSERT and for COPY.
type listingRow gen.InsertListingParams

type windowRanges = pgtype.Multirange[pgtype.Range[pgtype.Timestamptz]]

const listingColumns = `city, id, side, holder, leaf, unit, title, quantity, quality, rule, origin, lon, lat,
	location_quality, ward, windows, temperature, attributes, state, source, source_key, expires_at, radius_metres, divisible,
	minimum_lot, perish_by, condition, cost_per_unit, usable_chance, receiver_kinds, confirm_by_asker, substitutes,
	max_distance_metres, urgency, constraints, budget_per_unit, storage_capacity, held, committed, created_at, updated_at`

func scanListing(row pgx.CollectableRow) (Listing, error) {
	var r listingRow
	var l Listing
	err := row.Scan(&r.City, &r.ID, &r.Side, &r.Holder, &r.Leaf, &r.Unit, &r.Title, &r.Quantity, &r.Quality, &r.Rule, &r.Origin,
		&r.Lon, &r.Lat, &r.LocationQuality, &r.Ward, &r.Windows, &r.Temperature, &r.Attributes, &r.State, &r.Source,
		&r.SourceKey, &r.ExpiresAt, &r.RadiusMetres, &r.Divisible, &r.MinimumLot, &r.PerishBy, &r.Condition, &r.CostPerUnit,
		&r.UsableChance, &r.ReceiverKinds, &r.ConfirmByAsker, &r.Substitutes, &r.MaxDistanceMetres, &r.Urgency,
		&r.Constraints, &r.BudgetPerUnit, &r.StorageCapacity, &l.Held, &l.Committed, &l.CreatedAt, &l.UpdatedAt)
	if err != nil {
		return Listing{}, err
	}
	l.ExpiresAt = r.ExpiresAt
	l.Listing, err = r.listing()
	return l, err
}

func listingRowOf(l city.Listing, expires *time.Time) (listingRow, error) {
	attributes, err := json.Marshal(l.Attributes)
	if err != nil {
		return listingRow{}, fmt.Errorf("listing %s, attributes: %w: %w", l.ID, ErrInvalid, err)
	}
	if l.Attributes == nil {
		attributes = []byte("{}")
	}
	temperature := l.Temperature
	if temperature == "" {
		temperature = city.Ambient
	}
	lon, lat := coordinates(l.Point)
	row := listingRow{
		City: string(l.City), ID: string(l.ID), Side: string(l.Side), Holder: string(l.Holder), Leaf: string(l.Leaf),
		Unit: string(l.Quantity.Unit), Title: l.Title, Quantity: l.Quantity.Amount, Quality: string(l.Quantity.Quality),
		Rule: optional(string(l.Quantity.Rule)), Origin: string(l.Origin), Lon: lon, Lat: lat,
		LocationQuality: string(l.LocationQuality), Ward: l.Ward, Windows: rangesOf(l.Windows), Temperature: string(temperature),
		Attributes: attributes, State: string(l.State), Source: l.Source, SourceKey: l.SourceKey, ExpiresAt: expires,
	}
	row.setResource(l.Resource)
	return row, row.setNeed(l)
}

func (r *listingRow) setResource(t *city.ResourceTerms) {
	if t == nil {
		return
	}
	radius := int32(t.RadiusMetres)
	r.RadiusMetres, r.Divisible, r.MinimumLot, r.PerishBy = &radius, &t.Divisible, &t.MinimumLot, t.PerishBy
	r.Condition, r.CostPerUnit, r.UsableChance = &t.Condition, &t.CostPerUnit, &t.UsableChance
	r.ReceiverKinds, r.ConfirmByAsker = texts(t.ReceiverKinds), &t.ConfirmByAsker
}

func (r *listingRow) setNeed(l city.Listing) error {
	t := l.Need
	if t == nil {
		return nil
	}
	constraints := t.Constraints
	if constraints == nil {
		constraints = []city.Constraint{}
	}
	var err error
	if r.Constraints, err = json.Marshal(constraints); err != nil {
		return fmt.Errorf("listing %s, constraints: %w: %w", l.ID, ErrInvalid, err)
	}
	distance, urgency := int32(t.MaxDistanceMetres), int16(t.Urgency)
	r.Substitutes, r.MaxDistanceMetres, r.Urgency = texts(t.Substitutes), &distance, &urgency
	r.BudgetPerUnit, r.StorageCapacity = &t.BudgetPerUnit, &t.StorageCapacity
	divisible := !t.Indivisible
	r.Divisible, r.MinimumLot = &divisible, &t.MinimumLot
	return nil
}

// listing is the way back. The table's checks promise that the terms of its side are all there.
func (r *listingRow) listing() (city.Listing, error) {
	l := city.Listing{
		ID: city.ListingID(r.ID), City: city.ID(r.City), Side: city.Side(r.Side), Holder: city.ParticipantID(r.Holder),
		Leaf: city.Leaf(r.Leaf), Title: r.Title,
		Quantity: city.Quantity{Amount: r.Quantity, Unit: city.Unit(r.Unit), Quality: city.Quality(r.Quality)},
		Point:    point(r.Lon, r.Lat), LocationQuality: city.LocationQuality(r.LocationQuality), Ward: r.Ward,
		Windows: windowsOf(r.Windows), Temperature: city.Temperature(r.Temperature), State: city.ListingState(r.State),
		Origin: city.Origin(r.Origin), Source: r.Source, SourceKey: r.SourceKey,
	}
	if r.Rule != nil {
		l.Quantity.Rule = city.RuleID(*r.Rule)
	}
	if err := json.Unmarshal(r.Attributes, &l.Attributes); err != nil {
		return l, fmt.Errorf("listing %s, attributes: %w", r.ID, err)
	}
	if len(l.Attributes) == 0 {
		l.Attributes = nil
	}
	if l.Side == city.ResourceSide {
		l.Resource = &city.ResourceTerms{
			RadiusMetres: int(*r.RadiusMetres), Divisible: *r.Divisible, MinimumLot: *r.MinimumLot, PerishBy: r.PerishBy,
			Condition: *r.Condition, CostPerUnit: *r.CostPerUnit, UsableChance: *r.UsableChance,
			ReceiverKinds: words[city.Kind](r.ReceiverKinds), ConfirmByAsker: *r.ConfirmByAsker,
		}
		return l, nil
	}
	l.Need = &city.NeedTerms{
		Substitutes: words[city.Leaf](r.Substitutes), MaxDistanceMetres: int(*r.MaxDistanceMetres),
		Urgency: city.Urgency(*r.Urgency), BudgetPerUnit: *r.BudgetPerUnit, StorageCapacity: *r.StorageCapacity,
		Indivisible: r.Divisible != nil && !*r.Divisible, // rows of an older program leave both empty
	}
	if r.MinimumLot != nil {
		l.Need.MinimumLot = *r.MinimumLot
	}
	if err := json.Unmarshal(r.Constraints, &l.Need.Constraints); err != nil {
		return l, fmt.Errorf("listing %s, constraints: %w", r.ID, err)
	}
	if len(l.Need.Constraints) == 0 {
		l.Need.Constraints = nil
	}
	return l, nil
}

// rangesOf writes windows as ranges, end excluded. The database sorts them and joins those that touch.
func rangesOf(windows []city.Window) windowRanges {
	ranges := make(windowRanges, len(windows))
	for i, w := range windows {
		ranges[i] = pgtype.Range[pgtype.Timestamptz]{
			Lower: pgtype.Timestamptz{Time: w.Start, Valid: true}, LowerType: pgtype.Inclusive,
			Upper: pgtype.Timestamptz{Time: w.End, Valid: true}, UpperType: pgtype.Exclusive, Valid: true,
		}
	}
	return ranges
}

func windowsOf(ranges windowRanges) []city.Window {
	var windows []city.Window
	for _, r := range ranges {
		windows = append(windows, city.Window{Start: r.Lower.Time.UTC(), End: r.Upper.Time.UTC()})
	}
	return windows
}

// listingCopyColumns are the columns of staged_listing in the order of copy.
func listingCopyColumns() []string {
	return []string{
		"line", "known", "id", "side", "holder", "leaf", "unit", "title", "quantity", "quality", "rule", "origin", "lon", "lat",
		"location_quality", "ward", "windows", "temperature", "attributes", "state", "source", "source_key", "expires_at",
		"radius_metres", "divisible", "minimum_lot", "perish_by", "condition", "cost_per_unit", "usable_chance",
		"receiver_kinds", "confirm_by_asker", "substitutes", "max_distance_metres", "urgency", "constraints",
		"budget_per_unit", "storage_capacity",
	}
}

func (r *listingRow) copy(of *loadedRow) []any {
	return []any{
		of.Line, of.known, r.ID, r.Side, r.Holder, r.Leaf, r.Unit, r.Title, r.Quantity, r.Quality, r.Rule, r.Origin, r.Lon, r.Lat,
		r.LocationQuality, r.Ward, r.Windows, r.Temperature, r.Attributes, r.State, r.Source, r.SourceKey, r.ExpiresAt,
		r.RadiusMetres, r.Divisible, r.MinimumLot, r.PerishBy, r.Condition, r.CostPerUnit, r.UsableChance,
		r.ReceiverKinds, r.ConfirmByAsker, r.Substitutes, r.MaxDistanceMetres, r.Urgency, r.Constraints,
		r.BudgetPerUnit, r.StorageCapacity,
	}
}
