package ingest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
)

// crossFiles is a profile of the generated town whose rules look across rows and files.
const crossFiles = `
rules:
  town.room.kg_week@1: {unit: kg per room and week, low: 1, central: 2, high: 4, source: a survey, evidence: known}
windows:
  mornings: {days: [Mon, Tue], from: "08:00", to: "12:00"}
sets:
  store-addresses: {dataset: stores, field: address}
datasets:
  - id: stores
    file: stores.csv
    format: csv
    delimiter: ";"
    key: [id]
    point: {lon: lon, lat: lat}
    fields: &columns
      id: {column: id, required: true}
      name: {column: name, required: true}
      address: address
      rooms: {column: rooms, as: integer, min: 1, missing: median}
      lon: {column: lon, as: decimal}
      lat: {column: lat, as: decimal}
    holder: {kind: business, name: name, address: address}
    rows:
      - list:
          - {side: resource, leaf: food.bakery, title: Bread, origin: modelled, windows: mornings, perish_hours: 24,
             quantity: {rule: town.room.kg_week@1, per: rooms}, near: {group: sites, metres: 60}}
      - then: place_fact
        because: another site is near
  - id: stalls
    file: stalls.csv
    format: csv
    delimiter: ";"
    key: [id]
    point: {lon: lon, lat: lat}
    fields: *columns
    holder: {kind: business, name: name}
    rows:
      - when: {address: {in: store-addresses}}
        then: place_fact
        because: a store is listed there
      - list:
          - {side: need, leaf: food.bakery, title: Bread, origin: modelled, quantity: {count: 3, quality: measured}, near: {group: sites, metres: 60}}
      - then: history
        because: another site is near
`

func crossTown(t *testing.T) (*ingest.City, string) {
	t.Helper()
	folder := folderOf(t, nil)
	folder["profile.yaml"].Data = []byte(crossFiles)
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	require.NoError(t, err)
	dir := townFolder(t, "")
	header := "id;name;address;rooms;lon;lat\n"
	files := map[string]string{
		"stores.csv": header + "s1;One;A-1;10;-94.5;41.5\n" + // 0.00036 degrees of latitude are 40 m
			"s2;Two;a-2;30;-94.5;41.50036\n" + "s3;Three;A-3;;-94.48;41.5\n" + "s1;One again;A-4;5;-94.47;41.5\n" + "s4;Four;A-5;20;-94.46;41.5\n",
		"stalls.csv": header + "t1;In a store;A-2;;-94.52;41.5\n" + "t2;Near a store;A-9;;-94.48;41.50036\n" + "t3;Free;A-10;;-94.53;41.5\n" + "t4;Nowhere;A-11;;;\n",
	}
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return c, dir
}

func TestRulesOverSeveralFiles(t *testing.T) {
	t.Parallel()
	c, dir := crossTown(t)
	data, err := ingest.Load(t.Context(), c, dir)
	require.NoError(t, err)

	got := map[city.ListingID]int64{}
	for _, l := range data.Listings {
		got[l.ID] = l.Quantity.Amount
	}
	require.Equal(t, map[city.ListingID]int64{
		"stores.s1.food.bakery": 20, // 10 rooms at 2 kg
		"stores.s3.food.bakery": 30, // the median of 10, 30, 5 and 20 rooms is 15
		"stores.s4.food.bakery": 40,
		"stalls.t3.food.bakery": 3,
	}, got)
	require.EqualValues(t, 1, data.Counts["stores"][ingest.PlaceFact], "s2 is 40 m from s1")
	require.EqualValues(t, 1, data.Counts["stalls"][ingest.PlaceFact], "t1 is at the address of s2, written in other letters")
	require.EqualValues(t, 1, data.Counts["stalls"][ingest.History], "t2 is 40 m from s3")
	require.Len(t, data.Rejects, 2)
	require.Equal(t, "the same key as line 2", data.Rejects[0].Reason)
	require.Equal(t, "no coordinates: a listing needs a place", data.Rejects[1].Reason)
	require.Equal(t, "lon, lat", data.Rejects[1].Field)
}

