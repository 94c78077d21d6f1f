package valuation_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/valuation"
)

// Every name that a match may override stands in a hand-worked case whose figures hang on it: with another value they
// are others. A case that names a parameter and does not depend on it would prove nothing.
func TestEveryOverrideHasAHandWorkedCase(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.test")
	require.NoError(t, err)
	worked := map[valuation.Name]string{}
	for _, file := range files {
		for _, c := range readCases(t, file) {
			for name := range c.stated {
				if len(c.want) > 0 && c.hangsOn(t, name) {
					worked[name] = fmt.Sprintf("%s:%d", filepath.Base(file), c.line)
				}
			}
		}
	}
	for _, name := range valuation.Names() {
		require.Contains(t, worked, name, "no hand-worked case hangs on %s", name)
	}
}

// hangsOn says whether another value of a stated parameter would change a figure that the case asks for.
func (c testCase) hangsOn(t *testing.T, name valuation.Name) bool {
	t.Helper()
	params := valuation.Default()
	input, err := valuation.ReadInput(params, fmt.Appendf(nil, `{"currency": "USD", "matches": [{%s}]}`, strings.Join(c.fields, ", ")))
	require.NoError(t, err)
	match := input.Matches[0]
	value, isParameter := match.Overrides[name]
	if !isParameter {
		return false
	}
	for _, other := range []float64{value / 2, value + 1, 0.5, 2} {
		changed := match
		changed.Overrides = map[valuation.Name]float64{}
		for n, v := range match.Overrides {
			changed.Overrides[n] = v
		}
		changed.Overrides[name] = other
		result, err := valuation.Value(params, changed)
		if err != nil {
			continue // outside what the parameter may be
		}
		got := amounts(result)
		for what, want := range c.want {
			if got[what] != want {
				return true
			}
		}
	}
	return false
}

// The share on estimates weighs matches by the size of their value, whatever its sign: what costs more than it brings is
// an estimate too.
func TestShareThatRestsOnEstimates(t *testing.T) {
	t.Parallel()
	const matches = `{"currency": "USD", "matches": [
		{"id": "weighed", "category": "goods", "quantity": 1, "quality": "measured", %[1]s, "admin_cost": 0, "price_per_unit": 60},
		{"id": "said", "category": "goods", "quantity": 1, "quality": "declared", %[1]s, "admin_cost": 0, "price_per_unit": 20},
		{"id": "derived", "category": "goods", "quantity": 1, "quality": "inferred", %[1]s, "admin_cost": 0, "price_per_unit": 15},
		{"id": "a loss", "category": "goods", "quantity": 1, "quality": "inferred", %[1]s, "admin_cost": 5, "price_per_unit": 0}]}`
	input, err := valuation.ReadInput(valuation.Default(), fmt.Appendf(nil, matches, certainly(t)))
	require.NoError(t, err)
	summary := portfolio(t, input.Matches, valuation.Simulation{Draws: 100})
	require.EqualValues(t, 9000, summary.Total.NSV, "60 + 20 + 15 - 5")
	require.InDelta(t, 0.20, summary.Total.Estimated, 1e-9, "15 + 5 of 60 + 20 + 15 + 5")
	shares := map[string]float64{}
	for _, group := range summary.Groups[valuation.ByQuality] {
		shares[group.Key] = group.Estimated
	}
	require.Equal(t, map[string]float64{"measured": 0, "declared": 0, "inferred": 1}, shares)
}

// certainly states every parameter but price and administration so that a match is worth its price.
func certainly(t *testing.T) string {
	t.Helper()
	stated := map[valuation.Name]float64{}
	for name, value := range neutral {
		stated[name] = value
	}
	stated[valuation.Condition], stated[valuation.Displacement] = 1, 1
	delete(stated, valuation.PricePerUnit)
	delete(stated, valuation.AdminCost)
	encoded, err := json.Marshal(stated)
	require.NoError(t, err)
	return strings.Trim(string(encoded), "{}")
}
