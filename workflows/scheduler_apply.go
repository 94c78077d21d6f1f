package workflows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/schedules"
)

// Diff lists what would make the server's schedules equal to a file.
func (s Scheduler) Diff(ctx context.Context, f *schedules.File) ([]schedules.Change, error) {
	present, err := s.List(ctx, f.City)
	if err != nil {
		return nil, err
	}
	list := make([]schedules.Schedule, len(present))
	for i := range present {
		list[i] = present[i].Schedule
	}
	// One that was made a moment ago may be missing in the list.
	for _, wanted := range f.Schedules {
		if found, err := s.Get(ctx, f.City, wanted.ID); err == nil && !hasID(list, wanted.ID) {
			list = append(list, found.Schedule)
		} else if err != nil && !errors.Is(err, ErrNoSchedule) {
			return nil, err
		}
	}
	return schedules.Diff(f, list), nil
}

func hasID(list []schedules.Schedule, id string) bool {
	for i := range list {
		if list[i].ID == id {
			return true
		}
	}
	return false
}

// Apply makes the server's schedules equal to a file and returns what it changed. Whether a schedule is paused is for
// people to say and stays as it is. The server knows no transaction: where a change fails, those before it are taken back,
// so that nothing is applied halfway; should that fail too, the error says so, and applying again mends it.
func (s Scheduler) Apply(ctx context.Context, f *schedules.File) ([]schedules.Change, error) {
	changes, err := s.Diff(ctx, f)
	if err != nil {
		return nil, err
	}
	for i, c := range changes {
		if err := s.apply(ctx, f.City, c); err != nil {
			return nil, errors.Join(fmt.Errorf("%s schedule %s: %w", c.Action, c.ID, err), s.takeBack(ctx, f.City, changes[:i]))
		}
	}
	return changes, nil
}

// RemoveAbandoned removes the schedules with an id, of whatever city, that were made before a time, and answers how many. It
// is for what was to be removed by a program that was killed first.
func (s Scheduler) RemoveAbandoned(ctx context.Context, id string, before time.Time) (removed int, err error) {
	iterator, err := s.Client.ScheduleClient().List(ctx, client.ScheduleListOptions{PageSize: 200})
	for err == nil && iterator.HasNext() {
		var entry *client.ScheduleListEntry
		if entry, err = iterator.Next(); err != nil {
			break
		}
		of, found := strings.CutPrefix(entry.ID, strings.TrimSuffix(s.prefix(""), "/"))
		c, name, _ := strings.Cut(of, "/")
		if !found || name != id {
			continue
		}
		handle := s.handle(ctx, city.ID(c), id)
		described, failed := handle.Describe(ctx)
		if failed == nil && described.Info.CreatedAt.Before(before) {
			failed = handle.Delete(ctx)
			removed++
		}
		if failed = scheduleError("remove", id, failed); !errors.Is(failed, ErrNoSchedule) {
			err = failed
		}
	}
	return removed, err
}

func (s Scheduler) takeBack(ctx context.Context, c city.ID, done []schedules.Change) error {
	ctx = context.WithoutCancel(ctx)
	var failures []error
	for i := len(done) - 1; i >= 0; i-- {
		back := schedules.Change{ID: done[i].ID, Wanted: done[i].Present, Present: done[i].Wanted}
		switch done[i].Action {
		case schedules.Create:
			back.Action = schedules.Remove
		case schedules.Update:
			back.Action = schedules.Update
		case schedules.Remove:
			back.Action = schedules.Create
		}
		if err := s.apply(ctx, c, back); err != nil {
			failures = append(failures, fmt.Errorf("take back: %s schedule %s: %w", back.Action, back.ID, err))
		}
	}
	if len(failures) > 0 {
		return fmt.Errorf("the schedules are neither as they were nor as the file says; apply again: %w", errors.Join(failures...))
	}
	return errors.New("nothing was changed")
}

func (s Scheduler) apply(ctx context.Context, c city.ID, change schedules.Change) error {
	handle := s.handle(ctx, c, change.ID)
	if change.Action == schedules.Remove {
		return handle.Delete(ctx)
	}
	wanted, err := s.write(c, *change.Wanted)
	if err != nil {
		return err
	}
	if change.Action == schedules.Create {
		_, err = s.Client.ScheduleClient().Create(ctx, client.ScheduleOptions{
			ID: s.prefix(c) + change.ID, Spec: *wanted.Spec, Action: wanted.Action, Overlap: wanted.Policy.Overlap,
			CatchupWindow: wanted.Policy.CatchupWindow, PauseOnFailure: wanted.Policy.PauseOnFailure, Note: change.Wanted.Note,
			TypedSearchAttributes: cityAttribute(c),
		})
		return err
	}
	return handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(now client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			wanted.State = now.Description.Schedule.State
			if note := &wanted.State.Note; *note == "" || *note == change.Present.Note { // nobody has said anything else of it
				*note = change.Wanted.Note
			}
			return &client.ScheduleUpdate{Schedule: wanted}, nil
		},
	})
}
