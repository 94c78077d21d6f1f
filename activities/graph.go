package activities

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/projection"
)

// Graph keeps the graph equal to the rows.
type Graph struct {
	Projector *projection.Projector // nil: this installation has no graph
	Logger    *slog.Logger
}

const (
	stretch      = 10 * time.Minute // of projection in one activity: then the workflow shows what was done
	quiet        = 10 * time.Second // without events, after which the graph is looked at
	awayInterval = 2 * time.Second  // between two looks for a graph that is away
)

var errNoGraph = fmt.Errorf("%w: this worker has no graph: NEO4J_URI is not set", errInvalid)

// ProjectEvents projects events as they come, for a stretch of time. While the graph is away it waits; a graph that lost
// its content is built anew.
func (g *Graph) ProjectEvents(ctx context.Context, _ ProjectionState) (Projected, error) {
	if g.Projector == nil {
		return Projected{}, classify(errNoGraph)
	}
	defer beating(ctx)()
	ctx, release := untilWorkerStops(ctx)
	defer release()
	var done Projected
	until := time.Now().Add(stretch)
	for begun := false; time.Now().Before(until) && ctx.Err() == nil; {
		err := g.projectSome(ctx, &begun, &done)
		switch {
		case errors.Is(err, graph.ErrIncomplete):
			begun = false
		case errors.Is(err, graph.ErrAway) && ctx.Err() == nil:
			g.Logger.WarnContext(ctx, "the graph is away; projection waits for it", "error", err)
			begun = false
			pause(ctx, awayInterval)
		case ctx.Err() != nil: // told to stop; where nobody cancelled the step, another worker goes on
			return done, cancelled(ctx)
		case err != nil:
			return done, classify(err)
		}
	}
	return done, cancelled(ctx)
}

var errStopping = errors.New("the worker stops")

// untilWorkerStops ends a long step as soon as its worker is told to stop, not when its grace time is over.
func untilWorkerStops(ctx context.Context) (context.Context, func()) {
	limited, stop := context.WithCancelCause(ctx)
	if activity.IsActivity(ctx) {
		stopping := activity.GetWorkerStopChannel(ctx)
		go func() {
			select {
			case <-stopping:
				stop(errStopping)
			case <-limited.Done():
			}
		}()
	}
	return limited, func() { stop(nil) }
}

// cancelled is why a step was ended early by its workflow; nil when its worker merely stops.
func cancelled(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), errStopping) {
		return nil
	}
	return ctx.Err()
}

// projectSome takes one step: it begins, or projects what there is, or waits for more.
func (g *Graph) projectSome(ctx context.Context, begun *bool, done *Projected) error {
	if !*begun {
		if err := g.Projector.Begin(ctx, func() {}); err != nil {
			return err
		}
		*begun = true
	}
	events, err := g.Projector.Project(ctx)
	done.Events += int64(events)
	if err != nil || events > 0 {
		return err
	}
	cursor, err := g.Projector.Store.Cursor(ctx, projection.Consumer)
	if err != nil {
		return err
	}
	begin := time.Now()
	err = g.Projector.Store.AwaitEvents(ctx, cursor, quiet)
	if time.Since(begin) >= quiet {
		*begun = false // the graph may have been wiped without a word
	}
	return err
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Reconcile compares the graph with the rows and repairs it.
func (g *Graph) Reconcile(ctx context.Context, in ReconcileInput) (Reconciled, error) {
	if g.Projector == nil {
		return Reconciled{}, classify(errNoGraph)
	}
	defer beating(ctx)()
	cities, err := g.Projector.Reconcile(ctx, in.Rebuild, func() {})
	result := Reconciled{Cities: cities}
	for _, c := range cities {
		result.Differing += c.Differing
	}
	return result, classify(err)
}
