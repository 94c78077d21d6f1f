package reporting

import (
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/report"
)

// fairness says what became of the floors or the order that the run was asked for.
func (a *assembly) fairness() { Fairness(&a.report.Fairness, &a.record.Fairness, a.currency) }

// Fairness writes what became of the floors or the order that a run was asked for into its report.
func Fairness(f *report.Fairness, asked *postgres.Fairness, currency city.Currency) {
	if asked == nil || len(asked.Floors) == 0 && !asked.Strict {
		return
	}
	money := func(minor int64) string { return city.FormatMinor(minor, currency) }
	f.Cost, f.CostAtMost = money(number(asked.CostMinor)), money(number(asked.CostAtMost))
	for k := range asked.Floors {
		floor := &asked.Floors[k]
		f.Floors = append(f.Floors, report.Floor{
			Wards: floor.Wards, What: floor.What(), Unit: string(floor.UnitOf(city.DefaultTaxonomy())), Wanted: floor.Wanted,
			Least: floor.Least, Reached: number(floor.Reached), Without: floor.Free, Price: money(number(floor.PriceMinor)),
			From: string(floor.From), GivenUp: floor.GivenUp,
		})
	}
	for _, t := range asked.Tiers {
		f.Tiers = append(f.Tiers, report.Tier{
			Urgency: int(t.Urgency), Needs: t.Needs, Served: t.Served, Achieved: money(t.AchievedMinor), Bound: money(t.BoundMinor),
		})
	}
}
