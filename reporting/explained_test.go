package reporting

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
)

// The record of a match says by which formula, figures and sources each of its items came about; a record that would come
// out differently now does not.
func TestExplainedSaysHowEachItemCameAbout(t *testing.T) {
	t.Parallel()
	method := valuation.Default()
	match := valuation.Match{ID: "m", Category: "food.produce", Quantity: 80, Overrides: map[valuation.Name]float64{valuation.DistanceKm: 3}}
	result, err := valuation.Value(method, match)
	require.NoError(t, err)
	inputs, err := json.Marshal(match)
	require.NoError(t, err)
	record := postgres.Valuation{
		ID: "v", Scope: "match", Inputs: inputs, Method: method.Version, ParametersSHA256: method.Hash, NSVMinor: result.NSV,
	}
	document, err := Explained(t.Context(), nil, record)
	require.NoError(t, err)
	require.Len(t, document.Matches, 1)
	for _, item := range document.Matches[0].LineItems {
		require.NotEmpty(t, item.Formula, item.Item)
		for name, factor := range item.Factors {
			if factor.Value == nil {
				require.NotEmpty(t, document.Parameters[factor.Parameter].Source, name)
			}
		}
	}
	require.Equal(t, valuation.InputHash([]valuation.Match{match}), document.InputHash)

	require.Equal(t, valuation.Formulas, document.Formulas)

	record.Formulas = "1"
	_, err = Explained(t.Context(), nil, record)
	require.ErrorContains(t, err, "recorded by formulas 1, this program has "+valuation.Formulas, "whatever it comes to")
	record.Formulas = ""
	record.NSVMinor++
	_, err = Explained(t.Context(), nil, record)
	require.ErrorContains(t, err, "computed again")
}
