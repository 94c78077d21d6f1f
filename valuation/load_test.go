package valuation_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

func shippedFile(t require.TestingT, name string) string {
	content, err := os.ReadFile("parameters/" + name)
	require.NoError(t, err)
	return string(content)
}

func TestShippedMethodsLoad(t *testing.T) {
	t.Parallel()
	require.Contains(t, valuation.Methods(), valuation.DefaultMethod)
	for _, version := range valuation.Methods() {
		params, err := valuation.Method(version)
		require.NoError(t, err)
		require.Equal(t, version, params.Version)
		require.Len(t, params.Hash, 64)
	}
	example, err := os.ReadFile("../docs/examples/2026.1-iwg.yaml")
	require.NoError(t, err)
	own, err := valuation.Load(example)
	require.NoError(t, err)
	require.Equal(t, "2026.1-iwg", own.Version)
	_, err = valuation.Method("1999.1")
	require.ErrorContains(t, err, `method "1999.1": want one of 2026.1`)
	_, err = valuation.Method("price-index")
	require.Error(t, err)
}

func TestParameterFileRefusals(t *testing.T) {
	t.Parallel()
	good := shippedFile(t, "2026.1.yaml")
	for name, test := range map[string]struct{ old, new, message string }{
		"no source": {
			"price_year: 2022, source: eref, evidence: verified}", "price_year: 2022, evidence: verified}",
			"parameters.tip_fee.default (line",
		},
		"unnamed source":     {"source: eref,", "source: eerf,", `parameters.tip_fee.default.source "eerf": not among the file's sources`},
		"no evidence":        {"source: eref, evidence: verified}", "source: eref}", `evidence ""`},
		"misspelt parameter": {"  tip_fee:", "  tipfee:", `parameters (line 46): unknown field "tipfee": want one of condition,`},
		"parameter missing": {
			"  meal_kg:\n    default: {low: 0.54431, central: 0.54431, high: 0.54431, unit: kg per meal, source: meal, evidence: verified}\n", "",
			"parameters.meal_kg missing",
		},
		"misspelt field": {
			"evidence: assumption, note: \"no weight", "evidnce: assumption, note: \"no weight",
			`unknown field "evidnce": want one of low,`,
		},
		"share above 1": {
			"central: 0.25, high: 0.5, unit: share", "central: 0.25, high: 1.5, unit: share",
			"parameters.deadweight.default.high 1.5: want a share from 0 to 1",
		},
		"wrong unit": {"unit: per t CO2e", "unit: per kg CO2e", `parameters.social_cost_co2.default.unit "per kg CO2e": want "per t CO2e"`},
		"money without a currency": {
			"unit: per t CO2e, currency: USD, price_year: 2020", "unit: per t CO2e",
			"want a currency and price year for money only",
		},
		"share with a currency": {
			"high: 0.5, unit: share, source", "high: 0.5, unit: share, currency: USD, price_year: 2020, source",
			"want a currency and price year for money only",
		},
		"other currency": {
			"unit: per t CO2e, currency: USD", "unit: per t CO2e, currency: GBP",
			"no price index joins them: GBP and the method's USD",
		},
		"price year without index": {
			"unit: per t CO2e, currency: USD, price_year: 2020", "unit: per t CO2e, currency: USD, price_year: 1985",
			"has no price year 1985",
		},
		"method year without index": {"\nprice_year: 2025", "\nprice_year: 2031", "has no price year 2031"},
		"unknown index":             {"index: bls-cpi-u", "index: rpi", `index "rpi": not a series`},
		"unknown category":          {"      food: {low: 0.7", "      fodo: {low: 0.7", `parameters.disposal_share.by.fodo: category "fodo"`},
		"given twice":               {"  haul_fee:", "  tip_fee:", `field "tip_fee" is given twice`},
		"not a number":              {"low: 46.84", "low: many", `parameters.tip_fee.default.low "many"`},
		"upside down":               {"low: 46.84", "low: 99", "want low <= central <= high"},
		"empty version":             {`version: "2026.1"`, `version: ""`, "version: empty"},
		"no method currency":        {"\ncurrency: USD", "\ncurrency: dollars", `currency "dollars"`},
		"not YAML":                  {"sources:", "sources: {", ""},
		"half a price year": {
			"price_year: 2022, source: eref", "price_year: 2022.5, source: eref",
			`parameters.tip_fee.default.price_year "2022.5" (line 47): want a year`,
		},
		"second document":    {"\nequity:", "\n---\nequity:", "a second document begins"},
		"figure of the moon": {"high: 83.60", "high: 1e300", "parameters.tip_fee.default.high 1e+300: want at most 1e+12"},
		"years with a range": {
			"default: {low: 1, central: 1, high: 1, unit: year,", "default: {low: 1, central: 1, high: 5, unit: year,",
			"parameters.years.default: low 1, high 5: want the same",
		},
		"no elasticity":      {"elasticities: [1.0, 1.3, 1.4]", "elasticities: []", "equity.elasticities: none: want at least one"},
		"null elasticity":    {"elasticities: [1.0, 1.3, 1.4]", "elasticities: [1.3, null]", "equity.elasticities null: want numbers from 0 to 4"},
		"unit of the cap":    {"unit: ratio", "unit: share", `equity.weight_cap.unit "share": want "ratio"`},
		"unit of the income": {"unit: per year", "unit: per month", `equity.reference_income: want an amount of money above 0, unit "per year"`},
		"equity above":       {"elasticities: [1.0, 1.3, 1.4]", "elasticities: [1.0, 9]", "equity.elasticities 9: want numbers from 0 to 4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, good, test.old, "the test's own premise")
			_, err := valuation.Load([]byte(strings.Replace(good, test.old, test.new, 1)))
			require.ErrorContains(t, err, test.message)
		})
	}
	_, err := valuation.Load(nil)
	require.ErrorContains(t, err, "the file is empty")
}

