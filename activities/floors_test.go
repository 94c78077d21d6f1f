package activities_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
)

// apart lists more wanted than offered: ward 1 next to the stores, ward 7 out of the way.
func (w *world) apart() {
	w.t.Helper()
	w.wards()
	w.stock(8, 0)
	w.inWard = "1"
	for n := range 6 {
		w.listing(city.NeedSide, "near-"+string(rune('a'+n)), 150+int64(9*n), float64(200+300*n))
	}
	w.inWard = "7"
	for n := range 4 {
		w.listing(city.NeedSide, "far-"+string(rune('a'+n)), 100+int64(13*n), float64(-5000-400*n))
	}
	w.inWard = ""
}

var square = []byte(`{"type":"Polygon","coordinates":[[[9,49],[10,49],[10,51],[9,51],[9,49]]]}`)

// wards are 1 and 7.
func (w *world) wards() {
	w.t.Helper()
	require.NoError(w.t, w.store.UpsertWards(w.t.Context(), town, []postgres.Ward{
		{ID: "1", Name: "near", Boundary: square}, {ID: "7", Name: "far", Boundary: square},
	}))
}

// floored is a run with floors.
func floored(id city.RunID, floors ...city.Floor) activities.RunRef {
	return activities.RunRef{City: town, Run: id, Fairness: city.Fairness{Floors: floors}}
}

// A floor is kept, at a price; what it costs is what the run without it would have been worth more; and the proof holds
// for everybody who repeats it.
func TestAFloorIsKeptAndProven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apart()
	f := w.families()
	free := f.solve(t, run("r0"))
	require.Nil(t, free.Kept)
	ref := floored("r1", city.Floor{Wards: []string{"7"}, Class: city.Food, Quantity: 320})
	proven := f.solve(t, ref)
	require.Equal(t, proven, f.solve(t, ref), "a repeated attempt finds the same prices")

	row, err := w.store.Run(t.Context(), town, "r1")
	require.NoError(t, err)
	require.Len(t, row.Fairness.Floors, 1)
	floor := row.Fairness.Floors[0]
	require.Less(t, floor.Free, int64(320))
	require.GreaterOrEqual(t, *floor.Reached, int64(320))
	require.Positive(t, *floor.PriceMinor)
	require.EqualValues(t, 478, floor.Wanted)
	require.EqualValues(t, 828, floor.Offered)
	require.EqualValues(t, 478, floor.AtMost)
	require.Equal(t, free.Proof.Achieved-proven.Proof.Achieved, *row.Fairness.CostMinor)
	require.Equal(t, free.Proof.Bound-proven.Proof.Achieved, *row.Fairness.CostAtMost)
	require.Equal(t, []int64{proven.Proof.Bound, proven.Proof.Achieved, proven.Proof.Gap}, []int64{*row.BoundMinor, *row.AchievedMinor, *row.GapMinor})

	c := f.certificate(t, proven.Proof)
	require.Equal(t, candidates.NetProof{
		Value: proven.Proof.Achieved, Bound: proven.Proof.Bound, Gap: proven.Proof.Gap, Optimal: proven.Proof.Optimal,
	}, *c.Net)
	require.Equal(t, c.Value-*floor.PriceMinor**floor.Reached, c.Net.Value)
	require.Equal(t, c.Bound-*floor.PriceMinor*320, c.Net.Bound)
	dir := filepath.Join(f.folder, c.Tables)
	in, err := edgelist.Read(edgelist.Files{
		Needs: filepath.Join(dir, edgelist.NeedsFile), Resources: filepath.Join(dir, edgelist.ResourcesFile),
		Edges: filepath.Join(dir, edgelist.EdgesFile),
	}, 0)
	require.NoError(t, err)
	again, err := edgelist.Verify(dir, in)
	require.NoError(t, err)
	require.Equal(t, []int64{c.Value, c.Bound}, []int64{again.Value, again.Bound})

	recorded, err := f.runs.RecordProposals(t.Context(), proven)
	require.NoError(t, err)
	require.Equal(t, proven.Proposals, recorded.Recorded)
	sum, far := int64(0), int64(0)
	for _, m := range w.proposed("r1") {
		sum += m.ExpectedMinor
		if m.Ward == "7" {
			far += m.Quantity
		}
	}
	require.Equal(t, proven.Proof.Achieved, sum, "no bonus is in what a match is expected to be worth")
	require.Equal(t, *floor.Reached, far)
}

