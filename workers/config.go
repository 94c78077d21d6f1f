package workers

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/outbound"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
	"github.com/city-resource-graph/crg/workflows"
)

// Config is what a worker process is made of.
type Config struct {
	Client    client.Client // brings the SDK's logger and metrics
	Namespace string        // of the client
	Queues    []workflows.Queue
	// QueuePrefix keeps installations that share a namespace apart; empty in most.
	QueuePrefix string

	Store      *postgres.Store
	Cache      *cache.Cache // nil = nobody listens to events
	Objects    *blobs.Bucket
	Graph      *graph.Graph          // nil = this installation has none
	Parameters *valuation.Parameters // of the method in force; nil = the shipped one
	// Outbound fetches what imports name by URL; nil = nothing is fetched.
	Outbound *outbound.Client
	// MatchingSeconds is told how long each run computed; nil = nobody asks.
	MatchingSeconds activities.Observer

	Senders map[city.Channel]notices.Sender // of notices; a channel without one is not served
	Links   notices.Links                   // in notices

	Version Version
	// MakeCurrent makes this version the current one once its pollers are seen. Production leaves that to a rollout.
	MakeCurrent bool

	GraceTime time.Duration // for what is under way when the process is told to stop
	Logger    *slog.Logger
	Readiness *Readiness // is told whether the worker gets work; nil = nobody asks
}

func (c *Config) check() error {
	switch {
	case c.Client == nil || c.Store == nil || c.Objects == nil || c.Logger == nil:
		return errors.New("worker: client, store, objects and logger are all needed")
	case len(c.Queues) == 0:
		return fmt.Errorf("worker: no queue to serve: want some of %v", workflows.Queues())
	case c.GraceTime <= 0:
		return fmt.Errorf("worker: grace time %s: want more than zero", c.GraceTime)
	}
	for _, queue := range c.Queues {
		if !slices.Contains(workflows.Queues(), queue) {
			return fmt.Errorf("worker: queue %q: want one of %v", queue, workflows.Queues())
		}
	}
	if c.Parameters == nil {
		c.Parameters = valuation.Default()
	}
	if c.Readiness == nil {
		c.Readiness = &Readiness{}
	}
	return nil
}
