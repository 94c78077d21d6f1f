package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/postgres"
)

// openFor reads the profile for the city that imports by it. The profile of a guest is put into the city, if that exists.
func (i *Imports) openFor(ctx context.Context, in ImportRef) (*ingest.City, *ingest.Host, error) {
	profile, err := openProfile(in)
	if err != nil || !profile.Guest {
		return profile, nil, err
	}
	host, err := HostOf(ctx, i.Store, in.City, i.Now())
	if err != nil || host == nil {
		return profile, nil, err
	}
	folder, err := cities.Open(in.Profile)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: profile: %w", errInvalid, err)
	}
	profile, err = ingest.OpenFor(folder, city.DefaultTaxonomy(), *host)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: profile %s: %w", errInvalid, in.Profile, err)
	}
	return profile, host, nil
}

// HostStore knows a city and its wards.
type HostStore interface {
	CityStore
	Wards(ctx context.Context, id city.ID) ([]postgres.Ward, error)
}

// HostOf is a city as a guest's profile needs it; nil when it does not exist.
func HostOf(ctx context.Context, store HostStore, id city.ID, now time.Time) (*ingest.Host, error) {
	row, err := store.City(ctx, id)
	if isNotFound(err) {
		return nil, nil //nolint:nilnil // a city that does not exist is no error here
	}
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(row.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("%w: time zone of city %s: %w", errInvalid, id, err)
	}
	wards, err := store.Wards(ctx, id)
	if err != nil {
		return nil, err
	}
	host := &ingest.Host{ID: id, Name: row.Name, Zone: zone, Currency: row.Currency, Centre: row.Centre, Now: row.Clock.Now(now)}
	for _, ward := range wards {
		host.Wards = append(host.Wards, ingest.Ward{ID: ward.ID, Name: ward.Name, Boundary: ward.Boundary})
	}
	return host, nil
}
