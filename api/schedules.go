package api

import (
	"context"
	"time"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/codec"
	"github.com/city-resource-graph/crg/workflows"
)

// Schedules are the one thing that the API reads from Temporal: nothing else knows when they act next. What there is, is
// said by a file (crg schedules apply); the API pauses, resumes and triggers.

func (s *server) scheduler() workflows.Scheduler {
	return workflows.Scheduler{Client: s.temporal, QueuePrefix: s.starter.QueuePrefix, Converter: codec.Converter(s.keys)}
}

// ListSchedules lists a city's schedules, by id.
func (s *server) ListSchedules(ctx context.Context, _ wire.ListSchedulesRequestObject) (wire.ListSchedulesResponseObject, error) {
	var found []workflows.Scheduled
	err := s.askTemporal(ctx, func(ctx context.Context) error {
		var err error
		found, err = s.scheduler().List(ctx, callerOf(ctx).City)
		return err
	})
	if err != nil {
		return nil, err
	}
	items := make([]wire.Schedule, len(found))
	for i := range found {
		items[i] = s.schedule(found[i])
	}
	return wire.ListSchedules200JSONResponse{Items: items}, nil
}

// GetSchedule answers with one schedule.
func (s *server) GetSchedule(ctx context.Context, request wire.GetScheduleRequestObject) (wire.GetScheduleResponseObject, error) {
	found, err := s.oneSchedule(ctx, request.Schedule)
	if err != nil {
		return nil, err
	}
	return wire.GetSchedule200JSONResponse(found), nil
}

func (s *server) oneSchedule(ctx context.Context, id string) (wire.Schedule, error) {
	var found workflows.Scheduled
	err := s.askTemporal(ctx, func(ctx context.Context) error {
		var err error
		found, err = s.scheduler().Get(ctx, callerOf(ctx).City, id)
		return err
	})
	return s.schedule(found), err
}

// PauseSchedule stops a schedule until it is resumed.
func (s *server) PauseSchedule(ctx context.Context, request wire.PauseScheduleRequestObject) (wire.PauseScheduleResponseObject, error) {
	changed, err := s.changeSchedule(ctx, "pause", request.Schedule, func(ctx context.Context, c city.ID) error {
		return s.scheduler().Pause(ctx, c, request.Schedule, noteOf(ctx, request.Body.Note))
	})
	if err != nil {
		return nil, err
	}
	return wire.PauseSchedule200JSONResponse(changed), nil
}

// ResumeSchedule lets a paused schedule go on.
func (s *server) ResumeSchedule(ctx context.Context, request wire.ResumeScheduleRequestObject) (wire.ResumeScheduleResponseObject, error) {
	changed, err := s.changeSchedule(ctx, "resume", request.Schedule, func(ctx context.Context, c city.ID) error {
		return s.scheduler().Resume(ctx, c, request.Schedule, noteOf(ctx, request.Body.Note))
	})
	if err != nil {
		return nil, err
	}
	return wire.ResumeSchedule200JSONResponse(changed), nil
}

// TriggerSchedule has a schedule act at once.
func (s *server) TriggerSchedule(ctx context.Context, request wire.TriggerScheduleRequestObject) (wire.TriggerScheduleResponseObject, error) {
	changed, err := s.changeSchedule(ctx, "trigger", request.Schedule, func(ctx context.Context, c city.ID) error {
		return s.scheduler().Trigger(ctx, c, request.Schedule)
	})
	if err != nil {
		return nil, err
	}
	return wire.TriggerSchedule200JSONResponse(changed), nil
}

// longestBackfill keeps a slip of the year from starting thousands of runs.
const longestBackfill = 62 * 24 * time.Hour

// BackfillSchedule has a schedule take the actions of a time that has passed.
func (s *server) BackfillSchedule(ctx context.Context, request wire.BackfillScheduleRequestObject) (wire.BackfillScheduleResponseObject, error) {
	from, to := request.Body.From, request.Body.To
	switch {
	case !from.Before(to):
		return nil, refused.field("/to", "%s: want a time after from", to.Format(time.RFC3339))
	case to.After(time.Now()):
		return nil, refused.field("/to", "%s: want a time that has passed", to.Format(time.RFC3339))
	case to.Sub(from) > longestBackfill:
		return nil, refused.field("/from", "%s: want at most 62 days before to", from.Format(time.RFC3339))
	}
	changed, err := s.changeSchedule(ctx, "backfill", request.Schedule, func(ctx context.Context, c city.ID) error {
		return s.scheduler().Backfill(ctx, c, request.Schedule, from, to)
	})
	if err != nil {
		return nil, err
	}
	return wire.BackfillSchedule200JSONResponse(changed), nil
}

// changeSchedule looks that the schedule is there, audits, changes it, and answers with what it became.
func (s *server) changeSchedule(ctx context.Context, action, id string, change func(context.Context, city.ID) error) (wire.Schedule, error) {
	if _, err := s.oneSchedule(ctx, id); err != nil {
		return wire.Schedule{}, err
	}
	if err := s.audit(ctx, action, "schedule", id); err != nil {
		return wire.Schedule{}, err
	}
	if err := s.askTemporal(ctx, func(ctx context.Context) error { return change(ctx, callerOf(ctx).City) }); err != nil {
		return wire.Schedule{}, err
	}
	return s.oneSchedule(ctx, id)
}

// noteOf says who and why, as the Web UI shows it.
func noteOf(ctx context.Context, note string) string {
	if note == "" {
		return "by " + callerOf(ctx).Actor
	}
	return note + " (" + callerOf(ctx).Actor + ")"
}

func (s *server) schedule(found workflows.Scheduled) wire.Schedule {
	answer := wire.Schedule{
		ID: found.ID, Work: found.Work, Times: found.Times.String(), Overlap: string(found.Overlap),
		CatchUpSeconds: int64(found.CatchUp.Seconds()), JitterSeconds: int64(found.Jitter.Seconds()), PauseOnFailure: !found.PauseOff,
		Note: found.Schedule.Note, Paused: found.Paused, StateNote: found.Note, Next: found.Next, Actions: int64(found.Actions),
		Missed: int64(found.Missed), Skipped: int64(found.Skipped), Running: found.Running,
	}
	for _, fired := range found.Recent {
		answer.Recent = append(answer.Recent, wire.ScheduleAction{
			Meant: fired.Meant, Happened: fired.Happened, WorkflowID: fired.WorkflowID, WebUI: s.link(fired.WorkflowID),
		})
	}
	return answer
}
