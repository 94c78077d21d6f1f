package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
)

// InstallStore keeps what a city is.
type InstallStore interface {
	CityStore
	InstallCity(ctx context.Context, in postgres.Installation, accepted func(context.Context) error) error
}

// InstallCity writes a city as its folder and its data describe it: wards, policy, scoring, derivation rules and the
// leaves of the taxonomy. A new city's clock starts now, at the moment of the data, and runs timeScale times as fast as
// the wall clock (0 = 1); the clock of a city that exists goes on.
func InstallCity(ctx context.Context, store InstallStore, c *ingest.City, source string, timeScale int64, now time.Time) error {
	return installCityWhen(ctx, store, c, source, timeScale, now, func(context.Context) error { return nil })
}

// installCityWhen writes nothing of the city unless it is accepted. It is asked late, and in vain where the city itself
// cannot be written.
func installCityWhen(
	ctx context.Context, store InstallStore, c *ingest.City, source string, timeScale int64, now time.Time,
	accepted func(context.Context) error,
) error {
	areas, err := c.Areas(source)
	if err != nil {
		return refused(ctx, err)
	}
	row, err := CityRow(c, max(timeScale, 1), now)
	if err != nil {
		return fmt.Errorf("%w: city %s: %w", errInvalid, c.ID, err)
	}
	in := postgres.Installation{City: row, Wards: WardRows(areas, c.Currency), Rules: c.Rules()}
	for _, category := range city.DefaultTaxonomy().Leaves() {
		in.Categories = append(in.Categories, postgres.Category{Leaf: category.Leaf, Unit: category.Unit})
	}
	return store.InstallCity(ctx, in, accepted)
}

// CityRow is a city as it is installed, with its clock started now.
func CityRow(c *ingest.City, timeScale int64, now time.Time) (postgres.City, error) {
	clock, err := city.NewClock(c.AsOf, now, timeScale)
	if err != nil {
		return postgres.City{}, err
	}
	scoring, err := candidates.ParseScoring(c.Scoring)
	if err != nil {
		return postgres.City{}, err
	}
	scoringJSON, err := json.Marshal(scoring)
	if err != nil {
		return postgres.City{}, err
	}
	policyJSON, err := json.Marshal(c.Policy)
	return postgres.City{
		ID: c.ID, Name: c.Name, TimeZone: c.Zone.String(), Currency: c.Currency, Centre: c.Centre,
		Clock: clock, ScoringID: c.ScoringID, Scoring: scoringJSON, PolicyID: c.Policy.ID, Policy: policyJSON,
	}, err
}

// WardRows are the wards of a city as they are installed.
func WardRows(areas *ingest.Areas, currency city.Currency) []postgres.Ward {
	minor := int64(math.Pow10(currency.Digits()))
	var rows []postgres.Ward
	for _, ward := range areas.Wards {
		row := postgres.Ward{ID: ward.ID, Name: ward.Name, Boundary: ward.Boundary}
		if ward.Population > 0 {
			row.Population = &ward.Population
		}
		if ward.MedianIncome > 0 {
			income := ward.MedianIncome * minor
			row.MedianIncome = &income
		}
		rows = append(rows, row)
	}
	return rows
}

func isNotFound(err error) bool { return errors.Is(err, postgres.ErrNotFound) }
