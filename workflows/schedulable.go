package workflows

import (
	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/schedules"
)

// schedulable is work that a schedule may do: the name in files with the input that it takes, the workflow, and that
// workflow's own input.
type schedulable struct {
	schedules.Kind
	workflow string
	input    func(c city.ID, s schedules.Schedule) any
}

// schedulables is all of it, one line each.
func schedulables() []schedulable {
	return []schedulable{
		{schedules.Kind{Name: "matching", Inputs: []string{"ward", "leaves", "fairness"}}, "RecurringMatching", recurringRef},
		{schedules.Kind{Name: "valuation", Inputs: []string{"runs"}}, "RecurringValuation", recurringRef},
		{schedules.Kind{Name: "reconciliation"}, "ReconcileGraph", func(city.ID, schedules.Schedule) any { return activities.ReconcileInput{} }},
	}
}

// Kinds lists what files may schedule.
func Kinds() []schedules.Kind {
	var kinds []schedules.Kind
	for _, s := range schedulables() {
		kinds = append(kinds, s.Kind)
	}
	return kinds
}

func recurringRef(c city.ID, s schedules.Schedule) any {
	return activities.RecurringRef{
		City: c, Schedule: s.ID, Ward: s.Input.Ward, Leaves: s.Input.Leaves, Runs: s.Input.Runs, Fairness: s.Input.Fairness,
	}
}
