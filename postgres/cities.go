package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// City is a city with its clock and its rules. Boundary is a GeoJSON Polygon or MultiPolygon in WGS 84; Scoring and
// Policy are the configurations that new runs use, as JSON.
type City struct {
	ID        city.ID
	Name      string
	TimeZone  string
	Currency  city.Currency
	Centre    city.Point
	Boundary  json.RawMessage
	Clock     city.Clock
	ScoringID string
	Scoring   json.RawMessage
	PolicyID  string
	Policy    json.RawMessage
}

// UpsertCity writes a city. The clock of a city that exists is kept, because waiting times run by it: SetClock moves it.
func (s *Store) UpsertCity(ctx context.Context, c City) error {
	row, err := cityParams(c)
	if err != nil {
		return err
	}
	return translate("write city "+string(c.ID), s.q.UpsertCity(ctx, row))
}

func cityParams(c City) (gen.UpsertCityParams, error) {
	if err := city.ValidateID("city", c.ID); err != nil {
		return gen.UpsertCityParams{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return gen.UpsertCityParams{
		ID: string(c.ID), Name: c.Name, TimeZone: c.TimeZone, Currency: string(c.Currency), Lon: c.Centre.Lon, Lat: c.Centre.Lat,
		Boundary: optional(string(c.Boundary)), AsOf: c.Clock.AsOf, ClockStarted: c.Clock.Started, ClockEpoch: c.Clock.Epoch,
		TimeScale: c.Clock.Scale, ScoringID: c.ScoringID, Scoring: c.Scoring, PolicyID: c.PolicyID, Policy: c.Policy,
	}, nil
}

// SetClock moves a city's clock.
func (s *Store) SetClock(ctx context.Context, id city.ID, clock city.Clock) error {
	rows, err := s.q.SetClock(ctx, gen.SetClockParams{
		ID: string(id), AsOf: clock.AsOf, ClockStarted: clock.Started, ClockEpoch: clock.Epoch, TimeScale: clock.Scale,
	})
	return found(fmt.Sprintf("set the clock of city %s", id), rows, err)
}

// City reads one city.
func (s *Store) City(ctx context.Context, id city.ID) (City, error) {
	rows, err := s.q.Cities(ctx, optional(string(id)))
	if err != nil || len(rows) == 0 {
		return City{}, found("read city "+string(id), int64(len(rows)), err)
	}
	return cityOf(rows[0]), nil
}

// Cities reads all cities, by id.
func (s *Store) Cities(ctx context.Context) ([]City, error) {
	rows, err := s.q.Cities(ctx, nil)
	if err != nil {
		return nil, translate("read cities", err)
	}
	cities := make([]City, len(rows))
	for i, row := range rows {
		cities[i] = cityOf(row)
	}
	return cities, nil
}

// CityNow is the city time by the database's wall clock.
func (s *Store) CityNow(ctx context.Context, id city.ID) (time.Time, error) {
	now, err := s.q.CityNow(ctx, string(id))
	return now, translate(fmt.Sprintf("read the clock of city %s", id), err)
}

func cityOf(row gen.CitiesRow) City {
	c := City{
		ID: city.ID(row.ID), Name: row.Name, TimeZone: row.TimeZone, Currency: city.Currency(row.Currency),
		Centre:    city.Point{Lon: row.Lon, Lat: row.Lat},
		Clock:     city.Clock{AsOf: row.AsOf, Started: row.ClockStarted, Epoch: row.ClockEpoch, Scale: row.TimeScale},
		ScoringID: row.ScoringID, Scoring: row.Scoring, PolicyID: row.PolicyID, Policy: row.Policy,
	}
	if row.Boundary != "" {
		c.Boundary = json.RawMessage(row.Boundary)
	}
	return c
}
