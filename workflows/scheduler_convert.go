package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/schedules"
)

const bufferAll = enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL

// overlapPolicies pairs the words of a file with the server's.
func overlapPolicies() map[schedules.Overlap]enums.ScheduleOverlapPolicy {
	return map[schedules.Overlap]enums.ScheduleOverlapPolicy{
		schedules.OverlapSkip:      enums.SCHEDULE_OVERLAP_POLICY_SKIP,
		schedules.OverlapBufferOne: enums.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE,
		schedules.OverlapBufferAll: bufferAll,
		schedules.OverlapCancel:    enums.SCHEDULE_OVERLAP_POLICY_CANCEL_OTHER,
		schedules.OverlapAllow:     enums.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL,
	}
}

func cityAttribute(c city.ID) temporal.SearchAttributes {
	return temporal.NewSearchAttributes(AttributeCity.ValueSet(string(c)))
}

// write puts a schedule into the server's terms.
func (s Scheduler) write(c city.ID, wanted schedules.Schedule) (*client.Schedule, error) {
	k := slices.IndexFunc(schedulables(), func(k schedulable) bool { return k.Name == wanted.Work })
	if k < 0 {
		return nil, fmt.Errorf("schedule %s: work %q is unknown to this program", wanted.ID, wanted.Work)
	}
	work := schedulables()[k]
	spec := &client.ScheduleSpec{Jitter: wanted.Jitter}
	if calendar := wanted.Times.Calendar; calendar != nil {
		spec.TimeZoneName = wanted.Times.TimeZone
		spec.Calendars = []client.ScheduleCalendarSpec{{
			Minute: ranges(calendar.Minute), Hour: ranges(calendar.Hour), DayOfMonth: ranges(calendar.Day),
			Month: ranges(calendar.Month), DayOfWeek: ranges(calendar.Weekday),
		}}
	} else {
		spec.Intervals = []client.ScheduleIntervalSpec{{Every: wanted.Times.Every, Offset: wanted.Times.Offset}}
	}
	return &client.Schedule{
		Spec: spec,
		Action: &client.ScheduleWorkflowAction{
			ID: recurringID(c, wanted.ID), Workflow: work.workflow, Args: []any{work.input(c, wanted)},
			TaskQueue: CityQueue.Name(s.QueuePrefix), StaticSummary: summaryOf(wanted), TypedSearchAttributes: recurringAttributes(c),
		},
		Policy: &client.SchedulePolicies{
			Overlap: overlapPolicies()[wanted.Overlap], CatchupWindow: wanted.CatchUp, PauseOnFailure: !wanted.PauseOff,
		},
	}, nil
}

// summaryOf is what the Web UI shows of each action: which schedule, and its note.
func summaryOf(s schedules.Schedule) string {
	if s.Note == "" {
		return "schedule " + s.ID
	}
	return "schedule " + s.ID + ": " + s.Note
}

// ranges writes ascending values as ranges.
func ranges(values []int) []client.ScheduleRange {
	var out []client.ScheduleRange
	for _, v := range values {
		if n := len(out) - 1; n >= 0 && out[n].End == v-1 {
			out[n].End = v
			continue
		}
		out = append(out, client.ScheduleRange{Start: v, End: v})
	}
	return out
}

