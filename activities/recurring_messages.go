package activities

import (
	"context"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// RecurringRef is what a schedule tells its workflow. What the work does not need is left out.
type RecurringRef struct {
	City     city.ID     `json:"city"`
	Schedule string      `json:"schedule"`
	Ward     string      `json:"ward,omitempty"`
	Leaves   []city.Leaf `json:"leaves,omitempty"`
	Runs     int         `json:"runs,omitempty"` // how many of the last completed runs; 0 = the last one

	Fairness city.Fairness `json:"fairness,omitzero"`
}

// LatestRuns are the last completed runs of a city, the newest first.
type LatestRuns struct {
	Runs []city.RunID `json:"runs"`
}

// LatestRuns finds the runs that a recurring valuation is about.
func (v *Values) LatestRuns(ctx context.Context, in RecurringRef) (LatestRuns, error) {
	var latest LatestRuns
	for page := (postgres.Page{Limit: 100}); ; {
		runs, next, err := v.store.ListRuns(ctx, in.City, page)
		if err != nil {
			return LatestRuns{}, classify(err)
		}
		for _, run := range runs {
			if run.State != postgres.RunCompleted {
				continue
			}
			if latest.Runs = append(latest.Runs, run.ID); len(latest.Runs) >= max(in.Runs, 1) {
				return latest, nil
			}
		}
		if next == "" {
			return latest, nil
		}
		page.After = next
	}
}
