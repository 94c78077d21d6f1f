package candidates_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// What is asked for becomes units: shares are rounded up, of what the wards want or of what there is; what somebody has
// agreed to counts.
func TestFloorsInUnits(t *testing.T) {
	t.Parallel()
	s := town{needs: 60, resources: 80, leaves: 2, metres: 8_000, seed: 3, plain: true}.snapshot()
	var wanted, offered int64
	for k := range s.Needs {
		if s.Needs[k].Ward == "1" && s.Needs[k].Leaf == "food.leaf-00" {
			wanted += s.Needs[k].Left
		}
	}
	for k := range s.Resources {
		if s.Resources[k].Leaf == "food.leaf-00" {
			offered += s.Resources[k].Left
		}
	}
	food := []city.Leaf{"food.leaf-00", "food.leaf-01"}
	asked := city.Floor{Wards: []string{"1"}, Leaf: "food.leaf-00", ShareOfNeed: 0.1}
	floor, most, there := s.Ask(asked, food[:1])
	require.Equal(t, []int64{wanted, offered}, []int64{most, there})
	require.Equal(t, (wanted+9)/10, floor.Least)
	asked.ShareOfNeed, asked.ShareOfOffers = 0, 1
	floor, _, _ = s.Ask(asked, food[:1])
	require.Equal(t, offered, floor.Least)
	asked.ShareOfOffers, asked.Quantity = 0, 7
	floor, _, _ = s.Ask(asked, food[:1])
	require.EqualValues(t, 7, floor.Least)

	g := generate(t, s, candidates.Options{})
	for i := range s.Needs {
		if s.Needs[i].Ward == "1" && len(g.Row(i)) > 0 {
			r := &s.Resources[g.Row(i)[0].Resource]
			s.Pins = append(s.Pins, candidates.Pin{Need: s.Needs[i].ID, Resource: r.ID, Kind: candidates.PinFixed, Quantity: 1})
			break
		}
	}
	require.Len(t, s.Pins, 1)
	all := candidates.Floor{Floor: city.Floor{Wards: []string{"1"}, Class: city.Food}, Leaves: food}
	require.EqualValues(t, 1, all.Agreed(s))
	all.Wards = []string{"2"}
	require.Zero(t, all.Agreed(s))
}

// A bonus is a part of the score that is told apart, and lifts pairs that would not pay without it.
func TestABonusIsAPartOfTheScore(t *testing.T) {
	t.Parallel()
	place := town{needs: 60, resources: 80, leaves: 2, metres: 8_000, seed: 3}
	plain := place.snapshot()
	place.floors = true
	s := place.snapshot()
	before, after := generate(t, plain, candidates.Options{}), generate(t, s, candidates.Options{})
	require.Greater(t, after.Candidates(), before.Candidates())
	index, err := candidates.NewIndex(s)
	require.NoError(t, err)
	for i := range s.Needs {
		for _, e := range after.Row(i) {
			bonus := index.Bonus(int32(i), e.Resource)
			_, parts, passes := index.Pair(int32(i), e.Resource)
			require.True(t, passes)
			require.Equal(t, bonus, parts.Floors)
			require.Equal(t, e.Value, parts.Score)
			require.Equal(t, parts.Score, parts.Expected+parts.Affinity+parts.Stability+bonus)
			if edge, had := before.Edge(int32(i), e.Resource); had {
				require.Equal(t, before.Edges[edge].Value+bonus, e.Value)
			} else {
				require.Positive(t, bonus)
			}
		}
	}
	text, err := s.Encode()
	require.NoError(t, err)
	again, err := candidates.DecodeSnapshot(text)
	require.NoError(t, err)
	require.Equal(t, s.Floors, again.Floors)
	s.Floors[0].Bonus = -1
	_, err = candidates.Generate(context.Background(), s, candidates.Options{})
	require.ErrorContains(t, err, "floor 0: least 0 at a bonus of -1")
}

// The value loses the bonuses that it collected, the bound those that every allocation collects which keeps the floors.
func TestNetTakesTheBonusesOut(t *testing.T) {
	t.Parallel()
	net := candidates.Net(1000, 1100, []candidates.KeptFloor{
		{Floor: candidates.Floor{Least: 30, Bonus: 4}, Agreed: 10, Reached: 35},
		{Floor: candidates.Floor{Least: 5, Bonus: 7}, Agreed: 8, Reached: 8}, // agreed to already: nothing is left to collect
	})
	require.Equal(t, candidates.NetProof{Value: 900, Bound: 1020, Gap: 120}, net)
	require.True(t, candidates.Net(50, 50, nil).Optimal)
}
