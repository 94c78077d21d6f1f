package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// stretches is how many stretches of projection one history holds, some hours of them.
const stretches = 30

// awhile is how long projection rests after a stretch that no retry could mend.
const awhile = time.Minute

// ProjectGraph keeps the graph equal to the rows for as long as the installation lives: it projects events stretch by
// stretch, each one long activity, and starts a new history now and then. The signal pause (true or false) stops and
// resumes it, for the backup of the graph. What it does next is in its details.
func ProjectGraph(ctx workflow.Context, state activities.ProjectionState) error {
	p := &projectGraph{state: state, pauses: workflow.GetSignalChannel(ctx, SignalPause)}
	err := p.run(ctx)
	return closeStatus(ctx, err)
}

type projectGraph struct {
	state  activities.ProjectionState
	pauses workflow.ReceiveChannel
}

func (p *projectGraph) run(ctx workflow.Context) error {
	for range stretches {
		p.drain()
		if p.state.Paused {
			p.show(ctx, "paused")
			if err := workflow.Await(ctx, func() bool { return p.pauses.Len() > 0 }); err != nil { // Receive would not see that it is cancelled
				return err
			}
			continue
		}
		p.show(ctx, "projecting")
		if err := p.stretch(ctx); err != nil {
			return err
		}
	}
	p.drain()
	return workflow.NewContinueAsNewError(ctx, ProjectGraph, p.state)
}

// stretch projects until the activity has had its time or somebody says pause. A failure is shown and slept over: there
// is nobody who would start projection again.
func (p *projectGraph) stretch(ctx workflow.Context) error {
	working, stop := workflow.WithCancel(ctx)
	defer stop()
	future := workflow.ExecuteActivity(workflow.WithActivityOptions(working, lasting("project events")), graph.ProjectEvents, p.state)
	workflow.NewSelector(ctx).
		AddFuture(future, func(workflow.Future) {}).
		AddReceive(p.pauses, func(c workflow.ReceiveChannel, _ bool) {
			c.Receive(ctx, &p.state.Paused)
			stop()
		}).Select(ctx)
	var done activities.Projected
	err := future.Get(ctx, &done)
	p.state.Events += done.Events
	if err == nil || temporal.IsCanceledError(err) {
		return ctx.Err()
	}
	workflow.GetLogger(ctx).Error("projection failed; it goes on after a while", "error", err)
	p.show(ctx, "failed, goes on after a while: "+reasonOf(err))
	return workflow.NewTimerWithOptions(ctx, awhile, workflow.TimerOptions{Summary: "until projection goes on"}).Get(ctx, nil)
}

// drain takes every signal that has come, so that none is lost with the history.
func (p *projectGraph) drain() {
	for p.pauses.ReceiveAsync(&p.state.Paused) {
	}
}

func (p *projectGraph) show(ctx workflow.Context, doing string) {
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**%s**\n\n%d events so far", doing, p.state.Events))
}
