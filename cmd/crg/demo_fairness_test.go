package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

func TestFloorsOfADemo(t *testing.T) {
	t.Parallel()
	o := demoOptions{floors: []string{"7,8:food:30%", "7:goods.furniture:20"}}
	asked, err := o.fairness()
	require.NoError(t, err)
	require.Equal(t, crgclient.NewFairness{Floors: []crgclient.NewFloor{
		{Wards: []string{"7", "8"}, Class: "food", ShareOfNeed: 0.3}, {Wards: []string{"7"}, Leaf: "goods.furniture", Quantity: 20},
	}}, asked)
	for _, wrong := range []string{"food", "7:food", "7:food:", "7:food:0", "7:food:-3", "7:food:101%", "7:food:x%", "7:food:1:2"} {
		_, err := (&demoOptions{floors: []string{wrong}}).fairness()
		require.ErrorContains(t, err, "want wards, what and how much, such as 7,8:food:30% of what they want", wrong)
	}
}
