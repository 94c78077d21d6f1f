package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
)

// In strict order the urgent are served first, whatever they are worth; the run says what each urgency got and what the
// order cost, and its proof holds.
func TestARunInStrictOrderOfUrgency(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.listing(city.ResourceSide, "store", 100, 0)
	w.listing(city.NeedSide, "next-door", 100, 50)
	w.urgency = city.Critical
	w.listing(city.NeedSide, "far", 60, 8000)
	f := w.families()
	free := f.solve(t, run("r0"))
	ref := run("r1")
	ref.Fairness.Tiers = true
	proven := f.solve(t, ref)
	require.Equal(t, proven, f.solve(t, ref))

	kept := proven.Kept
	require.True(t, kept.Strict)
	require.Len(t, kept.Tiers, 2)
	require.Equal(t, []city.Urgency{city.Critical, city.Normal}, []city.Urgency{kept.Tiers[0].Urgency, kept.Tiers[1].Urgency})
	sum := int64(0)
	for _, tier := range kept.Tiers {
		require.EqualValues(t, 1, tier.Needs)
		require.EqualValues(t, 1, tier.Served)
		require.LessOrEqual(t, tier.AchievedMinor, tier.BoundMinor)
		sum += tier.AchievedMinor
	}
	require.Equal(t, proven.Proof.Achieved, sum)
	require.Equal(t, free.Proof.Bound, proven.Proof.Bound, "no order makes more of it")
	require.Equal(t, free.Proof.Achieved-proven.Proof.Achieved, *kept.CostMinor)
	require.Positive(t, *kept.CostMinor)
	require.Equal(t, proven.Proof.Gap, *kept.CostAtMost)
	require.False(t, proven.Proof.Optimal)
	c := f.certificate(t, proven.Proof)
	require.Len(t, c.Tiers, 2)

	_, err := f.runs.RecordProposals(t.Context(), proven)
	require.NoError(t, err)
	got := map[city.ListingID]int64{}
	for _, m := range w.proposed("r1") {
		got[m.Need] += m.Quantity
	}
	require.Equal(t, map[city.ListingID]int64{"far.food": 60, "next-door.food": 40}, got)
}
