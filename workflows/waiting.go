package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// awaitSignal waits until a signal is in the inbox (true) or the deadline has passed (false). The deadline is a wall
// time, so that a wait survives a new history or a restart of the workflow without starting over.
func awaitSignal(ctx workflow.Context, in *inbox, deadline activities.Deadline) (bool, error) {
	return awaitUntil(ctx, deadline.At, waitFor(deadline.Step), in.waiting)
}

// awaitUntil waits until a condition holds (true) or a moment has passed (false).
func awaitUntil(ctx workflow.Context, at time.Time, summary string, condition func() bool) (bool, error) {
	return await(ctx, at.Sub(workflow.Now(ctx)), summary, condition)
}

// await waits until a condition holds (true) or for so long (false). A timer that was overtaken is ended with the wait: left
// alone it would stand in the history as pending, and wake the workflow for nothing when it fires.
func await(ctx workflow.Context, wait time.Duration, summary string, condition func() bool) (bool, error) {
	waiting, end := workflow.WithCancel(ctx)
	holds, err := workflow.AwaitWithOptions(waiting, workflow.AwaitOptions{
		Timeout: max(wait, time.Millisecond), TimerOptions: workflow.TimerOptions{Summary: summary},
	}, condition)
	if !holds || endsTimers(ctx) {
		end()
	}
	return holds, err
}

// waitFor is what the Web UI says beside a timer that runs: the step alone would read as if it had been taken.
func waitFor(step activities.Step) string { return "wait, then " + string(step) }

// compensation is the context of a step that must run although the workflow was cancelled. Each activity in it still
// ends by its own preset.
func compensation(ctx workflow.Context) workflow.Context {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	return ctx
}

// reasonOf puts the cause of an early end into words that may stand in the database: the innermost message, which an
// activity's error map has kept free of personal data.
func reasonOf(cause error) string {
	if temporal.IsCanceledError(cause) {
		return "cancelled"
	}
	var failure *temporal.ApplicationError
	if errors.As(cause, &failure) {
		return failure.Message()
	}
	return cause.Error()
}

// closeStatus sets the last CrgStatus of a workflow that carries no state of the database. The error goes on as it is:
// wrapped, it would lose its type on the server.
func closeStatus(ctx workflow.Context, err error) error {
	status := StatusDone
	switch {
	case workflow.IsContinueAsNewError(err):
		return err // it goes on, and its new history inherits the status
	case temporal.IsCanceledError(err):
		status = StatusCancelled
	case err != nil:
		status = StatusFailed
	}
	if upsert := upsertStatus(ctx, status); err == nil {
		return upsert
	}
	return err
}
