package profile_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/profile"
)

// sound is a profile without faults; each test below breaks one thing in it.
const sound = `rules:
  town.shop.kg_week@1:
    unit: kg per shop and week
    product:
      - {what: kg per m2, low: 1, central: 2, high: 4, source: a survey, evidence: known}
      - {what: weeks, low: 2, central: 4, high: 8, divide: true, source: calendar, evidence: assumption}
holders:
  office: {kind: agency, name: The office, source: shops}
windows:
  evenings: {days: [Mon, Fri], from: "14:00", to: "22:00"}
sets:
  big: {dataset: shops, field: id}
terms:
  offer: {side: resource, leaf: food.produce, title: Produce, origin: modelled, windows: evenings}
datasets:
  - id: shops
    file: shops.csv
    format: csv
    key: [id]
    fields:
      id: {column: ID, required: true}
      name: NAME
      area: {column: AREA, as: integer, min: 1}
    holder: {kind: business, name: name}
    rows:
      - when: {area: {at_least: 10}}
        list:
          - {terms: offer, quantity: {rule: town.shop.kg_week@1, per: area}}
      - then: place_fact
        because: too small
  - id: stalls
    file: stalls.jsonl
    format: jsonl
    key: [id]
    fields:
      id: id
      share: {column: share, as: decimal}
    holder: {shared: office}
    rows:
      - when: {id: {not_in: big}}
        list:
          - {terms: offer, title: A stall, quantity: {count: 1}, near: {group: all, metres: 50}}
      - then: history
        because: closed
`

func read(content string) (*profile.Profile, error) {
	return profile.Read(fstest.MapFS{"p.yaml": {Data: []byte(content)}}, []string{"p.yaml"}, city.DefaultTaxonomy())
}

func TestASoundProfile(t *testing.T) {
	t.Parallel()
	p, err := read(sound)
	require.NoError(t, err)
	rule, err := p.Rules["town.shop.kg_week@1"].Resolve("town.shop.kg_week@1")
	require.NoError(t, err)
	require.Equal(t, city.Rule{
		ID: "town.shop.kg_week@1", Low: 1.0 / 8, Central: 2.0 / 4, High: 4.0 / 2, Unit: "kg per shop and week",
		Source: "kg per m2: a survey; weeks: calendar", Evidence: "assumption",
	}, rule)
	stall := p.Datasets[1].Rows[0].List[0]
	require.Equal(t, "A stall", stall.Over(p.Terms["offer"]).Title.Constant)
	require.Equal(t, "food.produce", stall.Over(p.Terms["offer"]).Leaf.Constant)
}

