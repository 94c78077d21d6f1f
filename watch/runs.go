package watch

import (
	"context"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/consistency"
	"github.com/city-resource-graph/crg/postgres"
)

// rereadEvery is how many rounds pass before the files of a run that was looked at are read again.
const rereadEvery = 10

// runSeen is which run's files were read, and in which round.
type runSeen struct {
	run   city.RunID
	round int
}

// runs looks at the last run that came to an end of its own. One that somebody cancelled says nothing.
func (w *Watcher) runs(ctx context.Context, c postgres.City) error {
	recent, _, err := w.Store.ListRuns(ctx, c.ID, postgres.Page{Limit: 20})
	if err != nil {
		return err
	}
	for _, run := range recent {
		if run.State == postgres.RunCompleted || run.State == postgres.RunFailed {
			return w.run(ctx, run)
		}
	}
	return nil
}

func (w *Watcher) run(ctx context.Context, run postgres.Run) error {
	label := string(run.City)
	flag(w.Metrics.RunFailed.WithLabelValues(label), run.State == postgres.RunFailed)
	if run.GapMinor != nil && run.BoundMinor != nil && *run.BoundMinor > 0 {
		w.Metrics.RunGap.WithLabelValues(label).Set(float64(*run.GapMinor) / float64(*run.BoundMinor))
	}
	if err := w.value(ctx, run); err != nil {
		return err
	}
	seen, known := w.known[run.City]
	if w.Objects == nil || known && seen.run == run.ID && w.rounds-seen.round < rereadEvery {
		return nil
	}
	damaged, err := consistency.RunFiles(ctx, w.Objects, run)
	if err != nil {
		return err
	}
	w.Metrics.RunDamaged.WithLabelValues(label).Set(float64(len(damaged)))
	w.known[run.City] = runSeen{run.ID, w.rounds}
	return nil
}

// value looks whether a run's value was stated. One that could not state it is completed all the same, for its matches go on.
func (w *Watcher) value(ctx context.Context, run postgres.Run) error {
	valued, err := w.Store.RunValued(ctx, run.City, run.ID)
	if err != nil {
		return err
	}
	flag(w.Metrics.RunUnvalued.WithLabelValues(string(run.City)), run.State == postgres.RunCompleted && !valued)
	return nil
}
