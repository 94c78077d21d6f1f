package activities_test

import (
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
		ref := floored(city.RunID("r"+string(rune('a'+k))), asked, near)
		proven := f.solve(t, ref)
		for _, floor := range proven.Kept.Floors {
			require.GreaterOrEqual(t, *floor.Reached, floor.Least)
		}
		require.LessOrEqual(t, proven.Proof.Achieved, proven.Proof.Bound)
		snapshot, err := f.alternative.Freezer.Freeze(t.Context(), ref, nil)
		require.NoError(t, err)
		rehearsed, err := activities.Rehearse(t.Context(), snapshot, ref.Fairness)
		require.NoError(t, err)
		require.Equal(t, []int64{proven.Proof.Achieved, proven.Proof.Bound}, []int64{rehearsed.Net.Value, rehearsed.Net.Bound}, "to the bit")
		require.Equal(t, proven.Kept, rehearsed.Fairness)
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