// faults are things to break in the sound profile, and what is said then.
var faults = map[string]struct{ old, changed, want string }{
	"not YAML": {"rules:", "rules: [", "p.yaml: yaml: "},
	"unknown key": {
		"    key: [id]\n    fields:\n      id: {column: ID",
		"    keys: [id]\n    fields:\n      id: {column: ID",
		`p.yaml, line 19: unknown key "keys": want one of address, at, attempts, delimiter, `,
	},
	"a key given twice":        {"    format: csv", "    format: csv\n    file: other.csv", `p.yaml, line 19: key "file" is given on line 17 already`},
	"a word for a list":        {"key: [id]\n    fields:\n      id: id", "key: id\n    fields:\n      id: id", `found "id": want a list`},
	"a list for a word":        {"file: shops.csv", "file: [shops.csv]", "p.yaml, line 17: found a list: want a single value"},
	"a word for a number":      {"min: 1}", "min: one}", `"one": want a number`},
	"unknown format":           {"format: csv", "format: docx", `p.yaml, line 16: format "docx": want one of geojson, csv, jsonl, xlsx, hsds`},
	"a path out of the folder": {"file: shops.csv", "file: ../shops.csv", "want a path inside the data folder"},
	"unknown type": {
		"as: integer",
		"as: whole",
		`p.yaml, line 23: field "area": as "whole": want one of amount, decimal, flag, integer, text, time`,
	},
	"unknown field in a test":   {"{area: {at", "{size: {at", `p.yaml, line 26: field "size" is not defined: want one of area, id, name`},
	"a test of nothing":         {"{area: {at_least: 10}}", "{area: {}}", `condition on "area" tests nothing`},
	"unknown field of a holder": {"name: name}", "name: title}", `field "title" is not defined`},
	"unknown holder":            {"shared: office", "shared: offices", `holder "offices" is not defined: want one of office`},
	"unknown rule": {
		"rule: town.shop.kg_week@1,",
		"rule: town.shop.kg_week@2,",
		`rule "town.shop.kg_week@2" is not defined: want one of town.shop.kg_week@1`,
	},
	"unknown terms":          {"{terms: offer, title", "{terms: offers, title", `terms "offers" is not defined: want one of offer`},
	"unknown category":       {"leaf: food.produce", "leaf: food.produces", `category "food.produces": want a leaf such as food.`},
	"a class for a category": {"leaf: food.produce", "leaf: food", `category "food" is a class: want one of its leaves`},
	"unknown side":           {"side: resource", "side: offer", `side "offer": want one of resource, need`},
	"unknown windows":        {"windows: evenings}", "windows: mornings}", `windows "mornings" is not defined: want one of evenings`},
	"a day that is none":     {"[Mon, Fri]", "[Mon, Funday]", `day "Funday": want one of Mon, Tue`},
	"an hour that is none":   {`to: "22:00"`, `to: "25:00"`, `"25:00": want a time of day such as 14:00`},
	"to before from":         {`to: "22:00"`, `to: "12:00"`, "a time to that is later than from"},
	"a set of a later data set": {
		"when: {area: {at_least: 10}}",
		"when: {id: {in: big}}",
		`set "big" is read from data set "shops", which must stand above this one`,
	},
	"unknown outcome":           {"then: history", "then: forget", `then "forget": want one of place_fact, history, price_evidence, reject`},
	"an outcome without reason": {"        because: closed\n", "", "then history without because"},
	"rows without an end": {
		"      - then: place_fact\n        because: too small\n",
		"      - when: {name: x}\n        then: place_fact\n        because: too small\n",
		"the last of its rows must have no condition",
	},
	"two quantities":          {"quantity: {count: 1}", "quantity: {count: 1, field: share}", "want one of rule, count, field and function"},
	"no quantity":             {"quantity: {count: 1}", "quantity: {round: up}", "want one of rule, count, field and function"},
	"unknown function":        {"quantity: {count: 1}", "quantity: {function: guess}", `function "guess": want one of bikes_above, bikes_below`},
	"too few fields":          {"quantity: {count: 1}", "quantity: {function: bikes_above, of: [share]}", "want 2 (bikes, empty docks)"},
	"a rule without a source": {"source: a survey, ", "", "a factor without what it is or its source"},
	"a rule out of order":     {"low: 1, central: 2", "low: 3, central: 2", "want 0 < low <= central <= high"},
	"unknown evidence":        {"evidence: known", "evidence: hearsay", `evidence "hearsay"`},
	"no holder":               {"    holder: {shared: office}\n", "", "lists resources or needs: want a holder"},
	"half a point": {
		"    holder: {shared: office}\n",
		"    holder: {shared: office}\n    point: {lon: share}\n",
		"want lon and lat in degrees",
	},
	"metres without projection": {
		"    holder: {shared: office}\n",
		"    holder: {shared: office}\n    point: {easting: share, northing: share}\n",
		"projection: EPSG:3857",
	},
	"a data set twice":    {"id: stalls", "id: shops", `data set "shops" is defined twice`},
	"a field called ward": {"      name: NAME\n", "      name: NAME\n      ward: WARD\n", "a field cannot be called ward"},
}

// Each fault is told with file and line, and what would be right.
func TestFaultsOfAProfile(t *testing.T) {
	t.Parallel()
	for name, test := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, sound, test.old)
			_, err := read(strings.Replace(sound, test.old, test.changed, 1))
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, "p.yaml")
		})
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := read(strings.Replace(strings.Replace(sound, "format: csv", "format: docx", 1), "then: history", "then: forget", 1))
	require.ErrorContains(t, err, "docx")
	require.ErrorContains(t, err, "forget")
}

func TestNamesAreUniqueOverFiles(t *testing.T) {
	t.Parallel()
	again := "windows:\n  evenings: {days: [Mon], from: \"10:00\", to: \"11:00\"}\n"
	_, err := profile.Read(fstest.MapFS{"p.yaml": {Data: []byte(sound)}, "q.yaml": {Data: []byte(again)}}, []string{"p.yaml", "q.yaml"}, city.DefaultTaxonomy())
	require.ErrorContains(t, err, `q.yaml: windows "evenings" is defined in another file already`)
	_, err = profile.Read(fstest.MapFS{}, []string{"p.yaml"}, city.DefaultTaxonomy())
	require.ErrorContains(t, err, "p.yaml")
}
