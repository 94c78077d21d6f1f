package matching_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/matching"
)

// The best offers are worth as much as those that sorting by value would put first.
func TestLawBestOffers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		largest := rapid.SampledFrom([]int64{1, 3, 300, 1 << 20, matching.MaxMagnitude}).Draw(t, "largest value")
		values := rapid.SliceOfN(rapid.Int64Range(1, largest), 0, 40).Draw(t, "values")
		units := rapid.SliceOfN(rapid.Int64Range(1, 5), len(values), len(values)).Draw(t, "units")
		wanted := rapid.Int64Range(1, 150).Draw(t, "wanted")
		worth := func(order []int) (worth int64) {
			for left := wanted; len(order) > 0 && left > 0; order = order[1:] {
				worth += values[order[0]] * min(left, units[order[0]])
				left -= units[order[0]]
			}
			return worth
		}
		all := make([]int, len(values))
		for k := range all {
			all[k] = k
		}
		byValue := func(a, b int) int { return int(values[b] - values[a]) }
		slices.SortStableFunc(all, byValue)
		chosen := matching.BestOffers(values, units, wanted)
		held := int64(0)
		for _, k := range chosen {
			require.Less(t, held, wanted, "none is superfluous")
			held += units[k]
		}
		slices.SortStableFunc(chosen, byValue)
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(chosen))), len(chosen), "none is taken twice")
		require.GreaterOrEqual(t, worth(chosen), worth(all))
	})
}
