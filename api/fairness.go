package api

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// readFairness takes in what a run is asked to see to besides value. What is plainly more than the city has is refused at
// once; whether a floor can be kept, the run finds out.
func (s *server) readFairness(ctx context.Context, stated wire.NewFairness, run *activities.RunRef) error {
	for _, f := range stated.Floors {
		run.Fairness.Floors = append(run.Fairness.Floors, city.Floor{
			Wards: f.Wards, Leaf: city.Leaf(f.Leaf), Class: city.Class(f.Class), Quantity: f.Quantity,
			ShareOfNeed: f.ShareOfNeed, ShareOfOffers: f.ShareOfOffers,
		})
	}
	run.Fairness.Tiers = stated.Tiers
	var wrong *city.FairnessError
	if errors.As(run.Fairness.Validate(s.taxonomy, run.Ward, run.Leaves), &wrong) {
		return refused.field("/fairness/"+strings.Join(wrong.Field, "/"), "%s", wrong.Detail)
	}
	for k := range run.Fairness.Floors {
		if err := s.checkFloor(ctx, run, fmt.Sprintf("/fairness/floors/%d", k), &run.Fairness.Floors[k]); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) checkFloor(ctx context.Context, run *activities.RunRef, field string, f *city.Floor) error {
	if err := s.checkWards(ctx, run.City, field+"/wards", f.Wards...); err != nil {
		return err
	}
	unit := f.UnitOf(s.taxonomy)
	wanted, offered, err := s.store.FloorStock(ctx, run.City, f, s.taxonomy)
	switch {
	case err != nil:
		return err
	case f.Quantity > wanted:
		return refused.field(field+"/quantity", "%d: the needs there want %d %s of %s in all", f.Quantity, wanted, unit, f.What())
	case f.Quantity > offered:
		return refused.field(field+"/quantity", "%d: the city has %d %s of %s in all", f.Quantity, offered, unit, f.What())
	}
	return nil
}

// fairnessOf is what a run says of what it was asked for besides value; nil where it was asked for nothing.
func fairnessOf(f postgres.Fairness, currency city.Currency) *wire.Fairness {
	if len(f.Floors) == 0 && !f.Strict {
		return nil
	}
	answer := &wire.Fairness{Strict: f.Strict, Cost: optionalMoney(f.CostMinor, currency), CostAtMost: optionalMoney(f.CostAtMost, currency)}
	for _, floor := range f.Floors {
		answer.Floors = append(answer.Floors, wire.Floor{
			Wards: floor.Wards, Leaf: wire.Leaf(floor.Leaf), Class: wire.Class(floor.Class), Quantity: floor.Quantity,
			ShareOfNeed: floor.ShareOfNeed, ShareOfOffers: floor.ShareOfOffers, Wanted: floor.Wanted, Offered: floor.Offered,
			Least: floor.Least, Agreed: floor.Agreed, AtMost: floor.AtMost, Without: floor.Free, Reached: floor.Reached,
			Possible: floor.Possible, From: string(floor.From), GivenUp: floor.GivenUp,
			Price: optionalMoney(floor.PriceMinor, currency),
		})
	}
	for _, t := range f.Tiers {
		answer.Tiers = append(answer.Tiers, wire.Tier{
			Urgency: int(t.Urgency), Needs: t.Needs, Served: t.Served, Achieved: money(t.AchievedMinor, currency),
			Bound: money(t.BoundMinor, currency),
		})
	}
	return answer
}
