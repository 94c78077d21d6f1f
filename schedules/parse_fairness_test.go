package schedules_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/schedules"
)

const fair = `input:
      fairness:
        floors:
          - {wards: ["7", 8], class: food, share_of_need: 0.3}
          - wards: ["7"]
            leaf: goods.furniture
            quantity: 20`

func TestParseFairness(t *testing.T) {
	t.Parallel()
	text := strings.Replace(good, `input: {ward: "6", leaves: [food.produce]}`, fair, 1)
	f, err := schedules.Parse("s.yaml", []byte(text), kinds, now)
	require.NoError(t, err)
	require.Equal(t, city.Fairness{Floors: []city.Floor{
		{Wards: []string{"7", "8"}, Class: city.Food, ShareOfNeed: 0.3},
		{Wards: []string{"7"}, Leaf: "goods.furniture", Quantity: 20},
	}}, f.Schedules[0].Input.Fairness)
	require.Empty(t, schedules.Diff(f, f.Schedules))

	changed, err := schedules.Parse("s.yaml", []byte(strings.Replace(text, "quantity: 20", "quantity: 30", 1)), kinds, now)
	require.NoError(t, err)
	difference := schedules.Diff(changed, f.Schedules)
	require.Len(t, difference, 1)
	require.Contains(t, difference[0].String(),
		`input.fairness: "at least 0.3 of what is wanted of food for wards 7, 8; at least 20 of goods.furniture for ward 7"`)
}

func TestMistakesInFairnessAreNamed(t *testing.T) {
	t.Parallel()
	for replaced, expected := range map[[2]string]string{
		{"share_of_need: 0.3", "share_of_need: 3"}:       `line 8: fairness.floors.0.share_of_need: 3: want more than 0 and at most 1`,
		{"share_of_need: 0.3", "share_of_need: none"}:    `line 8: share_of_need "none": want more than 0`,
		{"share_of_need: 0.3", "least: 3"}:               `line 8: a floor has no field "least": want one of class, leaf, quantity`,
		{"quantity: 20", "quantity: -2"}:                 `line 11: quantity "-2": want whole units`,
		{"leaf: goods.furniture", "leaf: goods.unicorn"}: `line 9: fairness.floors.1.leaf: category "goods.unicorn"`,
		{"            leaf: goods.furniture\n", ""}:      `line 9: fairness.floors.1.leaf: want a leaf such as food.produce, or a class such as food`,
		{`wards: ["7"]`, "wards: 7"}:                     `line 9: wards: want a list`,
		{"input:\n", "input:\n      ward: \"7\"\n"}:      `line 9: fairness.floors.0.wards: "8": the run is inside ward 7`,
		{"        floors:", "        floor:"}:            `fairness has no field "floor": want one of floors, tiers`,
		{"class: food", "class: fruit"}:                  `line 8: fairness.floors.0.class: class "fruit": want one of`,
	} {
		text := strings.Replace(fair, replaced[0], replaced[1], 1)
		require.NotEqual(t, fair, text, replaced[0])
		_, err := schedules.Parse("s.yaml", []byte(strings.Replace(good, `input: {ward: "6", leaves: [food.produce]}`, text, 1)), kinds, now)
		require.ErrorContains(t, err, expected, "%v", replaced)
	}
}

// A ward that the city does not have is found where the file meets the city, with the line of its schedule.
func TestSchedulesForWardsThatAreNotThere(t *testing.T) {
	t.Parallel()
	f, err := schedules.Parse("s.yaml", []byte(strings.Replace(good, `input: {ward: "6", leaves: [food.produce]}`, fair, 1)), kinds, now)
	require.NoError(t, err)
	require.NoError(t, f.CheckWards([]string{"7", "8"}))
	err = f.CheckWards([]string{"6", "8", "17"})
	require.EqualError(t, err, `line 3: schedule "nightly": floor of food for wards 7, 8: "7" is not one of the city's 3 wards; did you mean "6"?`)
	f, err = schedules.Parse("s.yaml", []byte(good), kinds, now)
	require.NoError(t, err)
	require.EqualError(t, f.CheckWards([]string{"north", "south"}),
		`line 3: schedule "nightly": ward "6" is not one of the city's 2 wards: north, south`)
}
