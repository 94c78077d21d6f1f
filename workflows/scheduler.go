package workflows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/schedules"
)

// ErrNoSchedule is returned for a schedule that the server does not have.
var ErrNoSchedule = errors.New("no such schedule")

// Scheduler looks after the schedules of an installation on the server.
type Scheduler struct {
	Client      client.Client
	QueuePrefix string                  // keeps installations that share a namespace apart; empty in most
	Converter   converter.DataConverter // of the client; nil = the SDK's default
}

// Scheduled is a schedule as the server has it.
type Scheduled struct {
	schedules.Schedule
	Paused  bool
	Note    string // of the pause, or of going on
	Next    []time.Time
	Recent  []Fired // the last actions, the oldest first
	Running []string
	Actions int // so far
	Missed  int // beyond the catch-up window
	Skipped int // because the last one still ran
}

// Fired is an action that a schedule took.
type Fired struct {
	Meant      time.Time
	Happened   time.Time
	WorkflowID string
}

// prefix begins the ids of a city's schedules on the server.
func (s Scheduler) prefix(c city.ID) string {
	if s.QueuePrefix == "" {
		return "schedule/" + string(c) + "/"
	}
	return "schedule@" + s.QueuePrefix + "/" + string(c) + "/"
}

// List reads a city's schedules, by id. What the server's list of schedules does not show yet, a second after it was
// made, is not in it.
func (s Scheduler) List(ctx context.Context, c city.ID) ([]Scheduled, error) {
	iterator, err := s.Client.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: 200})
	if err != nil {
		return nil, fmt.Errorf("list schedules: %w", err)
	}
	var found []Scheduled
	for iterator.HasNext() {
		entry, err := iterator.Next()
		if err != nil {
			return nil, fmt.Errorf("list schedules: %w", err)
		}
		id, ours := strings.CutPrefix(entry.ID, s.prefix(c))
		if !ours {
			continue
		}
		one, err := s.Get(ctx, c, id)
		if errors.Is(err, ErrNoSchedule) {
			continue // removed a moment ago
		}
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	slices.SortFunc(found, func(a, b Scheduled) int { return strings.Compare(a.ID, b.ID) })
	return found, nil
}

// Get reads one schedule.
func (s Scheduler) Get(ctx context.Context, c city.ID, id string) (Scheduled, error) {
	d, err := s.handle(ctx, c, id).Describe(ctx)
	if err != nil {
		return Scheduled{}, scheduleError("read", id, err)
	}
	return s.read(id, d), nil
}

func (s Scheduler) handle(ctx context.Context, c city.ID, id string) client.ScheduleHandle {
	return s.Client.ScheduleClient().GetHandle(ctx, s.prefix(c)+id)
}

func scheduleError(what, id string, err error) error {
	var notFound *serviceerror.NotFound
	switch {
	case err == nil:
		return nil
	case errors.As(err, &notFound):
		return fmt.Errorf("%s schedule %s: %w", what, id, ErrNoSchedule)
	}
	return fmt.Errorf("%s schedule %s: %w", what, id, err)
}

// Pause stops a schedule until somebody resumes it; the note says why.
func (s Scheduler) Pause(ctx context.Context, c city.ID, id, note string) error {
	return scheduleError("pause", id, s.handle(ctx, c, id).Pause(ctx, client.SchedulePauseOptions{Note: note}))
}

// Resume lets a paused schedule go on.
func (s Scheduler) Resume(ctx context.Context, c city.ID, id, note string) error {
	return scheduleError("resume", id, s.handle(ctx, c, id).Unpause(ctx, client.ScheduleUnpauseOptions{Note: note}))
}

// Trigger has a schedule act at once, under its own overlap policy.
func (s Scheduler) Trigger(ctx context.Context, c city.ID, id string) error {
	return scheduleError("trigger", id, s.handle(ctx, c, id).Trigger(ctx, client.ScheduleTriggerOptions{}))
}

// Backfill has a schedule take the actions of a time that has passed, one after the other.
func (s Scheduler) Backfill(ctx context.Context, c city.ID, id string, from, to time.Time) error {
	return scheduleError("backfill", id, s.handle(ctx, c, id).Backfill(ctx, client.ScheduleBackfillOptions{
		Backfill: []client.ScheduleBackfill{{Start: from, End: to, Overlap: bufferAll}},
	}))
}
