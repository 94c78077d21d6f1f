package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/demo"
	"github.com/city-resource-graph/crg/schedules"
	"github.com/city-resource-graph/crg/workflows"
)

// abandoned is the age of a demo's schedule that no demo needs any more: it fires within seconds and is paused then.
const abandoned = 30 * time.Minute

// schedules writes what the demo's city does regularly beside the report. Apply does what crg schedules apply does with the
// file; stop removes the schedules again, for the city is of this demo alone and nobody would ever stop them.
func (o *demoOptions) schedules(
	ctx context.Context, s *services, id city.ID, progress *demo.Progress,
) (apply func(context.Context) error, stop func(), err error) {
	if o.every == 0 {
		return nil, func() {}, nil
	}
	text, err := demo.Schedules(string(id), o.wardScope(), o.every)
	if err != nil {
		return nil, nil, err
	}
	path := filepath.Join(o.report, "schedules.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // for everybody to read
		return nil, nil, fmt.Errorf("schedules of the demo: %w", err)
	}
	file, err := schedules.Parse(path, []byte(text), workflows.Kinds(), time.Now())
	if err != nil {
		return nil, nil, err
	}
	scheduler, err := s.scheduler()
	if err != nil {
		return nil, nil, err
	}
	// A demo that was killed could not remove its own.
	if _, err := scheduler.RemoveAbandoned(ctx, demo.ScheduleID, time.Now().Add(-abandoned)); err != nil {
		return nil, nil, err
	}
	apply = func(ctx context.Context) error {
		changes, err := scheduler.Apply(ctx, file)
		if err == nil {
			progress.Title("   schedules   crg schedules apply %s: %d schedules", path, len(changes))
		}
		return err
	}
	stop = func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if _, err := scheduler.Apply(ctx, &schedules.File{City: id}); err != nil {
			fmt.Fprintf(os.Stderr, "crg: the schedules of %s are still there, remove them in the Web UI: %v\n", id, err)
		}
	}
	return apply, stop, nil
}
