package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
)

// RecurringMatching is what a schedule starts: a matching run whose id says which schedule and time it is of, so that the
// same time never leads to two runs. It lasts as long as the run, and fails with it: by that the schedule knows whether
// the last one still works, and whether to pause.
func RecurringMatching(ctx workflow.Context, in activities.RecurringRef) (activities.RunSummary, error) {
	summary, err := recurringMatching(ctx, in)
	return summary, closeStatus(ctx, err)
}

func recurringMatching(ctx workflow.Context, in activities.RecurringRef) (activities.RunSummary, error) {
	run := activities.RunRef{City: in.City, Run: recurringRun(ctx, in.Schedule), Ward: in.Ward, Leaves: in.Leaves, Fairness: in.Fairness}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("matching run `%s`", run.Run))
	var summary activities.RunSummary
	err := workflow.ExecuteChildWorkflow(childOf(ctx, runOptions(run)), MatchingRun, run).Get(ctx, &summary)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return summary, nil // a backfill of a time that had its run
	}
	return summary, err
}

// scheduledStart is the time that the schedule meant, not the one at which the server came to it.
var scheduledStart = temporal.NewSearchAttributeKeyTime("TemporalScheduledStartTime")

// recurringRun names the run of a schedule at the time of this execution.
func recurringRun(ctx workflow.Context, schedule string) city.RunID {
	meant, scheduled := workflow.GetTypedSearchAttributes(ctx).GetTime(scheduledStart)
	if !scheduled {
		meant = workflow.GetInfo(ctx).WorkflowStartTime
	}
	return city.RunID(schedule + "-" + strings.ToLower(meant.UTC().Format("20060102t150405z")))
}

// childOf makes the options of a start those of a child that is cancelled with its parent.
func childOf(ctx workflow.Context, options client.StartWorkflowOptions) workflow.Context {
	return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: options.ID, WorkflowIDReusePolicy: options.WorkflowIDReusePolicy,
		ParentClosePolicy: enums.PARENT_CLOSE_POLICY_REQUEST_CANCEL, WaitForCancellation: true,
		StaticSummary: options.StaticSummary, StaticDetails: options.StaticDetails, TypedSearchAttributes: options.TypedSearchAttributes,
	})
}

// recurringID names the workflow of a schedule; the server adds the time.
func recurringID(c city.ID, schedule string) string { return "recurring/" + string(c) + "/" + schedule }

func recurringAttributes(c city.ID) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(AttributeCity.ValueSet(string(c)), AttributeStatus.ValueSet(string(StatusRunning)))
}
