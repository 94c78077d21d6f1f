package demo

import (
	"strings"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// tellFairness says what became of the floors or the order that the run was asked for.
func (d *Demo) tellFairness(f *crgclient.Fairness) {
	if f == nil {
		return
	}
	for _, floor := range f.Floors {
		what := string(floor.Class)
		if what == "" {
			what = floor.Leaf
		}
		reached := int64(0)
		if floor.Reached != nil {
			reached = *floor.Reached
		}
		d.progress.Note("floor", "%s for wards %s: %d, at least %d, %d without; the last unit costs %s",
			what, strings.Join(floor.Wards, ", "), reached, floor.Least, floor.Without, amount(floor.Price))
	}
	for _, tier := range f.Tiers {
		d.progress.Note("urgency", "%d: %d of %d needs get something, %s of at most %s", tier.Urgency, tier.Served, tier.Needs,
			amount(&tier.Achieved), amount(&tier.Bound))
	}
	d.progress.Note("fairness", "cost %s, at most %s", amount(f.Cost), amount(f.CostAtMost))
}