// A fact keeps its row as read and its fields that are more than text, as JSON that a database takes.
func TestPayloadsOfFacts(t *testing.T) {
	t.Parallel()
	c, dir := crossTown(t)
	plan, err := c.Plan(t.Context(), dir, ingest.PlanOptions{})
	require.NoError(t, err)
	for _, row := range read(t, c, dir, plan) {
		if row.Key != "s2" {
			continue
		}
		require.JSONEq(t, `{"row":{"id":"s2","name":"Two","address":"a-2","rooms":"30","lon":"-94.5","lat":"41.50036"},
			"fields":{"rooms":30,"lon":-94.5,"lat":41.50036}}`, string(row.Payload))
		return
	}
	t.Fatal("s2 is not among the rows")
}

// A row of history that records an attempt says what came of it; a row without its date records none.
func TestPastAttempts(t *testing.T) {
	t.Parallel()
	folder := folderOf(t, nil)
	folder["profile.yaml"].Data = []byte(`
datasets:
  - id: visits
    file: visits.csv
    format: csv
    key: [id]
    point: none
    fields:
      id: {column: id, required: true}
      came: {column: came, as: time}
      note: note
    attempts:
      - {what: visits, leaf: goods.furniture, at: came, when: {note: {missing: false}}, failed: {note: gone}}
    rows:
      - then: history
        because: it is over
`)
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	require.NoError(t, err)
	dir := townFolder(t, "")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "visits.csv"), []byte("id,came,note\n"+
		"v1,2025-06-01T10:00:00Z,Gone\nv2,2025-06-01T11:00:00Z,taken\nv3,2025-06-01T12:00:00Z,\nv4,,gone\n"), 0o600))
	plan, err := c.Plan(t.Context(), dir, ingest.PlanOptions{})
	require.NoError(t, err)
	attempts := map[string]string{}
	for _, row := range read(t, c, dir, plan) {
		var payload struct{ Attempt json.RawMessage }
		require.NoError(t, json.Unmarshal(row.Payload, &payload))
		attempts[row.Key] = string(payload.Attempt)
	}
	require.Equal(t, map[string]string{
		"v1": `{"what":"visits","leaf":"goods.furniture","at":"2025-06-01T10:00:00Z","succeeded":false}`,
		"v2": `{"what":"visits","leaf":"goods.furniture","at":"2025-06-01T11:00:00Z","succeeded":true}`,
		"v3": "", "v4": "",
	}, attempts)
}

// A single data set is planned with what it needs to know of the others, and gives the same rows as with all.
func TestOneDatasetOfSeveral(t *testing.T) {
	t.Parallel()
	c, dir := crossTown(t)
	plan, err := c.Plan(t.Context(), dir, ingest.PlanOptions{Datasets: []string{"stalls"}})
	require.NoError(t, err)
	require.Len(t, plan.Files, 1)
	alone := read(t, c, dir, plan)

	whole, err := c.Plan(t.Context(), dir, ingest.PlanOptions{})
	require.NoError(t, err)
	require.Equal(t, alone, read(t, c, dir, whole)[:len(alone)])

	_, err = c.Plan(t.Context(), dir, ingest.PlanOptions{Datasets: []string{"shops"}})
	require.ErrorContains(t, err, `data set "shops": want one of [stores stalls]`)
}

func TestAnotherDelimiterIsRecognised(t *testing.T) {
	t.Parallel()
	c, dir := crossTown(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "stores.csv"), []byte("id,name,address,rooms,lon,lat\ns1,One,A,1,-94.5,41.5\n"), 0o600))
	_, err := c.Plan(t.Context(), dir, ingest.PlanOptions{})
	require.ErrorContains(t, err, `the header is one field when split at ';': the file seems to use ','; say delimiter: "," in the profile`)
}

func TestUnknownColumnOfATable(t *testing.T) {
	t.Parallel()
	c, dir := crossTown(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "stores.csv"), []byte("id;name;addr;rooms;lon;lat;colour\n"), 0o600))
	_, err := c.Plan(t.Context(), dir, ingest.PlanOptions{})
	require.ErrorContains(t, err, `stores.csv, line 1: no column "address", which the profile names (profile.yaml, line 18, field "address")`)
	require.ErrorContains(t, err, `did you mean "addr"?`)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "stores.csv"), []byte("id;name;address;rooms;lon;lat;colour\n"), 0o600))
	_, err = c.Plan(t.Context(), dir, ingest.PlanOptions{})
	require.ErrorContains(t, err, `column "colour" is not known to the profile`)
}
