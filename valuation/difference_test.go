package valuation_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

// Ten lots of 100 kg were expected; 90 kg each were weighed, and the method takes a higher social cost and a lower
// deadweight. The difference falls into those causes and nothing else.
func TestDifferenceOfARevaluation(t *testing.T) {
	t.Parallel()
	later := strings.NewReplacer(
		`version: "2026.1"`, `version: "2026.2"`, "low: 130, central: 210, high: 360", "low: 130, central: 230, high: 360",
		"low: 0, central: 0.25, high: 0.5, unit: share", "low: 0, central: 0.20, high: 0.5, unit: share",
	).Replace(shippedFile(t, "2026.1.yaml"))
	params, err := valuation.Load([]byte(later))
	require.NoError(t, err)
	before, after := valuation.Valued{Parameters: valuation.Default()}, valuation.Valued{Parameters: params}
	for _, id := range []string{"a", "b", "c"} {
		m := valuation.Match{ID: id, Category: "food.produce", Quantity: 100, Overrides: map[valuation.Name]float64{valuation.DistanceKm: 2}}
		before.Matches = append(before.Matches, m)
		m.Quantity = 90
		after.Matches = append(after.Matches, m)
	}
	change, err := valuation.Difference(before, after)
	require.NoError(t, err)
	require.Equal(t, change.After-change.Before, change.Change)
	require.Equal(t, change.Change, change.Of(valuation.FigureCause)+change.Of(valuation.QuantityCause))
	require.Positive(t, change.Of(valuation.FigureCause))
	require.Negative(t, change.Of(valuation.QuantityCause))
	names := make([]string, 0, len(change.Causes))
	for _, cause := range change.Causes {
		names = append(names, cause.Name)
	}
	require.Equal(t, []string{"social_cost_co2", "deadweight", "quantity"}, names)
	require.Equal(t, total(t, before), change.Before)
	require.Equal(t, total(t, after), change.After)
}

// A valuation that was recorded by other formulas is explained by what it was recorded as: the formulas are one cause, the
// figures another.
func TestDifferenceTellsFormulasFromFigures(t *testing.T) {
	t.Parallel()
	params, err := valuation.Load([]byte(strings.NewReplacer(
		`version: "2026.1"`, `version: "2026.2"`, "low: 130, central: 210, high: 360", "low: 130, central: 230, high: 360",
	).Replace(shippedFile(t, "2026.1.yaml"))))
	require.NoError(t, err)
	matches := []valuation.Match{{ID: "a", Category: "food.produce", Quantity: 100}}
	before := valuation.Valued{Parameters: valuation.Default(), Matches: matches}
	now := total(t, before)
	before.Recorded = &valuation.Recorded{Formulas: "1", NSV: now + 500}

	change, err := valuation.Difference(before, valuation.Valued{Parameters: params, Matches: matches})
	require.NoError(t, err)
	require.Equal(t, now+500, change.Before)
	require.Equal(t, int64(-500), change.Of(valuation.FormulasCause))
	require.Positive(t, change.Of(valuation.FigureCause))
	require.Equal(t, change.Change, change.Of(valuation.FormulasCause)+change.Of(valuation.FigureCause))

	before.Recorded = &valuation.Recorded{Formulas: valuation.Formulas, NSV: now}
	change, err = valuation.Difference(before, before)
	require.NoError(t, err)
	require.Empty(t, change.Causes)
}

func total(t require.TestingT, v valuation.Valued) int64 {
	sum := int64(0)
	for _, m := range v.Matches {
		result, err := valuation.Value(v.Parameters, m)
		require.NoError(t, err)
		sum += result.NSV
	}
	return sum
}

func TestDifferenceAlwaysAddsUp(t *testing.T) {
	t.Parallel()
	unindexed, err := valuation.Default().Unindexed()
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		matches, _ := cityOfMatches(rapid.IntRange(0, 12).Draw(t, "matches"), rapid.Uint64().Draw(t, "seed"))
		before := valuation.Valued{Parameters: valuation.Default(), Matches: matches}
		after := valuation.Valued{Parameters: rapid.SampledFrom([]*valuation.Parameters{valuation.Default(), unindexed}).Draw(t, "method")}
		for _, m := range matches {
			switch rapid.IntRange(0, 4).Draw(t, "fate") {
			case 0:
				continue // gone
			case 1:
				m.Quantity = rapid.Float64Range(0, 300).Draw(t, "weighed")
			case 2:
				m.Category = rapid.SampledFrom([]city.Leaf{"food.produce", "goods.bedding"}).Draw(t, "category")
			case 3:
				m.Overrides = maps.Clone(m.Overrides)
				delete(m.Overrides, valuation.DistanceKm)
				m.Overrides[valuation.Success] = 1
			}
			after.Matches = append(after.Matches, m)
		}
		if rapid.Bool().Draw(t, "one more") {
			after.Matches = append(after.Matches, valuation.Match{ID: "new", Category: "food", Quantity: 12})
		}
		change, err := valuation.Difference(before, after)
		require.NoError(t, err)
		require.Equal(t, total(t, before), change.Before)
		require.Equal(t, total(t, after), change.After)
		sum := int64(0)
		for _, cause := range change.Causes {
			sum += cause.Amount
		}
		require.Equal(t, change.Change, sum)
		require.Equal(t, change.After-change.Before, change.Change)
	})
}

func TestDifferenceRefusesOtherCurrencies(t *testing.T) {
	t.Parallel()
	other := *valuation.Default()
	other.Currency = "EUR"
	_, err := valuation.Difference(valuation.Valued{Parameters: valuation.Default()}, valuation.Valued{Parameters: &other})
	require.ErrorIs(t, err, valuation.ErrNoIndex)
}
