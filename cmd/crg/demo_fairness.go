package main

import (
	"strconv"
	"strings"

	crgclient "github.com/city-resource-graph/crg/clients/go"

	"github.com/city-resource-graph/crg/city"
)

// fairness reads --floor and --tiers.
func (o *demoOptions) fairness() (crgclient.NewFairness, error) {
	asked := crgclient.NewFairness{Tiers: o.tiers}
	if o.preview && (o.tiers || len(o.floors) > 0) {
		return asked, usagef("--floor and --tiers: a preview runs no matching that could be asked for them")
	}
	for _, text := range o.floors {
		floor, ok := readFloor(text)
		if !ok {
			return asked, usagef("--floor %q: want wards, what and how much, such as 7,8:food:30%% of what they want, or 7:goods.furniture:20", text)
		}
		asked.Floors = append(asked.Floors, floor)
	}
	return asked, nil
}

// readFloor reads "7,8:food:30%".
func readFloor(text string) (crgclient.NewFloor, bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return crgclient.NewFloor{}, false
	}
	floor := crgclient.NewFloor{Wards: strings.Split(parts[0], ",")}
	if city.Class(parts[1]).Validate() == nil {
		floor.Class = crgclient.Class(parts[1])
	} else {
		floor.Leaf = parts[1]
	}
	if percent, isShare := strings.CutSuffix(parts[2], "%"); isShare {
		share, err := strconv.ParseFloat(percent, 64)
		floor.ShareOfNeed = share / 100
		return floor, err == nil && share > 0 && share <= 100
	}
	quantity, err := strconv.ParseInt(parts[2], 10, 64)
	floor.Quantity = quantity
	return floor, err == nil && quantity > 0
}
