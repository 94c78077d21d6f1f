package workflows

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// How activities are run, as named presets; no workflow writes a timeout of its own. Retries end: either after a number
// of attempts or when ScheduleToCloseTimeout has passed, whichever is stated. Errors that no retry can mend, listed by
// activities.FinalErrors, end them at once.

// patience is how long a workflow waits for a store that is away before it gives up.
const patience = 24 * time.Hour

// quickly runs one short idempotent transaction inside the workflow task, which costs the server nothing but a marker.
// Where that fails three times (a store is away), it goes on as a steady activity, which waits without growing the
// history.
func quickly[I, R any](ctx workflow.Context, summary string, activity func(context.Context, I) (R, error), in I) (R, error) {
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 5 * time.Second,
		Summary:             summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval: 100 * time.Millisecond, BackoffCoefficient: 2, MaximumAttempts: 3,
			NonRetryableErrorTypes: activities.FinalErrors(),
		},
	})
	var result R
	err := workflow.ExecuteLocalActivity(local, activity, in).Get(ctx, &result)
	if err == nil || ctx.Err() != nil || isFinal(err) {
		return result, err
	}
	workflow.GetLogger(ctx).Warn("going on as a steady activity", "step", summary, "error", err)
	return steadily(ctx, summary, activity, in)
}

// isFinal reports whether no retry can mend err.
func isFinal(err error) bool {
	var failure *temporal.ApplicationError
	return errors.As(err, &failure) && (failure.NonRetryable() || slices.Contains(activities.FinalErrors(), failure.Type()))
}

// steadily runs a transaction on the queue city and retries it until patience ends.
func steadily[I, R any](ctx workflow.Context, summary string, activity func(context.Context, I) (R, error), in I) (R, error) {
	return execute(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    30 * time.Second,
		ScheduleToCloseTimeout: patience,
		Summary:                summary,
		RetryPolicy:            backoff(0),
	}, activity, in)
}

// lastingly runs long work on the queue city that heartbeats and resumes from its last heartbeat.
func lastingly[I, R any](ctx workflow.Context, summary string, activity func(context.Context, I) (R, error), in I) (R, error) {
	return execute(ctx, lasting(summary), activity, in)
}

func lasting(summary string) workflow.ActivityOptions {
	return workflow.ActivityOptions{
		StartToCloseTimeout:    6 * time.Hour,
		ScheduleToCloseTimeout: patience,
		HeartbeatTimeout:       heartbeat,
		WaitForCancellation:    true,
		Summary:                summary,
		RetryPolicy:            backoff(0),
	}
}

// relaying runs one round of work that never ends on the queue city. Listeners wait while its worker is gone, so a killed
// one is noticed soon; a round that fails is given up for the next one.
func relaying[I, R any](ctx workflow.Context, summary string, activity func(context.Context, I) (R, error), in I) (R, error) {
	return execute(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    time.Hour,
		ScheduleToCloseTimeout: patience,
		HeartbeatTimeout:       5 * time.Second,
		WaitForCancellation:    true,
		Summary:                summary,
		RetryPolicy:            backoff(0),
	}, activity, in)
}

// heartbeat is how soon a killed worker is noticed.
const heartbeat = 20 * time.Second

// heavily runs work that keeps a core busy on the queue matching. Input that kills its worker is given up after ten
// attempts.
func heavily[I, R any](ctx workflow.Context, summary string, activity func(context.Context, I) (R, error), in I) (R, error) {
	return execute(ctx, heavy(ctx, summary), activity, in)
}

func heavy(ctx workflow.Context, summary string) workflow.ActivityOptions {
	options := lasting(summary)
	options.TaskQueue = sibling(ctx, MatchingQueue)
	options.RetryPolicy = backoff(10)
	return options
}

func backoff(attempts int32) *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second, MaximumAttempts: attempts,
		NonRetryableErrorTypes: activities.FinalErrors(),
	}
}

func execute[I, R any](ctx workflow.Context, options workflow.ActivityOptions, activity func(context.Context, I) (R, error), in I) (R, error) {
	var result R
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), activity, in).Get(ctx, &result)
	return result, err
}
