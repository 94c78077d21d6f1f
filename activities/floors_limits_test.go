package activities_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
)

// Where only the best pairs of each need are candidates, floors that these can keep are kept, and of others all pairs say
// whether anybody could. What only earlier runs were asked for never fails it.
func TestFloorsWherePairsAreCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apart()
	f := w.families()
	far := city.Floor{Wards: []string{"7"}, Class: city.Food, Quantity: 470}
	near := city.Floor{Wards: []string{"1"}, Class: city.Food, Quantity: 600}
	f.complete(t, floored("r0", far))
	w.scoring(func(s *candidates.Scoring) { s.PerNeed, s.KeepAllBelow, s.Stability = 2, 1, 0 })

	later := f.solve(t, run("r1"))
	require.NotEmpty(t, f.certificate(t, later.Proof).CutBounds)
	require.Equal(t, city.RunID("r0"), later.Kept.Floors[0].From)
	require.GreaterOrEqual(t, *later.Kept.Floors[0].Reached, int64(470))
	require.Less(t, later.Kept.Floors[0].Free, int64(470))

	own := f.solve(t, floored("r2", near)).Kept.Floors
	require.GreaterOrEqual(t, *own[0].Reached, int64(600))
	require.Equal(t, int64(470), own[1].GivenUp, "828 are offered")

	snapshot, err := f.runs.FreezeSnapshot(t.Context(), floored("r3", far, near))
	require.NoError(t, err)
	_, err = f.engine.PriceFloors(t.Context(), snapshot)
	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, activities.TypeUnreachable, failure.Type())
	require.True(t, failure.NonRetryable())
	require.ErrorContains(t, err, "cannot be kept together, all but one could: alone they could have 478 kg and 828 kg")
}

// Candidates that cannot keep several floors are too few, or all pairs prove that nobody can: then that is said, as of a city
// of which a run looks at every pair.
func TestFloorsThatTheCandidatesCannotKeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apart()
	w.scoring(func(s *candidates.Scoring) { s.PerNeed, s.KeepAllBelow = 2, 1 })
	f := w.families()
	floor := func(ward string, quantity int64) city.Floor {
		return city.Floor{Wards: []string{ward}, Class: city.Food, Quantity: quantity}
	}
	for k, c := range []struct {
		floors []city.Floor
		says   string
	}{
		{
			[]city.Floor{floor("7", 320), floor("1", 300)},
			"was not found to be possible beside the others; nobody proved that it is not; ask for less of one of them, " +
				"or let the scoring keep 4 candidates per need (per_need) in place of 2, which leave it no room",
		},
		{[]city.Floor{floor("7", 450), floor("1", 450)}, "together for example 414 kg and 414 kg"},
	} {
		snapshot, err := f.runs.FreezeSnapshot(t.Context(), floored(city.RunID(fmt.Sprintf("r%d", k)), c.floors...))
		require.NoError(t, err)
		_, err = f.engine.PriceFloors(t.Context(), snapshot)
		require.ErrorContains(t, err, c.says)
	}
	w.scoring(func(s *candidates.Scoring) { s.PerNeed, s.KeepAllBelow = 4, 1 })
	kept := f.solve(t, floored("r9", floor("7", 320), floor("1", 300))).Kept.Floors
	require.GreaterOrEqual(t, *kept[0].Reached, int64(320))
}

// Floors that ask for nothing more have no pairs in what is looked at: what is known of them stays.
func TestAKeptFloorBesideOneThatCandidatesCannotKeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apart()
	f := w.families()
	f.complete(t, run("r0"))
	agreed := w.proposed("r0")[0]
	require.Equal(t, "1", agreed.Ward)
	w.decide(activities.MatchRef{City: town, Match: agreed.ID}, city.DecisionApprove, city.CityHall, "anna", 0)
	w.scoring(func(s *candidates.Scoring) { s.PerNeed, s.KeepAllBelow, s.Stability = 1, 1, 0 })
	kept := city.Floor{Wards: []string{"1"}, Class: city.Food, Quantity: 1}
	far := city.Floor{Wards: []string{"7"}, Class: city.Food, Quantity: 470}
	snapshot, err := f.runs.FreezeSnapshot(t.Context(), floored("r1", kept, far))
	require.NoError(t, err)
	priced, err := f.engine.PriceFloors(t.Context(), snapshot)
	require.NoError(t, err)
	floors := priced.Priced.Floors
	require.GreaterOrEqual(t, floors[0].AtMost, floors[0].Free, "ward 1 gets as much without floors")
	require.LessOrEqual(t, floors[1].AtMost, floors[1].Wanted)
}

// A run keeps so many floors of earlier ones at most. Of what is beyond it says that it has given it up.
func TestMoreFloorsThanARunTakesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.wards()
	w.stock(8, 0)
	f := w.families()
	var floors []city.Floor
	for n := range city.MostFloors + 1 {
		if n == city.MostFloors {
			f.complete(t, floored("r1", floors...))
		}
		w.inWard = fmt.Sprint(100 + n)
		require.NoError(t, w.store.UpsertWards(t.Context(), town, []postgres.Ward{{ID: w.inWard, Name: w.inWard, Boundary: square}}))
		w.listing(city.NeedSide, "in-"+w.inWard, 10, float64(100+10*n))
		floors = append(floors, city.Floor{Wards: []string{w.inWard}, Class: city.Food, Quantity: 5})
	}
	f.complete(t, floored("r2", floors[city.MostFloors]))
	kept := f.solve(t, run("r3")).Kept.Floors
	require.Len(t, kept, len(floors))
	for k, floor := range kept {
		require.EqualValues(t, 5, floor.Least+floor.GivenUp)
		require.Equal(t, k >= city.MostFloors, floor.GivenUp > 0)
		require.NotNil(t, floor.Reached)
	}
}
