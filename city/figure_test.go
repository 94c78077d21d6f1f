package city_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/city"
)

func TestFigureQuantile(t *testing.T) {
	t.Parallel()
	triangle := city.Figure{Low: 0, Central: 0.25, High: 1, Distribution: city.Triangular}
	require.InDelta(t, 0.25, triangle.Quantile(0.25), 1e-12, "the mode of this triangle is its first quartile")
	require.InDelta(t, 0.5, city.Figure{Low: 0, Central: 0.5, High: 1, Distribution: city.Triangular}.Quantile(0.5), 1e-12)
	skewed := city.Figure{Low: 1, Central: 2, High: 10, Distribution: city.Lognormal}
	require.InDelta(t, 1, skewed.Quantile(0.05), 1e-9)
	require.InDelta(t, 2, skewed.Quantile(0.5), 1e-9)
	require.InDelta(t, 10, skewed.Quantile(0.95), 1e-9)
	require.InDelta(t, 7, city.Figure{Low: 7, Central: 7, High: 7, Distribution: city.Fixed}.Quantile(0.01), 0)
}

func TestFigureQuantileIsMonotoneAndInsideItsRange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-100, 100).Draw(t, "low")
		central := low + rapid.Float64Range(0, 100).Draw(t, "up to the mode")
		figure := city.Figure{Low: low, Central: central, High: central + rapid.Float64Range(0, 100).Draw(t, "above"), Distribution: city.Triangular}
		u, v := rapid.Float64Range(0.0001, 0.9999).Draw(t, "u"), rapid.Float64Range(0.0001, 0.9999).Draw(t, "v")
		if u > v {
			u, v = v, u
		}
		below, above := figure.Quantile(u), figure.Quantile(v)
		require.LessOrEqual(t, below, above+1e-9)
		require.GreaterOrEqual(t, below, figure.Low-1e-9)
		require.LessOrEqual(t, above, figure.High+1e-9)
	})
}
