package valuation_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

func TestInputRefusals(t *testing.T) {
	t.Parallel()
	const row = `{"id": "a", "category": "food.produce", "quantity": 1}`
	for name, test := range map[string]struct{ document, message string }{
		"empty":    {"", "not JSON: the document ends too early"},
		"not JSON": {"{\"currency\": \"USD\",\n \"matches\": [oops]}", "line 2: not JSON"},
		"NaN": {
			`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": NaN}]}`,
			"line 1: not JSON: matches[0].quantity NaN: want a number",
		},
		"infinite":           {`{"currency": "USD", "matches": [` + row + `, {"hours": -Infinity}]}`, "not JSON: matches[1].hours -Infinity: want a number"},
		"in the fifth line":  {"{\"currency\": \"USD\",\n\"matches\": [{\n\"id\": \"a\",\n\"quantity\":\n1,5}]}", "line 5: not JSON: matches[0].quantity 5: "},
		"comma too many":     {`{"currency": "USD", "rules": [{}], "matches": [` + row + `,]}`, "not JSON: matches[1]: "},
		"colon missing":      {`{"currency" "USD"}`, "not JSON: currency: "},
		"a list":             {`[]`, "want a JSON object"},
		"two documents":      {`{"currency": "USD", "matches": []} {}`, "something follows"},
		"unknown field":      {`{"currency": "USD", "matches": [], "seed": 1}`, "seed: unknown field: want currency, price_year, rules, matches"},
		"no currency":        {`{"matches": []}`, "currency: missing: want USD"},
		"other currency":     {`{"currency": "EUR", "matches": []}`, `currency: "EUR": want USD`},
		"price year":         {`{"currency": "USD", "price_year": 1950, "matches": []}`, "price_year: 1950: want 2025 or a year of the price index"},
		"null price year":    {`{"currency": "USD", "price_year": null, "matches": []}`, "price_year: null: want a year such as 2025"},
		"price year 0":       {`{"currency": "USD", "price_year": 0, "matches": []}`, "price_year: 0: want a year such as 2025"},
		"price year as text": {`{"currency": "USD", "price_year": "2025", "matches": []}`, `price_year: "2025": want a year such as 2025`},
		"half a price year":  {`{"currency": "USD", "price_year": 2020.5, "matches": []}`, "want a year such as 2025"},
		"no matches":         {`{"currency": "USD"}`, "matches: missing"},
		"matches no list":    {`{"currency": "USD", "matches": 3}`, "matches: 3: want a list"},
		"null match":         {`{"currency": "USD", "matches": [null]}`, "matches[0]: null: want a JSON object"},
		"no quantity":        {`{"currency": "USD", "matches": [{"id": "a", "category": "food"}]}`, "matches[0]: quantity missing"},
		"no category":        {`{"currency": "USD", "matches": [{"id": "a", "quantity": 1}]}`, "matches[0]: category missing"},
		"no id":              {`{"currency": "USD", "matches": [{"category": "food", "quantity": 1}]}`, "matches[0]: id missing"},
		"empty id":           {`{"currency": "USD", "matches": [{"id": "", "category": "food", "quantity": 1}]}`, `matches[0]: id "": want a name`},
		"duplicate id":       {`{"currency": "USD", "matches": [` + row + "," + row + `]}`, `matches[1].id: "a": already the id of matches[0]`},
		"field twice": {
			`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": 1, "quantity": 2}]}`,
			`field "quantity" is given twice`,
		},
		"quantity as text":    {`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": "1"}]}`, `quantity "1": want a finite number`},
		"null quantity":       {`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": null}]}`, "quantity null: want a finite number"},
		"method's own figure": {`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": 1, "meal_kg": 1}]}`, `unknown field "meal_kg"`},
		"null matches":        {`{"currency": "USD", "matches": null}`, "matches: null: want a list"},
		"rules as text":       {`{"currency": "USD", "rules": "none", "matches": []}`, `rules: "none": want a list`},
		"null rule":           {`{"currency": "USD", "rules": [null], "matches": []}`, "rules[0]: null: want a JSON object"},
		"rule's field twice":  {`{"currency": "USD", "rules": [{"id": "r@1", "low": 1, "low": 2}], "matches": []}`, `rules[0]: field "low" is given twice`},
		"rule's other case":   {`{"currency": "USD", "rules": [{"ID": "r@1"}], "matches": []}`, "rules[0]: ID unknown field: want id, low, central"},
		"rule's text":         {`{"currency": "USD", "rules": [{"id": "r@1", "low": "1"}], "matches": []}`, `rules[0]: low "1": want a finite number`},
		"rule without high":   {`{"currency": "USD", "rules": [{"id": "r@1", "low": 1, "central": 2}], "matches": []}`, "rules[0]: high missing"},
		"fringe in percent": {
			`{"currency": "USD", "matches": [{"id": "a", "category": "skill", "quantity": 1, "fringe": 12}]}`,
			"matches[0]: fringe 12: want a share from 0 to 1",
		},
		"more than the moon": {
			`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": 1, "distance_km": 1e308}]}`,
			"matches[0]: distance_km 1e+308: want at most 1e+12",
		},
		"two mistakes": {
			`{"currency": "USD", "matches": [{"id": "a", "category": "food", "quantity": 1, "tip_fee": -3, "condition": 2, "moved": -1}]}`,
			"matches[0]: condition 2: want",
		},
		"rule without source": {
			`{"currency": "USD", "matches": [], "rules": [{"id": "r@1", "low": 1, "central": 2, "high": 3, "evidence": "known"}]}`,
			"rules[0]: rule r@1: no source",
		},
		"rule twice": {
			`{"currency": "USD", "matches": [], "rules": [{"id": "r@1", "low": 1, "central": 2, "high": 3, "source": "s", "evidence": "known"},
			{"id": "r@1", "low": 1, "central": 2, "high": 3, "source": "s", "evidence": "known"}]}`, "rules[1]: rule r@1 is given twice",
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

// What an editor or a careless program adds is read as what it means: a byte order mark as nothing, minus zero as zero.
func TestInputByteOrderMarkAndMinusZero(t *testing.T) {
	t.Parallel()
	input, err := valuation.ReadInput(valuation.Default(), []byte("\xef\xbb\xbf"+`{"currency": "USD", "rules": [
		{"id": "r@1", "low": 1, "central": 2, "high": 3, "unit": "kg", "source": "s", "evidence": "known"}],
		"matches": [{"id": "a", "category": "food", "quantity": -0, "distance_km": -0, "giver_rule": "r@1"}]}`))
	require.NoError(t, err)
	require.Equal(t, []city.Rule{{ID: "r@1", Low: 1, Central: 2, High: 3, Unit: "kg", Source: "s", Evidence: "known"}}, input.Rules)
	require.False(t, math.Signbit(input.Matches[0].Quantity))
	require.False(t, math.Signbit(input.Matches[0].Overrides[valuation.DistanceKm]))
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
	// Each amount is exact, their sum would not be; nor would be the range of a figure whose high end means nothing.
	fortunes := make([]valuation.Match, 1100)
	for i := range fortunes {
		fortunes[i] = valuation.Match{ID: fmt.Sprint(i), Category: "food", Quantity: 10, Overrides: map[valuation.Name]float64{valuation.PricePerUnit: 9e11}}
	}
	_, err := valuation.Portfolio(valuation.Default(), fortunes, valuation.Simulation{Draws: 100})
	require.ErrorIs(t, err, valuation.ErrTooLarge)
	require.ErrorContains(t, err, "the matches together")
	boundless := strings.Replace(shippedFile(t, "2026.1.yaml"), "high: 83.60", "high: 999999999999", 1)
	params, err := valuation.Load([]byte(boundless))
	require.NoError(t, err)
	many := []valuation.Match{{ID: "a", Category: "food", Quantity: 1e11}}
	_, err = valuation.Portfolio(params, many, valuation.Simulation{Draws: 100})
	require.ErrorIs(t, err, valuation.ErrTooLarge)
	require.ErrorContains(t, err, "range of the nsv")

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
