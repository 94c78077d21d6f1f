package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// RecurringValuation is what a schedule starts: it values anew, ex-post, what was received of the last completed runs.
// Each valuation adds a record, so that the change over time is kept.
func RecurringValuation(ctx workflow.Context, in activities.RecurringRef) (int, error) {
	valued, err := recurringValuation(ctx, in)
	return valued, closeStatus(ctx, err)
}

func recurringValuation(ctx workflow.Context, in activities.RecurringRef) (int, error) {
	latest, err := steadily(ctx, "find the last completed runs", values.LatestRuns, in)
	if err != nil {
		return 0, err
	}
	for i, run := range latest.Runs {
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("run `%s`, %d of %d", run, i+1, len(latest.Runs)))
		ref := activities.ValuationRef{City: in.City, Scope: activities.ScopeRun, ID: string(run), Moment: activities.ExPost}
		err := workflow.ExecuteChildWorkflow(childOf(ctx, valuationOptions(ref)), EconomicValuation, ref).Get(ctx, nil)
		if err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) { // somebody else values it at this moment
			return i, err
		}
	}
	return len(latest.Runs), nil
}
