package city_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
)

func TestShippedTaxonomyHasASourceForEveryFigure(t *testing.T) {
	t.Parallel()
	taxonomy := city.DefaultTaxonomy()
	require.Len(t, taxonomy.Classes(), 8)
	require.GreaterOrEqual(t, len(taxonomy.Leaves()), 40)
	for _, entry := range append(taxonomy.Classes(), taxonomy.Leaves()...) {
		require.NotEmpty(t, entry.Title, entry.Leaf)
		for name, figure := range map[string]city.Figure{
			"unit_kg": entry.UnitKg, "price": entry.Price,
			"disposal_factor": entry.DisposalFactor, "production_factor": entry.ProductionFactor,
		} {
			require.NoError(t, figure.Validate(), "%s.%s", entry.Leaf, name)
			require.NotEmpty(t, figure.Source, "%s.%s", entry.Leaf, name)
		}
		require.NotEmpty(t, entry.Mapping.HSDSTerm, entry.Leaf)
	}
}

func TestTaxonomyRefusals(t *testing.T) {
	t.Parallel()
	const shipped = `version: "t"
sources: {a: "A source"}
classes:
`
	class := func(name string) string {
		return "  " + name + `: {title: T, unit: hour,
    unit_kg: {low: 0, central: 0, high: 0, unit: kg per unit, source: a, evidence: known},
    price: {low: 1, central: 2, high: 3, unit: per unit, currency: USD, price_year: 2025, source: a, evidence: known},
    disposal_factor: {low: 0, central: 0, high: 0, unit: t CO2e per short ton, source: a, evidence: known},
    production_factor: {low: 0, central: 0, high: 0, unit: t CO2e per short ton, source: a, evidence: known}}
`
	}
	good := shipped
	for _, name := range []string{"food", "goods", "space", "equipment", "vehicle", "skill", "material", "service"} {
		good += class(name)
	}
	leaf := strings.Replace(class("food"), "  food:", "  food.a:", 1)
	good += "leaves:\n" + leaf
	_, err := city.ReadTaxonomy([]byte(good))
	require.NoError(t, err)

	for name, test := range map[string]struct{ old, new, message string }{
		"figure without a source":  {"price_year: 2025, source: a,", "price_year: 2025,", "classes.food.price (line 6): source missing"},
		"unnamed source":           {"source: a,", "source: b,", `source "b": not among the file's sources`},
		"misspelt field":           {"evidence: known", "evidnce: known", `unknown field "evidnce"`},
		"unknown evidence":         {"evidence: known", "evidence: sure", `evidence "sure": want one of [verified known assumption]`},
		"range upside down":        {"low: 1, central: 2", "low: 3, central: 2", "want low <= central <= high"},
		"not a number":             {"low: 1, central: 2", "low: .nan, central: 2", `low ".nan"`},
		"price without a year":     {"currency: USD, price_year: 2025", "currency: USD", "want both for money"},
		"weight in the wrong unit": {"unit: kg per unit", "unit: lb per unit", `unit_kg.unit "lb per unit": want "kg per unit"`},
		"unknown class":            {"  food.a:", "  foood.a:", `class "foood"`},
		"class missing":            {"  service:", "  space:", "field \"space\" is given twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := city.ReadTaxonomy([]byte(strings.Replace(good, test.old, test.new, 1)))
			require.ErrorContains(t, err, test.message)
		})
	}
}

func TestTaxonomyLookUp(t *testing.T) {
	t.Parallel()
	taxonomy := city.DefaultTaxonomy()
	entry, err := taxonomy.Category("food.produce")
	require.NoError(t, err)
	require.Equal(t, city.Kilogram, entry.Unit)
	require.False(t, entry.IsClass())
	class, err := taxonomy.Category("food")
	require.NoError(t, err)
	require.True(t, class.IsClass())
	_, err = taxonomy.Category("food.prodduce")
	require.ErrorContains(t, err, `category "food.prodduce": want a leaf such as food.grocery-mixed`)
	require.Equal(t, "Fruit and vegetables", taxonomy.Title("food.produce"))
	require.Equal(t, "food.gone", taxonomy.Title("food.gone"))
}
