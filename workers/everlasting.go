package workers

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/workflows"
)

// lookForEverlasting is how often a worker sees to it that the workflows run that never end; somebody may have ended one.
const lookForEverlasting = time.Minute

// everlasting starts the workflows that run for as long as the installation does: the publisher of events and, where
// there is a graph, its projection.
func (c *Config) everlasting() []func(context.Context) (workflows.Started, error) {
	starter := workflows.Starter{Client: c.Client, QueuePrefix: c.QueuePrefix}
	starts := []func(context.Context) (workflows.Started, error){starter.PublishEvents}
	if c.Graph != nil {
		starts = append(starts, starter.ProjectGraph)
	}
	return starts
}

// keepEverlasting starts them unless they run, for as long as the worker does. Every worker of the queue city asks for it;
// the server lets one of each be.
func (c *Config) keepEverlasting(ctx context.Context) {
	if !slices.Contains(c.Queues, workflows.CityQueue) {
		return
	}
	if c.Graph == nil {
		c.Logger.InfoContext(ctx, "there is no graph: NEO4J_URI is not set; duplicates and affinities do without")
	}
	for pause := time.Second; ; {
		var failed error
		for _, start := range c.everlasting() {
			_, err := start(ctx)
			failed = errors.Join(failed, err)
		}
		switch {
		case ctx.Err() != nil:
			return
		case failed != nil:
			c.Logger.WarnContext(ctx, "workflows that never end could not be started", "error", failed)
			pause = min(2*pause, lookForEverlasting)
		default:
			pause = lookForEverlasting
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