// Another figure, another index or another taxonomy is another method: the hash differs.
func TestHashCoversEverything(t *testing.T) {
	t.Parallel()
	good, index := []byte(shippedFile(t, "2026.1.yaml")), []byte(shippedFile(t, "price-index.yaml"))
	load := func(parameters, index []byte, taxonomy *city.Taxonomy) string {
		params, err := valuation.LoadFiles(valuation.Files{Parameters: parameters, PriceIndex: index, Taxonomy: taxonomy})
		require.NoError(t, err)
		return params.Hash
	}
	changed := city.DefaultTaxonomy().WithFigures("x", func(f city.Figure) city.Figure { return f })
	hashes := map[string]bool{
		load(good, index, city.DefaultTaxonomy()): true,
		load([]byte(strings.Replace(string(good), "high: 83.60", "high: 84", 1)), index, city.DefaultTaxonomy()): true,
		load(good, []byte(strings.Replace(string(index), "321.943", "322", 1)), city.DefaultTaxonomy()):          true,
		load(good, index, changed): true,
	}
	require.Len(t, hashes, 4)
	require.True(t, hashes[valuation.Default().Hash])
}

// CPI-U as published by the Bureau of Labor Statistics; inputs span 2012 to 2025.
func TestPriceIndex(t *testing.T) {
	t.Parallel()
	params := valuation.Default()
	for year, index := range map[int]float64{
		2012: 229.594, 2013: 232.957, 2016: 240.007, 2019: 255.657, 2020: 258.811, 2022: 292.655, 2024: 313.689, 2025: 321.943,
	} {
		joined, err := params.Join(city.Money{Minor: 1_000_000, Currency: "USD", PriceYear: year})
		require.NoError(t, err)
		require.Equal(t, 2025, joined.PriceYear)
		require.InDelta(t, 1_000_000*321.943/index, joined.Minor, 0.51, year)
	}
	for year := 2010; year <= 2025; year++ {
		_, err := params.Join(city.Money{Minor: 1, Currency: "USD", PriceYear: year})
		require.NoError(t, err, year)
	}
	_, err := params.Join(city.Money{Minor: 1, Currency: "USD", PriceYear: 1999})
	require.ErrorIs(t, err, valuation.ErrNoIndex)
	_, err = params.Join(city.Money{Minor: 1, Currency: "EUR", PriceYear: 2020})
	require.ErrorIs(t, err, valuation.ErrNoIndex)
}

// A range never shrinks when its figure's range grows. (Beside other uncertain figures it may by a little: a wider triangle
// has another mean, and the figures multiply.)
func TestWiderFigureWiderRange(t *testing.T) {
	t.Parallel()
	good := shippedFile(t, "2026.1.yaml")
	const shipped = "low: 130, central: 210, high: 360"
	m := valuation.Match{ID: "m", Category: "food.produce", Quantity: 500, Quality: city.Measured, Overrides: map[valuation.Name]float64{}}
	for _, name := range valuation.Names() {
		if name != valuation.SocialCostCO2 {
			m.Overrides[name] = neutral[name]
		}
	}
	m.Overrides[valuation.UnitKg], m.Overrides[valuation.DisposalShare], m.Overrides[valuation.DisposalFactor] = 1, 1, 0.68
	m.Overrides[valuation.Years] = 1
	width := func(t require.TestingT, figure string) int64 {
		params, err := valuation.Load([]byte(strings.Replace(good, shipped, figure, 1)))
		require.NoError(t, err)
		summary, err := valuation.Portfolio(params, []valuation.Match{m}, valuation.Simulation{Draws: 500, Seed: 5})
		require.NoError(t, err)
		return summary.Total.Range.P95 - summary.Total.Range.P5
	}
	rapid.Check(t, func(t *rapid.T) {
		low, high := rapid.IntRange(0, 210).Draw(t, "low"), rapid.IntRange(210, 800).Draw(t, "high")
		wider := fmt.Sprintf("low: %d, central: 210, high: %d", rapid.IntRange(0, low).Draw(t, "lower"), rapid.IntRange(high, 900).Draw(t, "higher"))
		narrow := width(t, fmt.Sprintf("low: %d, central: 210, high: %d", low, high))
		require.GreaterOrEqual(t, width(t, wider), narrow-1) // each end is rounded to the cent
	})
}