// What is asked for may be all that is possible, a share, or several things at once: what is promised is kept, the bound
// holds, and a higher floor never costs less.
func TestFloorsUpToWhatIsPossible(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apart()
	f := w.families()
	far := city.Floor{Wards: []string{"7"}, Leaf: leaf}
	last := int64(0)
	for k, change := range []func(*city.Floor){
		func(f *city.Floor) { f.Quantity = 1 },
		func(f *city.Floor) { f.ShareOfOffers = 0.25 },
		func(f *city.Floor) { f.ShareOfNeed = 0.75 },
		func(f *city.Floor) { f.Quantity = 470 },
		func(f *city.Floor) { f.ShareOfNeed = 1 },
	} {
		asked := far
		change(&asked)
		near := city.Floor{Wards: []string{"1"}, Class: city.Food, Quantity: 300}
		proven := f.solve(t, floored(city.RunID("r"+string(rune('a'+k))), asked, near))
		for _, floor := range proven.Kept.Floors {
			require.GreaterOrEqual(t, *floor.Reached, floor.Least)
		}
		require.LessOrEqual(t, proven.Proof.Achieved, proven.Proof.Bound)
		require.GreaterOrEqual(t, *proven.Kept.CostAtMost, last-proven.Proof.Gap)
		last = *proven.Kept.CostAtMost
	}
}

// A floor that cannot be kept ends the run before anything is proposed, and says what could be.
func TestAFloorThatCannotBeKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apart()
	f := w.families()
	for name, test := range map[string]struct {
		floors []city.Floor
		says   string
	}{
		"more-than-wanted": {
			[]city.Floor{{Wards: []string{"7"}, Class: city.Food, Quantity: 500}},
			"the floor of 500 kg of food for ward 7 cannot be kept: 478 kg is the most that can reach them, of 478 wanted there and 828 offered in the city",
		},
		"more-than-offered": {
			[]city.Floor{{Wards: []string{"1", "7"}, Leaf: leaf, ShareOfNeed: 1}},
			"the floor of 1513 kg of food.grocery-mixed for wards 1, 7 cannot be kept: 828 kg is the most",
		},
		"both": {
			[]city.Floor{{Wards: []string{"7"}, Leaf: leaf, Quantity: 450}, {Wards: []string{"1"}, Leaf: leaf, Quantity: 450}},
			"the floors of 450 kg of food.grocery-mixed for ward 7 and 450 kg of food.grocery-mixed for ward 1 cannot be kept together, " +
				"all but one could: alone they could have 478 kg and 828 kg, together for example 414 kg and 414 kg",
		},
	} {
		snapshot, err := f.runs.FreezeSnapshot(t.Context(), floored(city.RunID(name), test.floors...))
		require.NoError(t, err)
		_, err = f.engine.PriceFloors(t.Context(), snapshot)
		var failure *temporal.ApplicationError
		require.ErrorAs(t, err, &failure, name)
		require.Equal(t, activities.TypeUnreachable, failure.Type())
		require.True(t, failure.NonRetryable())
		require.ErrorContains(t, err, test.says)
		row, err := w.store.Run(t.Context(), town, city.RunID(name))
		require.NoError(t, err)
		require.Len(t, row.Fairness.Floors, len(test.floors))
		require.Positive(t, row.Fairness.Floors[0].AtMost, "the row says what could be")
		require.Nil(t, row.Fairness.Floors[0].Reached)
		require.Nil(t, row.BoundMinor)
	}
}

// Schedules are written without asking the city: what it does not have, the run refuses by name.
func TestAFloorOfAWardThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apart()
	f := w.families()
	for says, floor := range map[string]city.Floor{
		`floor of food for wards 1, 77: "77" is not one of the city's 2 wards`: {Wards: []string{"1", "77"}, Class: city.Food, Quantity: 1},
		"fairness.floors.0.quantity: want one of":                              {Wards: []string{"1"}, Class: city.Food},
	} {
		_, err := f.runs.FreezeSnapshot(t.Context(), floored("r1", floor))
		var failure *temporal.ApplicationError
		require.ErrorAs(t, err, &failure)
		require.Equal(t, activities.TypeInvalid, failure.Type())
		require.ErrorContains(t, err, says)
	}
}

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
