package activities_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// A run after one with floors begins at its basis, whether it has floors or not; prices with a bonus in them spoil nothing.
// What is agreed to counts for the floor of the next run.
func TestFloorsInRunsThatFollowEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apart()
	f := w.families()
	floor := city.Floor{Wards: []string{"7"}, Class: city.Food, Quantity: 320}
	first, _ := f.complete(t, floored("r1", floor))
	require.Positive(t, *first.Kept.Floors[0].PriceMinor)

	warm := f.solve(t, run("r2"))
	require.True(t, warm.Recurrence.Warm)
	again := f.solve(t, floored("r3", floor))
	require.True(t, again.Recurrence.Warm)
	require.GreaterOrEqual(t, *again.Kept.Floors[0].Reached, int64(320))
	files, err := filepath.Glob(filepath.Join(f.folder, string(town), "runs", "r1", "basis-*.bin"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.NoError(t, os.Remove(files[0]))
	cold := f.solve(t, run("r4"))
	require.False(t, cold.Recurrence.Warm)
	require.NotEmpty(t, cold.Recurrence.Problem)
	require.Equal(t, cold.Proof.Bound, warm.Proof.Bound, "the basis of a run with floors is only a start")

	agreed := int64(0)
	for k, m := range w.proposed("r1") {
		if m.Ward == "7" {
			w.decide(activities.MatchRef{City: town, Match: m.ID}, city.DecisionApprove, city.CityHall, fmt.Sprintf("anna-%d", k), 0)
			agreed += m.Quantity
		}
	}
	require.GreaterOrEqual(t, agreed, int64(320))
	next := f.solve(t, floored("r5", floor))
	kept := next.Kept.Floors[0]
	require.Equal(t, agreed, kept.Agreed)
	require.Zero(t, *kept.PriceMinor, "it is kept already")
	require.GreaterOrEqual(t, *kept.Reached, agreed)
}

// What a floor has brought about stays until it is decided on: a run that knows of no floor keeps what open proposals of
// earlier ones promise, by whichever pairs are best, and says from whom it has that.
func TestAFloorStaysWhileItsProposalsAreOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apart()
	w.scoring(func(s *candidates.Scoring) { s.Stability = 0 }) // else what is proposed keeps the floor by itself, at this size
	f := w.families()
	floor := city.Floor{Wards: []string{"7"}, Class: city.Food, Quantity: 320}
	first, _ := f.complete(t, floored("r1", floor))
	require.GreaterOrEqual(t, *first.Kept.Floors[0].Reached, int64(320))

	second, _ := f.complete(t, run("r2"))
	kept := second.Kept.Floors[0]
	require.Equal(t, city.RunID("r1"), kept.From)
	require.Equal(t, int64(320), kept.Least)
	require.GreaterOrEqual(t, *kept.Reached, int64(320))
	require.Less(t, kept.Free, int64(320))
	require.Zero(t, kept.GivenUp)
	snapshot, err := f.runs.FreezeSnapshot(t.Context(), run("r2"))
	require.NoError(t, err)
	require.Len(t, snapshot.Inherited, 1, "a repeated attempt finds them, too")

	third := f.solve(t, run("r3"))
	require.Equal(t, city.RunID("r1"), third.Kept.Floors[0].From, "it is still the same wish")
	own := f.solve(t, floored("r4", city.Floor{Wards: []string{"7"}, Class: city.Food, Quantity: 200}))
	require.Len(t, own.Kept.Floors, 1, "what is asked for now takes the place of what was")
	require.Equal(t, int64(200), own.Kept.Floors[0].Least)
	require.Empty(t, own.Kept.Floors[0].From)

	rival := f.solve(t, floored("r5", city.Floor{Wards: []string{"1"}, Class: city.Food, Quantity: 600}))
	require.Len(t, rival.Kept.Floors, 2)
	require.GreaterOrEqual(t, *rival.Kept.Floors[0].Reached, int64(600))
	require.Equal(t, int64(320), rival.Kept.Floors[1].Least+rival.Kept.Floors[1].GivenUp)
	require.Equal(t, int64(828-600), rival.Kept.Floors[1].Least, "as much as what is asked for now leaves")

	ordered := run("r6")
	ordered.Fairness.Tiers = true
	require.True(t, f.solve(t, ordered).Kept.Strict)
	row, err := w.store.Run(t.Context(), town, "r6")
	require.NoError(t, err)
	require.Equal(t, int64(320), row.Fairness.Floors[0].GivenUp)

	for _, m := range append(w.proposed("r1"), w.proposed("r2")...) {
		require.NoError(t, w.store.CloseMatch(t.Context(), town, m.ID, city.MatchRejected, "not_needed"))
	}
	require.Nil(t, f.solve(t, run("r7")).Kept, "refused: nothing of the floor is left to keep")
}
