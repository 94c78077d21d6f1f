package valuation_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/valuation"
)

// Whoever changes what any match comes to raises the version of the formulas. The file has a line for each version and set
// of figures: what the matches below come to.
func TestOtherAmountsAreOtherFormulas(t *testing.T) {
	t.Parallel()
	params := valuation.Default()
	sum := sha256.New()
	for _, m := range everyKindOfMatch(params) {
		result, err := valuation.Value(params, m)
		require.NoError(t, err)
		line, err := json.Marshal(amounts(result)) // keys in order
		require.NoError(t, err)
		_, err = fmt.Fprintf(sum, "%s %s\n", m.ID, line)
		require.NoError(t, err)
	}
	known, err := os.ReadFile("testdata/formulas.sum")
	require.NoError(t, err)
	line := fmt.Sprintf("%s %.12s %.6x", valuation.Formulas, params.Hash, sum.Sum(nil))
	require.Contains(t, strings.Split(string(known), "\n"), line,
		"same figures (the second field), other amounts (the third): raise valuation.Formulas; then add this line")
}

// everyKindOfMatch is each category with what a match can state, so that each term counts somewhere.
func everyKindOfMatch(p *valuation.Parameters) []valuation.Match {
	stated := map[string]map[valuation.Name]float64{
		"plain":   {},
		"lasting": {valuation.Years: 3, valuation.Dropoff: 0.1},
		"sold":    {valuation.SalvagePrice: 2, valuation.SalvageChance: 0.5, valuation.StorageDays: 3, valuation.StorageRate: 1.5},
		"worked":  {valuation.Hours: 4, valuation.HandlingHours: 0.5, valuation.AdminCost: 1, valuation.PlatformCost: 2},
		"done":    {valuation.Success: 1, valuation.Condition: 0.5},
	}
	var matches []valuation.Match
	for _, category := range append(p.Taxonomy.Classes(), p.Taxonomy.Leaves()...) {
		for _, kind := range []string{"plain", "lasting", "sold", "worked", "done"} {
			overrides := map[valuation.Name]float64{valuation.DistanceKm: 3}
			for name, value := range stated[kind] {
				overrides[name] = value
			}
			matches = append(matches, valuation.Match{
				ID: string(category.Leaf) + "/" + kind, Category: category.Leaf, Quantity: 7, Overrides: overrides,
				ReceiverIncome: 25_000, PricePaid: 5, PlatformFee: 1,
			})
		}
	}
	return matches
}
