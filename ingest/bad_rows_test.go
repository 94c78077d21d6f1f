package ingest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/ingest/generate"
)

// townFolder is a generated town's data folder whose listings are replaced.
func townFolder(t *testing.T, listings string) string {
	t.Helper()
	dir := t.TempDir()
	_, err := generate.Write(t.Context(), dir, generate.Options{Participants: generate.LeastParticipants, Seed: 1})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "listings.jsonl"), []byte(listings), 0o600))
	return dir
}

func openTown(t *testing.T) *ingest.City {
	t.Helper()
	folder, err := cities.Open("generated")
	require.NoError(t, err)
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	require.NoError(t, err)
	return c
}

// goodRow is a sound row with some fields set otherwise; nil takes a field away.
func goodRow(t *testing.T, id string, changes map[string]any) string {
	t.Helper()
	row := map[string]any{
		"id": id, "side": "resource", "category": "food.produce", "title": "Produce", "quantity": 40, "holder": "p1",
		"name": "Mill Lane Growers", "kind": "business", "lon": -94.5, "lat": 41.5, "radius_km": 4, "perish_hours": 48,
	}
	for key, value := range changes {
		row[key] = value
		if value == nil {
			delete(row, key)
		}
	}
	text, err := json.Marshal(row)
	require.NoError(t, err)
	return string(text) + "\n"
}

// Each bad row is rejected with its line, field and value, and what would be right; the rows around it are listed.
func TestBadRowsAreRejectedAlone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		changes             map[string]any
		field, value, wants string
	}{
		"unknown field":          {map[string]any{"quantity_kg": 3}, "quantity_kg", "3", "the profile does not know this field"},
		"a word for a number":    {map[string]any{"quantity": "many"}, "quantity", "many", "want a whole number"},
		"half a piece":           {map[string]any{"quantity": 1.5}, "quantity", "1.5", "want a whole number"},
		"a list for a number":    {map[string]any{"quantity": []int{1}}, "quantity", "[1]", "want a whole number"},
		"negative quantity":      {map[string]any{"quantity": -5}, "quantity", "-5", "want at least 1"},
		"zero quantity":          {map[string]any{"quantity": 0}, "quantity", "0", "want at least 1"},
		"huge quantity":          {map[string]any{"quantity": 1e15}, "quantity", "1000000000000000", "want at most 1000000"},
		"no quantity":            {map[string]any{"quantity": nil}, "quantity", "", "a value is required"},
		"blank name":             {map[string]any{"name": "  "}, "name", "", "a value is required"},
		"unknown side":           {map[string]any{"side": "both"}, "side", "both", "want one of [resource need]"},
		"unknown category":       {map[string]any{"category": "food.moon-cheese"}, "category", "food.moon-cheese", "unknown category: want a leaf such as"},
		"a class for a category": {map[string]any{"category": "food"}, "category", "food", "unknown category"},
		"unknown kind":           {map[string]any{"kind": "robot"}, "kind", "robot", "want one of"},
		"no coordinates":         {map[string]any{"lon": nil}, "lon", "", "a value is required"},
		"NaN coordinates":        {map[string]any{"lon": "NaN"}, "lon", "NaN", "not a number"},
		"at 0, 0":                {map[string]any{"lon": 0, "lat": 0}, "lon, lat", "0, 0", "an empty value, not a place"},
		"Web Mercator metres": {
			map[string]any{"lon": -10519691.5, "lat": 5094520.1},
			"lon, lat",
			"-1.05196915e+07, 5.0945201e+06",
			"not degrees (metres of a projection such as EPSG:3857?)",
		},
		"beyond the globe":       {map[string]any{"lon": 200, "lat": 41.5}, "lon, lat", "200, 41.5", "within 180"},
		"outside of the city":    {map[string]any{"lon": -95.5}, "lon, lat", "-95.5, 41.5", "outside of Millbrook (generated), 83.3 km from its centre"},
		"swapped coordinates":    {map[string]any{"lon": 41.5, "lat": -94.5}, "lon, lat", "41.5, -94.5", "longitude and latitude look swapped"},
		"radius below zero":      {map[string]any{"radius_km": -1}, "radius_km", "-1", "want at least 0.1"},
		"condition above one":    {map[string]any{"condition": 7}, "condition", "7", "want at most 1"},
		"lot above quantity":     {map[string]any{"minimum_lot": 41}, "minimum_lot", "41", "want a number from 1 to 40"},
		"cost below zero":        {map[string]any{"cost_per_unit": -2}, "cost_per_unit", "-2", "want at least 0"},
		"a cost finer than cent": {map[string]any{"cost_per_unit": 1.999}, "cost_per_unit", "1.999", "want an amount"},
		"a word for a flag":      {map[string]any{"ask_first": "maybe"}, "ask_first", "maybe", "want yes or no"},
		"no key":                 {map[string]any{"id": "***"}, "id", "", "no key"},
		"a key that is taken":    {map[string]any{"id": "first"}, "id", "first", "the same key as line 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := townFolder(t, goodRow(t, "first", nil)+goodRow(t, "bad", test.changes)+goodRow(t, "last", nil))
			data, err := ingest.Load(t.Context(), openTown(t), dir)
			require.NoError(t, err)
			require.Len(t, data.Listings, 2)
			require.Len(t, data.Rejects, 1)
			rejected := data.Rejects[0]
			require.Equal(t, "listings.jsonl", rejected.File)
			require.EqualValues(t, 2, rejected.Line)
			require.Equal(t, test.field, rejected.Field)
			require.Equal(t, test.value, rejected.Value)
			require.Contains(t, rejected.Reason, test.wants)
			require.Nil(t, rejected.Participant)
		})
	}
}

