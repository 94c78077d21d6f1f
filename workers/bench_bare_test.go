package workers_test

import (
	"context"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"
)

// bare does as many local activities, signals and timers, and nothing in them.
func (l *lifeCycles) bare(round int) {
	ctx := l.b.Context()
	id := func(n int) string { return fmt.Sprintf("bare/%s/%d/%d/%d", l.Prefix, l.next, round, n) }
	for i := range l.reached {
		l.reached[i].Store(0)
	}
	reach := func(step int) {
		require.Eventually(l.b, func() bool { return l.reached[step].Load() == benchPerRound }, time.Minute, 5*time.Millisecond)
	}
	l.each(func(n int) error {
		_, err := l.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id(n), TaskQueue: l.Prefix + "-bare"}, "bare")
		return err
	})
	reach(0)
	l.each(func(n int) error { return l.Client.SignalWorkflow(ctx, id(n), "", "next", nil) })
	reach(1)
	l.each(func(n int) error { return l.Client.SignalWorkflow(ctx, id(n), "", "next", nil) })
	l.each(func(n int) error { return l.Client.GetWorkflow(ctx, id(n), "").Get(ctx, nil) })
}

// bareWorkflow has the shape of a match that the policy approves: four local activities, two signals, two timers.
func (l *lifeCycles) bareWorkflow(ctx workflow.Context) error {
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 5 * time.Second})
	next := workflow.GetSignalChannel(ctx, "next")
	for step := range 3 {
		if err := workflow.ExecuteLocalActivity(ctx, l.step, step).Get(ctx, nil); err != nil {
			return err
		}
		if step == 2 {
			break
		}
		if _, err := workflow.AwaitWithTimeout(ctx, time.Hour, func() bool { return next.Len() > 0 }); err != nil {
			return err
		}
		next.ReceiveAsync(nil)
	}
	return workflow.ExecuteLocalActivity(ctx, l.step, 2).Get(ctx, nil)
}

func (l *lifeCycles) step(_ context.Context, step int) error {
	l.reached[step].Add(1)
	return nil
}
