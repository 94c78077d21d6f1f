package watch

import (
	"context"
	"time"

	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/projection"
)

// Grace is how long after its deadline a match counts as overdue: a worker that restarts needs some of it.
const Grace = 5 * time.Minute

// most is how many overdue matches of a city are counted.
const most = 1000

func (w *Watcher) outbox(ctx context.Context) error {
	lag, err := w.Store.OutboxLag(ctx)
	for consumer, wait := range lag {
		if consumer == projection.Consumer && w.Graph == nil { // it was switched off: nobody waits for it
			continue
		}
		w.Metrics.OutboxLag.WithLabelValues(consumer).Set(wait.Seconds())
	}
	return err
}

func (w *Watcher) matches(ctx context.Context, c postgres.City) error {
	overdue, err := w.Store.OverdueMatches(ctx, c, time.Now(), Grace, most)
	if err == nil {
		w.Metrics.Overdue.WithLabelValues(string(c.ID)).Set(float64(len(overdue)))
	}
	return err
}

func (w *Watcher) imports(ctx context.Context, c postgres.City) error {
	latest, err := w.Store.LatestImports(ctx, c.ID)
	for _, i := range latest {
		labels := []string{string(c.ID), i.Profile}
		w.Metrics.ImportRead.WithLabelValues(labels...).Set(float64(i.Read))
		w.Metrics.ImportRejected.WithLabelValues(labels...).Set(float64(i.Rejected))
		flag(w.Metrics.ImportFailed.WithLabelValues(labels...), i.State == postgres.ImportFailed)
	}
	return err
}
