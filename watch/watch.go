package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/telemetry"
)

// Watcher looks at an installation.
type Watcher struct {
	Store       *postgres.Store
	Temporal    client.Client
	Namespace   string
	QueuePrefix string        // keeps installations that share a namespace apart; empty in most
	Graph       *graph.Graph  // nil = this installation has none
	Objects     *blobs.Bucket // nil = stored files are not looked at
	Metrics     *telemetry.Installation
	Logger      *slog.Logger
	Interval    time.Duration // between two looks

	rounds int
	known  map[city.ID]runSeen // what was said of each city's last run
}

// lookTime bounds a look at one store, so that one that hangs does not hide the others.
const lookTime = 10 * time.Second

// look is one store's part of a round.
type look struct {
	at string
	do func(context.Context) error
}

// Run looks until ctx ends. A store that cannot be asked keeps what was last said of it, and the time when that was.
func (w *Watcher) Run(ctx context.Context) error {
	if w.Interval <= 0 {
		return fmt.Errorf("watch every %s: want more than zero", w.Interval)
	}
	w.known = map[city.ID]runSeen{}
	ticks := time.NewTicker(w.Interval)
	defer ticks.Stop()
	for ; ; w.rounds++ {
		w.round(ctx)
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (w *Watcher) round(ctx context.Context) {
	for _, l := range w.looks() {
		limited, cancel := context.WithTimeout(ctx, lookTime)
		err := l.do(limited)
		cancel()
		switch {
		case err == nil:
			w.Metrics.Looked.WithLabelValues(l.at).SetToCurrentTime()
		case ctx.Err() == nil:
			w.Logger.WarnContext(ctx, "could not look at a part of the installation", "at", l.at, "error", err)
		}
	}
}

func (w *Watcher) looks() []look {
	looks := []look{
		{"queues", w.queues},
		{"outbox", w.outbox},
		{"matches", w.eachCity(w.matches)},
		{"imports", w.eachCity(w.imports)},
		{"runs", w.eachCity(w.runs)},
	}
	if w.Graph != nil {
		looks = append(looks, look{"graph", w.drift}, look{"reconciliation", w.reconciliation})
	}
	return looks
}

// eachCity looks at every city; one that cannot be looked at does not hide the others.
func (w *Watcher) eachCity(do func(context.Context, postgres.City) error) func(context.Context) error {
	return func(ctx context.Context) error {
		cities, err := w.Store.Cities(ctx)
		for _, c := range cities {
			if failed := do(ctx, c); failed != nil {
				err = errors.Join(err, fmt.Errorf("city %s: %w", c.ID, failed))
			}
		}
		return err
	}
}

// flag is a yes or no as a metric.
func flag(g prometheus.Gauge, on bool) {
	g.Set(0)
	if on {
		g.Set(1)
	}
}
