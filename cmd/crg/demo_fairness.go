package main

import (
	"strconv"
	"strings"

	crgclient "github.com/city-resource-graph/crg/clients/go"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/demo"
	"github.com/city-resource-graph/crg/report"
)

// fairness reads --floor and --tiers.
func (o *demoOptions) fairness() (crgclient.NewFairness, error) {
	asked := crgclient.NewFairness{Tiers: o.tiers}
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

// wanted is what floors and tiers ask of a run of this process. Wards are those of the city that is read.
func (o *demoOptions) wanted(known []string) (city.Fairness, error) {
	wanted := city.Fairness{Tiers: o.asked.Tiers}
	for _, f := range o.asked.Floors {
		floor := city.Floor{
			Wards: f.Wards, Leaf: city.Leaf(f.Leaf), Class: city.Class(f.Class), Quantity: f.Quantity, ShareOfNeed: f.ShareOfNeed,
		}
		if wrong := floor.UnknownWard(known); wrong != "" {
			return wanted, usagef("--floor: %s: %s", floor.Title(), wrong)
		}
		wanted.Floors = append(wanted.Floors, floor)
	}
	if err := wanted.Validate(city.DefaultTaxonomy(), o.wardScope(), nil); err != nil {
		return wanted, usage(err)
	}
	return wanted, nil
}

// tellFairness says what became of what a preview was asked for besides value, in the words of the report.
func tellFairness(progress *demo.Progress, r *report.Report) {
	f := &r.Fairness
	if len(f.Floors)+len(f.Tiers) == 0 {
		return
	}
	for _, floor := range f.Floors {
		progress.Note("floor", "%s for wards %s: %d %s, at least %d, %d without; the last unit costs %s %s",
			floor.What, strings.Join(floor.Wards, ", "), floor.Reached, floor.Unit, floor.Least, floor.Without, floor.Price, r.City.Currency)
	}
	for _, tier := range f.Tiers {
		progress.Note("urgency", "%d: %d of %d needs get something, %s of at most %s", tier.Urgency, tier.Served, tier.Needs, tier.Achieved, tier.Bound)
	}
	progress.Note("fairness", "cost %s %s, at most %s", f.Cost, r.City.Currency, f.CostAtMost)
}
