package reporting

import (
	"context"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/report"
)

// Firing is an action that a schedule took by itself.
type Firing struct {
	Schedule, Times string
	At              time.Time
	Run             city.RunID
	Link            string
}

// Scheduled says what came of the run that a schedule started.
func Scheduled(ctx context.Context, store *postgres.Store, id city.ID, fired Firing) (report.Scheduled, error) {
	out := report.Scheduled{
		Schedule: fired.Schedule, Times: fired.Times, FiredAt: fired.At.UTC(), Run: string(fired.Run), Link: fired.Link,
	}
	row, err := store.City(ctx, id)
	if err != nil {
		return out, fmt.Errorf("scheduled run %s: %w", fired.Run, err)
	}
	run, err := store.Run(ctx, id, fired.Run)
	if err != nil {
		return out, fmt.Errorf("scheduled run %s: %w", fired.Run, err)
	}
	if follows := (&assembly{currency: row.Currency}).recurrence(run.Recurrence); follows != nil {
		out.Follows = *follows
	}
	counts, err := store.MatchCounts(ctx, id, fired.Run)
	if err != nil {
		return out, fmt.Errorf("scheduled run %s: %w", fired.Run, err)
	}
	out.Proposals, out.Confirmed = counts.Proposed, counts.Confirmed
	values, _, err := store.Valuations(ctx, id,
		postgres.ValuationFilter{Scope: "run", ScopeID: string(fired.Run), Moment: postgres.ExPost}, postgres.Page{Limit: 1})
	if err != nil {
		return out, fmt.Errorf("scheduled run %s: %w", fired.Run, err)
	}
	if len(values) > 0 {
		out.NSVP50 = city.FormatMinor(number(values[0].P50Minor), row.Currency)
	}
	return out, nil
}