// read puts a schedule of the server into the terms of a file. What a file cannot say stands in a field as text that no
// file has, so that it is a difference.
func (s Scheduler) read(id string, d *client.ScheduleDescription) Scheduled {
	out := Scheduled{Schedule: schedules.Schedule{ID: id}}
	if policy := d.Schedule.Policy; policy != nil {
		out.CatchUp, out.PauseOff, out.Overlap = policy.CatchupWindow, !policy.PauseOnFailure, schedules.Overlap(policy.Overlap.String())
		for word, server := range overlapPolicies() {
			if server == policy.Overlap {
				out.Overlap = word
			}
		}
	}
	out.Times, out.Jitter = readTimes(d.Schedule.Spec)
	s.readAction(&out.Schedule, d.Schedule.Action)
	if state := d.Schedule.State; state != nil {
		out.Paused, out.Note = state.Paused, state.Note
	}
	if out.Note == out.Schedule.Note { // the file's, which its page shows until somebody pauses it
		out.Note = ""
	}
	out.Next, out.Actions = d.Info.NextActionTimes, d.Info.NumActions
	out.Missed, out.Skipped = d.Info.NumActionsMissedCatchupWindow, d.Info.NumActionsSkippedOverlap
	for _, a := range d.Info.RecentActions {
		fired := Fired{Meant: a.ScheduleTime, Happened: a.ActualTime}
		if a.StartWorkflowResult != nil {
			fired.WorkflowID = a.StartWorkflowResult.WorkflowID
		}
		out.Recent = append(out.Recent, fired)
	}
	for _, w := range d.Info.RunningWorkflows {
		out.Running = append(out.Running, w.WorkflowID)
	}
	return out
}

func readTimes(spec *client.ScheduleSpec) (schedules.Times, time.Duration) {
	if spec == nil {
		return schedules.Times{Foreign: "never"}, 0
	}
	times := schedules.Times{}
	switch {
	case len(spec.Skip) > 0 || !spec.StartAt.IsZero() || !spec.EndAt.IsZero():
		times.Foreign = "times with exceptions, a start or an end"
	case len(spec.Calendars) == 1 && len(spec.Intervals) == 0:
		times.TimeZone = spec.TimeZoneName
		times.Calendar = readCalendar(spec.Calendars[0])
		if times.Calendar == nil {
			times.Foreign = "a calendar with seconds or years"
		}
	case len(spec.Calendars) == 0 && len(spec.Intervals) == 1:
		times.Every, times.Offset = spec.Intervals[0].Every, spec.Intervals[0].Offset
	default:
		times.Foreign = fmt.Sprintf("%d calendars and %d intervals", len(spec.Calendars), len(spec.Intervals))
	}
	return times, spec.Jitter
}

// readCalendar is nil for one that a cron expression of five fields cannot say.
func readCalendar(c client.ScheduleCalendarSpec) *schedules.Calendar {
	if len(c.Year) > 0 || !slices.Equal(numbers(c.Second), []int{0}) {
		return nil
	}
	return &schedules.Calendar{
		Minute: numbers(c.Minute), Hour: numbers(c.Hour), Day: numbers(c.DayOfMonth), Month: numbers(c.Month), Weekday: numbers(c.DayOfWeek),
	}
}

func numbers(list []client.ScheduleRange) []int {
	var values []int
	for _, r := range list {
		for v := r.Start; v <= max(r.Start, r.End); v += max(r.Step, 1) {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

func (s Scheduler) readAction(out *schedules.Schedule, action client.ScheduleAction) {
	start, ok := action.(*client.ScheduleWorkflowAction)
	if !ok {
		out.Work = "something that starts no workflow"
		return
	}
	out.Work = fmt.Sprintf("workflow %v on queue %s", start.Workflow, start.TaskQueue)
	for _, k := range schedulables() {
		if start.Workflow == k.workflow && start.TaskQueue == CityQueue.Name(s.QueuePrefix) {
			out.Work = k.Name
		}
	}
	out.Note = strings.TrimPrefix(strings.TrimPrefix(start.StaticSummary, "schedule "+out.ID), ": ")
	var in activities.RecurringRef
	if len(start.Args) != 1 || s.decode(start.Args[0], &in) != nil {
		out.Work += ", with an input that is not its own"
		return
	}
	out.Input = schedules.Input{Ward: in.Ward, Leaves: in.Leaves, Runs: in.Runs, Fairness: in.Fairness}
}

func (s Scheduler) decode(arg, into any) error {
	payload, ok := arg.(*commonpb.Payload)
	if !ok {
		return fmt.Errorf("argument of a schedule: %T", arg)
	}
	dc := s.Converter
	if dc == nil {
		dc = converter.GetDefaultDataConverter()
	}
	return dc.FromPayload(payload, into)
}
