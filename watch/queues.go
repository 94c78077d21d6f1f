package watch

import (
	"context"

	"github.com/city-resource-graph/crg/workers"
)

// queues asks the server what waits. How many poll is not asked: the server remembers a poller for minutes after it went,
// and each worker shows its own.
func (w *Watcher) queues(ctx context.Context) error {
	status, err := workers.ReadQueues(ctx, w.Temporal, w.Namespace, w.QueuePrefix)
	for _, q := range status {
		w.Metrics.Backlog.WithLabelValues(q.Queue, q.Kind).Set(float64(q.Backlog))
		w.Metrics.BacklogAge.WithLabelValues(q.Queue, q.Kind).Set(q.Age.Seconds())
	}
	return err
}
