package valuation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/valuation"
)

// The reading of the DC derivation that reproduces its edge values: every figure as published, no indexing, success 0.9,
// and no vehicle emissions in the trip. Break-even lots are 4.5, 5.6 and 8.5 kg at 1, 3 and 8 km.
func TestUnindexedScoreReproducesTheDerivation(t *testing.T) {
	t.Parallel()
	params, err := valuation.Default().Unindexed()
	require.NoError(t, err)
	perUnit, err := valuation.UnitValue(params, "food.grocery-mixed")
	require.NoError(t, err)
	require.InDelta(t, 193.668, perUnit, 0.001)
	for km, breakEven := range map[float64]float64{1: 4.5, 3: 5.6, 8: 8.5} {
		score, err := valuation.ScoreOf(params, valuation.Match{
			Category: "food.grocery-mixed", Overrides: map[valuation.Name]float64{valuation.DistanceKm: km, valuation.VehicleKgPerMile: 0},
		})
		require.NoError(t, err)
		require.InDelta(t, breakEven, score.PerTrip/score.PerUnit, 0.05)
	}
}
