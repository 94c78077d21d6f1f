package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

func TestTheCityClockOfSQLIsTheOneOfPackageCity(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	started := time.Now().UTC().Add(-40 * 24 * time.Hour).Truncate(time.Microsecond)
	for _, scale := range []int64{1, 60, 86_400} {
		clock, err := city.NewClock(time.Date(2016, 8, 8, 4, 0, 0, 0, time.UTC), started, scale)
		require.NoError(t, err)
		require.NoError(t, store.SetClock(t.Context(), town, clock))
		before := clock.Now(time.Now())
		now, err := store.CityNow(t.Context(), town)
		require.NoError(t, err)
		after := clock.Now(time.Now())
		// A millisecond of wall time, the two clocks' grain, is scaled too.
		grain := time.Duration(scale) * time.Millisecond
		require.False(t, now.Before(before.Add(-grain)), "%s before %s", now, before)
		require.False(t, now.After(after.Add(grain)), "%s after %s", now, after)
	}
	_, err := store.CityNow(t.Context(), "nowhere")
	require.ErrorIs(t, err, postgres.ErrNotFound)
	require.ErrorIs(t, store.SetClock(t.Context(), "nowhere", city.Clock{Scale: 1}), postgres.ErrNotFound)
}

func TestACityKeepsItsClockWhenItIsWrittenAgain(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	first, err := store.City(t.Context(), town)
	require.NoError(t, err)
	again := first
	again.Name, again.Policy, again.PolicyID = "Town on the river", json.RawMessage(`{"id": "p@2"}`), "p@2"
	again.Boundary = json.RawMessage(`{"type":"Polygon","coordinates":[[[9,49],[11,49],[11,51],[9,51],[9,49]]]}`)
	again.Clock, err = city.NewClock(time.Time{}, time.Now().Add(time.Hour), 5)
	require.NoError(t, err)
	require.NoError(t, store.UpsertCity(t.Context(), again))
	got, err := store.City(t.Context(), town)
	require.NoError(t, err)
	require.Equal(t, "Town on the river", got.Name)
	require.Equal(t, first.Clock, got.Clock)
	require.JSONEq(t, `{"type":"MultiPolygon","coordinates":[[[[9,49],[11,49],[11,51],[9,51],[9,49]]]]}`, string(got.Boundary))
	all, err := store.Cities(t.Context())
	require.NoError(t, err)
	require.Equal(t, []postgres.City{got}, all)
	require.ErrorIs(t, store.UpsertCity(t.Context(), postgres.City{ID: "no spaces"}), postgres.ErrInvalid)
	_, err = store.City(t.Context(), "nowhere")
	require.ErrorIs(t, err, postgres.ErrNotFound)
}

func TestWardsCoverTheirPoints(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	for want, p := range map[string]city.Point{"1": {Lon: 9.5, Lat: 50}, "2": {Lon: 10.5, Lat: 50}, "": {Lon: 12, Lat: 50}} {
		ward, err := store.WardAt(t.Context(), town, p)
		require.NoError(t, err)
		require.Equal(t, want, ward)
	}
	border, err := store.WardAt(t.Context(), town, city.Point{Lon: 10, Lat: 50})
	require.NoError(t, err)
	require.Equal(t, "1", border, "the first by id")
	wards, err := store.Wards(t.Context(), town)
	require.NoError(t, err)
	require.Len(t, wards, 2)
	require.Equal(t, []string{"1", "West"}, []string{wards[0].ID, wards[0].Name})
	rules, err := store.Rules(t.Context(), town)
	require.NoError(t, err)
	require.Equal(t, []city.Rule{{ID: "town.rule@1", Low: 1, Central: 2, High: 3, Unit: "kg", Source: "a test", Evidence: "assumption"}}, rules)
}

// A city is installed whole or, when what decides about it says no, not at all.
func TestACityIsInstalledWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	clock, err := city.NewClock(time.Time{}, time.Now(), 1)
	require.NoError(t, err)
	west := `{"type":"Polygon","coordinates":[[[9,49],[10,49],[10,51],[9,51],[9,49]]]}`
	east := `{"type":"Polygon","coordinates":[[[10,49],[11,49],[11,51],[10,51],[10,49]]]}`
	in := postgres.Installation{
		City:       postgres.City{ID: "port", Name: "Port", TimeZone: "UTC", Currency: "EUR", Centre: city.Point{Lon: 10, Lat: 50}, Clock: clock},
		Wards:      []postgres.Ward{{ID: "1", Name: "West", Boundary: []byte(west)}, {ID: "2", Name: "East", Boundary: []byte(east)}},
		Categories: []postgres.Category{{Leaf: "food.produce", Unit: city.Kilogram}},
		Rules:      []city.Rule{{ID: "r@1", Low: 1, Central: 2, High: 3, Unit: "kg", Source: "s", Evidence: "known"}},
	}
	no := errors.New("the files are refused")
	require.ErrorIs(t, store.InstallCity(t.Context(), in, func(context.Context) error { return no }), no)
	_, err = store.City(t.Context(), "port")
	require.ErrorIs(t, err, postgres.ErrNotFound)

	for _, name := range []string{"Port", "Port upon sea"} { // the second time its wards are as they were
		in.City.Name = name
		require.NoError(t, store.InstallCity(t.Context(), in, func(context.Context) error { return nil }))
		got, err := store.City(t.Context(), "port")
		require.NoError(t, err)
		require.Equal(t, name, got.Name)
		require.Contains(t, string(got.Boundary), "MultiPolygon")
		rules, err := store.Rules(t.Context(), "port")
		require.NoError(t, err)
		require.Equal(t, in.Rules, rules)
		ward, err := store.WardAt(t.Context(), "port", city.Point{Lon: 10.5, Lat: 50})
		require.NoError(t, err)
		require.Equal(t, "2", ward)
	}

	in.Wards[1].Boundary = []byte(strings.ReplaceAll(east, "[11,", "[12,"))
	require.NoError(t, store.InstallCity(t.Context(), in, func(context.Context) error { return nil }))
	ward, err := store.WardAt(t.Context(), "port", city.Point{Lon: 11.5, Lat: 50})
	require.NoError(t, err)
	require.Equal(t, "2", ward, "a ward that grew")
	got, err := store.City(t.Context(), "port")
	require.NoError(t, err)
	require.Contains(t, string(got.Boundary), "[12,", "and the city with it")
}
