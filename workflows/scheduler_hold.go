package workflows

import (
	"context"
	"strings"

	"github.com/city-resource-graph/crg/city"
)

// held begins the note of a schedule that is paused because its city takes nothing new in.
const held = "maintenance: "

// Hold pauses a city's schedules while it takes nothing new in. One that somebody paused before stays theirs, and so holding
// twice is holding once.
func (s Scheduler) Hold(ctx context.Context, c city.ID, reason string) error {
	return s.each(ctx, c, func(one Scheduled) error {
		if one.Paused {
			return nil
		}
		return s.Pause(ctx, c, one.ID, held+reason)
	})
}

// Release lets those go on that Hold paused, and nothing else. What they left out meanwhile is not made up for; backfill does
// that where it is wanted.
func (s Scheduler) Release(ctx context.Context, c city.ID) error {
	return s.each(ctx, c, func(one Scheduled) error {
		if !one.Paused || !strings.HasPrefix(one.Note, held) {
			return nil
		}
		return s.Resume(ctx, c, one.ID, "maintenance is over")
	})
}

func (s Scheduler) each(ctx context.Context, c city.ID, do func(Scheduled) error) error {
	found, err := s.List(ctx, c)
	if err != nil {
		return err
	}
	for _, one := range found {
		if err := do(one); err != nil {
			return err
		}
	}
	return nil
}
