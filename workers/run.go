package workers

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/projection"
	"github.com/city-resource-graph/crg/workflows"
)

// Run serves the queues until ctx ends, then stops: no new work is taken, what is under way gets the grace time, and
// what is not done by then is done by another worker. It returns nil after such a stop.
func Run(ctx context.Context, c Config) error {
	if err := c.check(); err != nil {
		return err
	}
	c.Readiness.needs(c.servers())
	if !c.prepared(ctx) {
		return nil
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	workers := c.workers(func(err error) { stop(fmt.Errorf("worker: %w", err)) })
	for i, w := range workers {
		if err := w.Start(); err != nil {
			stopAll(workers[:i])
			return fmt.Errorf("start a worker on queue %s: %w", c.Queues[i], err)
		}
	}
	c.Logger.InfoContext(ctx, "serving", "queues", c.Queues, "deployment", c.Version.Deployment, "build", c.Version.BuildID)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		c.watchVersion(ctx)
	}()
	go c.keepEverlasting(ctx)
	<-ctx.Done()
	c.Readiness.set("stopping")
	stopAll(workers)
	<-watched
	c.Logger.InfoContext(ctx, "stopped", "queues", c.Queues)
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// prepared waits for the server for as long as it takes, says meanwhile that it does, and registers the search
// attributes; false when ctx ended first.
func (c *Config) prepared(ctx context.Context) bool {
	c.Readiness.set("not started yet")
	for {
		err := workflows.RegisterSearchAttributes(ctx, c.Client, c.Namespace)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		c.Readiness.set(err.Error())
		c.Logger.WarnContext(ctx, "this worker waits for the Temporal server", "reason", err.Error())
	}
}

// projector keeps the graph equal to the rows; nil without a graph.
func (c *Config) projector() *projection.Projector {
	if c.Graph == nil {
		return nil
	}
	return &projection.Projector{Store: c.Store, Graph: c.Graph}
}

func stopAll(workers []worker.Worker) {
	var group sync.WaitGroup
	for _, w := range workers {
		group.Go(w.Stop)
	}
	group.Wait()
}

// workers makes one worker for each queue. Workflows run on the queue city alone; every queue knows every activity, and
// where one runs is said by the workflow.
func (c *Config) workers(fatal func(error)) []worker.Worker {
	families := c.activities()
	workers := make([]worker.Worker, len(c.Queues))
	for i, queue := range c.Queues {
		w := worker.New(c.Client, queue.Name(c.QueuePrefix), c.options(queue, fatal))
		for _, family := range families {
			w.RegisterActivity(family)
		}
		if queue == workflows.CityQueue {
			for _, r := range workflows.Registrations() {
				options := workflow.RegisterOptions{Name: r.Name}
				if c.Version.Versioned() {
					options.VersioningBehavior = r.Behavior
				}
				w.RegisterWorkflowWithOptions(r.Workflow, options)
			}
		}
		workers[i] = w
	}
	return workers
}

func (c *Config) options(queue workflows.Queue, fatal func(error)) worker.Options {
	slots := slotsOf(queue)
	return worker.Options{
		DisableWorkflowWorker:                   queue != workflows.CityQueue,
		MaxConcurrentActivityExecutionSize:      slots.activities,
		MaxConcurrentLocalActivityExecutionSize: slots.localActivities,
		MaxConcurrentWorkflowTaskExecutionSize:  slots.workflowTasks,
		MaxConcurrentActivityTaskPollers:        slots.pollers,
		MaxConcurrentWorkflowTaskPollers:        slots.pollers,
		WorkerStopTimeout:                       c.GraceTime,
		OnFatalError:                            fatal,
		DeploymentOptions:                       c.Version.options(),
	}
}

// slots is how much a worker does at a time.
type slots struct{ activities, localActivities, workflowTasks, pollers int }

// slotsOf sizes a queue's worker by what its work waits for: the database on city, a core on matching, the disk on
// recovery.
func slotsOf(queue workflows.Queue) slots {
	cores := runtime.GOMAXPROCS(0)
	switch queue {
	case workflows.MatchingQueue:
		return slots{activities: cores, pollers: 2}
	case workflows.RecoveryQueue:
		return slots{activities: 1, pollers: 2}
	default:
		return slots{activities: 16 * cores, localActivities: 16 * cores, workflowTasks: 32 * cores, pollers: 4}
	}
}

// activities builds every family with its dependencies.
func (c *Config) activities() []any {
	starter := workflows.Starter{Client: c.Client, QueuePrefix: c.QueuePrefix}
	cities := activities.NewCities(c.Store, time.Now)
	teller := &activities.Teller{Store: c.Store, Courier: starter}
	freezer := &activities.Freezer{
		Store: c.Store, Parameters: c.Parameters, Affinities: &activities.Affinities{Store: c.Store, Graph: c.Graph}, Now: time.Now,
	}
	return []any{
		&activities.Imports{Store: c.Store, Objects: c.Objects, Starter: starter, Outbound: c.Outbound, Now: time.Now},
		&activities.Onboarding{Store: c.Store, Graph: c.Graph, Logger: c.Logger, Cities: cities, Teller: teller, Now: time.Now},
		&activities.Runs{Store: c.Store, Objects: c.Objects, Freezer: freezer, Seconds: c.MatchingSeconds},
		&activities.Engine{Store: c.Store, Objects: c.Objects},
		&activities.Starts{Store: c.Store, Starter: starter},
		&activities.Matches{Store: c.Store, Cities: cities, Teller: teller, Now: time.Now},
		&activities.Alternative{Store: c.Store, Freezer: freezer, Starter: starter},
		&activities.Notices{Store: c.Store, Cities: cities, Senders: c.Senders, Links: c.Links, Now: time.Now},
		&activities.Documents{Store: c.Store, Cities: cities, Teller: teller, Now: time.Now},
		&activities.Confirmations{Store: c.Store, Cities: cities, Teller: teller, Now: time.Now},
		activities.NewValues(c.Store, c.Objects, c.Parameters, time.Now),
		c.relay(),
		&activities.Graph{Projector: c.projector(), Logger: c.Logger},
	}
}

func (c *Config) relay() *activities.Relay {
	r := &activities.Relay{Store: c.Store, Logger: c.Logger, Now: time.Now}
	if c.Cache != nil {
		r.Stream = c.Cache.Streams(c.QueuePrefix)
	}
	return r
}