func TestWindowThatEndsBeforeItStarts(t *testing.T) {
	t.Parallel()
	c := openFolder(t, map[string]string{
		"/one_of: [exact, street, block, area, default]}/": "one_of: [exact]}\n      from: {column: from, as: time}\n      until: {column: until, as: time}/",
		"windows: {field: hours, otherwise: all-week}":     "windows: {from: from, until: until}",
	})
	dir := townFolder(t, goodRow(t, "a", map[string]any{"from": "2025-06-03T10:00:00Z", "until": "2025-06-03T09:00:00Z"})+
		goodRow(t, "b", map[string]any{"from": "2025-06-03T10:00:00Z", "until": "2025-06-03T12:00:00Z"})+
		goodRow(t, "c", map[string]any{"from": "3 June", "until": "2025-06-03T12:00:00Z"}))
	data, err := ingest.Load(t.Context(), c, dir)
	require.NoError(t, err)
	require.Len(t, data.Listings, 1)
	require.Len(t, data.Rejects, 2)
	require.Equal(t, "until", data.Rejects[0].Field)
	require.Contains(t, data.Rejects[0].Reason, "the end must come after the start")
	require.Equal(t, "from", data.Rejects[1].Field)
	require.Contains(t, data.Rejects[1].Reason, "want a time such as 2016-08-08T14:00:00Z")
}

func TestBrokenRowsOfTheFileAreCounted(t *testing.T) {
	t.Parallel()
	dir := townFolder(t, goodRow(t, "a", nil)+"{\"id\":\n"+goodRow(t, "b", nil)+`{"id":"c","side":"res`)
	c := openTown(t)
	data, err := ingest.Load(t.Context(), c, dir)
	require.NoError(t, err)
	require.EqualValues(t, 4, data.Plan.Rows())
	require.Len(t, data.Listings, 2)
	require.Len(t, data.Rejects, 2)
	require.Contains(t, data.Rejects[1].Reason, "it may have been cut")
}

func TestFilesThatAreRefusedBeforeAnythingIsRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ content, want string }{
		"a column that no row has": {
			strings.ReplaceAll(goodRow(t, "a", nil), `"quantity"`, `"quantity_kg"`),
			`field "quantity"); the file has category, holder, id, kind, lat, lon, name, perish_hours, quantity_kg, radius_km, side, title; did you mean "quantity_kg"?`,
		},
		"another encoding": {"{\"name\":\"caf\xe9\"}\n", "convert it with iconv"},
		"a list":           {"[" + goodRow(t, "a", nil) + "]", "want one object on each line"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := openTown(t).Plan(t.Context(), townFolder(t, test.content), ingest.PlanOptions{})
			require.ErrorContains(t, err, test.want)
		})
	}
	dir := townFolder(t, "")
	require.NoError(t, os.Remove(filepath.Join(dir, "listings.jsonl")))
	_, err := openTown(t).Plan(t.Context(), dir, ingest.PlanOptions{})
	require.ErrorContains(t, err, "listings.jsonl: no such file")
}
