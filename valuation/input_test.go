package valuation_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

func TestInputRefusals(t *testing.T) {
	t.Parallel()
	const row = `{"id": "a", "category": "food.produce", "quantity": 1}`
	for name, test := range map[string]struct{ document, message string }{
		"empty":               {"", "not JSON: the document ends too early"},
		"not JSON":            {"{\"currency\": \"USD\",\n \"matches\": [oops]}", "line 2: not JSON"},
		"NaN":                 {`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": NaN}]}`, "not JSON"},
		"a list":              {`[]`, "want a JSON object"},
		"two documents":       {`{"currency": "USD", "matches": []} {}`, "something follows"},
		"unknown field":       {`{"currency": "USD", "matches": [], "seed": 1}`, "seed: unknown field: want currency, price_year, rules, matches"},
		"no currency":         {`{"matches": []}`, "currency: missing: want USD"},
		"other currency":      {`{"currency": "EUR", "matches": []}`, `currency: "EUR": want USD`},
		"price year":          {`{"currency": "USD", "price_year": 1950, "matches": []}`, "price_year: 1950: want 2025 or a year of the price index"},
		"half a price year":   {`{"currency": "USD", "price_year": 2020.5, "matches": []}`, "want a year such as 2025"},
		"no matches":          {`{"currency": "USD"}`, "matches: missing"},
		"matches no list":     {`{"currency": "USD", "matches": 3}`, "matches: want a list of matches"},
		"null match":          {`{"currency": "USD", "matches": [null]}`, "matches[0]: null: want a JSON object"},
		"no quantity":         {`{"currency": "USD", "matches": [{"id": "a", "category": "food"}]}`, "matches[0]: quantity missing"},
		"no category":         {`{"currency": "USD", "matches": [{"id": "a", "quantity": 1}]}`, "matches[0]: category missing"},
		"no id":               {`{"currency": "USD", "matches": [{"category": "food", "quantity": 1}]}`, "matches[0]: id missing"},
		"empty id":            {`{"currency": "USD", "matches": [{"id": "", "category": "food", "quantity": 1}]}`, `matches[0]: id "": want a name`},
		"duplicate id":        {`{"currency": "USD", "matches": [` + row + "," + row + `]}`, `matches[1].id: "a": already the id of matches[0]`},
		"field twice":         {`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": 1, "quantity": 2}]}`, `field "quantity" is given twice`},
		"quantity as text":    {`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": "1"}]}`, `quantity "1": want a finite number`},
		"null quantity":       {`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": null}]}`, "quantity null: want a finite number"},
		"method's own figure": {`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": 1, "meal_kg": 1}]}`, `unknown field "meal_kg"`},
		"rule without source": {
			`{"currency": "USD", "matches": [], "rules": [{"id": "r@1", "low": 1, "central": 2, "high": 3, "evidence": "known"}]}`,
			"rules: rule r@1: no source",
		},
		"rule twice": {
			`{"currency": "USD", "matches": [], "rules": [{"id": "r@1", "low": 1, "central": 2, "high": 3, "source": "s", "evidence": "known"},
			{"id": "r@1", "low": 1, "central": 2, "high": 3, "source": "s", "evidence": "known"}]}`, "rule r@1 is given twice",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := valuation.ReadInput(valuation.Default(), []byte(test.document))
			require.ErrorIs(t, err, valuation.ErrInput)
			require.ErrorContains(t, err, test.message)
		})
	}
}

// Money that states its price year is joined by the index; money that states none is of the method's year and left alone.
func TestInputPriceYear(t *testing.T) {
	t.Parallel()
	read := func(year string) valuation.Match {
		input, err := valuation.ReadInput(valuation.Default(), []byte(`{"currency": "USD", `+year+`
			"matches": [{"id": "a", "category": "food", "quantity": 1, "price_per_unit": 10, "displacement": 0.5, "price_paid": 4}]}`))
		require.NoError(t, err)
		return input.Matches[0]
	}
	asStated, joined := read(""), read(`"price_year": 2016,`)
	require.InDelta(t, 10, asStated.Overrides[valuation.PricePerUnit], 0)
	require.InDelta(t, 10*321.943/240.007, joined.Overrides[valuation.PricePerUnit], 1e-9)
	require.InDelta(t, 4*321.943/240.007, joined.PricePaid, 1e-9)
	require.InDelta(t, 0.5, joined.Overrides[valuation.Displacement], 0, "a share has no price year")
}

func TestMatchSurvivesJSON(t *testing.T) {
	t.Parallel()
	matches, _ := cityOfMatches(20, 3)
	matches[0].PricePaid, matches[0].LogisticsBy, matches[0].Limit, matches[0].Period = 3.5, city.Giver, city.Receiver, "2016-W32"
	encoded, err := json.Marshal(matches)
	require.NoError(t, err)
	var decoded []valuation.Match
	require.NoError(t, json.Unmarshal(encoded, &decoded))
	require.Equal(t, matches, decoded)
}

func TestPortfolioRefusals(t *testing.T) {
	t.Parallel()
	one := valuation.Match{ID: "a", Category: "food", Quantity: 1}
	for name, test := range map[string]struct {
		matches    []valuation.Match
		simulation valuation.Simulation
		message    string
	}{
		"too few draws":    {[]valuation.Match{one}, valuation.Simulation{Draws: 5}, "draws 5: want 100 to 1000000"},
		"same id":          {[]valuation.Match{one, one}, valuation.Simulation{}, `match "a": given twice`},
		"unknown rule":     {[]valuation.Match{{ID: "a", Category: "food", Quantity: 1, GiverRule: "r@1"}}, valuation.Simulation{}, `match "a": rule "r@1"`},
		"unknown category": {[]valuation.Match{{ID: "a", Category: "x", Quantity: 1}}, valuation.Simulation{}, `match "a": category "x"`},
		"rule around zero": {nil, valuation.Simulation{Rules: []city.Rule{{ID: "r@1", Source: "s", Evidence: "known"}}}, "want more than 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := valuation.Portfolio(valuation.Default(), test.matches, test.simulation)
			require.ErrorContains(t, err, test.message)
		})
	}
	empty, err := valuation.Portfolio(valuation.Default(), nil, valuation.Simulation{Draws: 100})
	require.NoError(t, err)
	require.Zero(t, empty.Total.NSV)
	require.Zero(t, empty.Total.Range.P95)
}

// The documentation names every field that an input may have, and the parser knows every one of them.
func TestDocumentationNamesEveryField(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../docs/valuation.md")
	require.NoError(t, err)
	for _, field := range valuation.InputFields() {
		require.Regexp(t, "(^|[^a-z_])"+field+"($|[^a-z_])", string(content), field)
		value := `1`
		if !slices.Contains(append(valuation.Names(), "quantity", "price_paid", "platform_fee", "receiver_income"), valuation.Name(field)) {
			value = `"x"`
		}
		var m valuation.Match
		err := json.Unmarshal([]byte(`{"id": "a", "category": "food", "quantity": 1, "`+field+`": `+value+`}`), &m)
		if err != nil {
			require.ErrorContains(t, err, "is given twice", field)
		}
	}
}
