package workers

import (
	"context"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/workflows"
)

// lookForPublisher is how often a worker sees to it that the installation's publisher runs; somebody may have ended it.
const lookForPublisher = time.Minute

// keepPublishing starts the publisher of events unless it runs, for as long as the worker does. Every worker of the queue
// city asks for it; the server lets one be.
func (c *Config) keepPublishing(ctx context.Context) {
	if !slices.Contains(c.Queues, workflows.CityQueue) {
		return
	}
	starter := workflows.Starter{Client: c.Client, QueuePrefix: c.QueuePrefix}
	for pause := time.Second; ; {
		_, err := starter.PublishEvents(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			c.Logger.WarnContext(ctx, "the publisher of events could not be started", "error", err)
			pause = min(2*pause, lookForPublisher)
		default:
			pause = lookForPublisher
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
