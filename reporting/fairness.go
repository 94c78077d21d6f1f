package reporting

import (
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/report"
)

// fairness says what became of the floors or the order that the run was asked for.
func (a *assembly) fairness() {
	asked := a.record.Fairness
	if len(asked.Floors) == 0 && !asked.Strict {
		return
	}
	f := &a.report.Fairness
	f.Cost, f.CostAtMost = a.money(number(asked.CostMinor)), a.money(number(asked.CostAtMost))
	for k := range asked.Floors {
		floor := &asked.Floors[k]
		f.Floors = append(f.Floors, report.Floor{
			Wards: floor.Wards, What: floor.What(), Unit: string(floor.UnitOf(city.DefaultTaxonomy())), Wanted: floor.Wanted,
			Least: floor.Least, Reached: number(floor.Reached), Without: floor.Free, Price: a.money(number(floor.PriceMinor)),
		})
	}
	for _, t := range asked.Tiers {
		f.Tiers = append(f.Tiers, report.Tier{
			Urgency: int(t.Urgency), Needs: t.Needs, Served: t.Served, Achieved: a.money(t.AchievedMinor), Bound: a.money(t.BoundMinor),
		})
	}
}
