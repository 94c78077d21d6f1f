package demo

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"text/template"
	"time"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

//go:embed schedules.yaml
var schedulesFile string

// ScheduleID is the schedule of the demo's file that fires while it plays.
const ScheduleID = "matching-again"

// Schedules writes the file of what a demo's city does regularly: matching again every so often.
func Schedules(city, ward string, every time.Duration) (string, error) {
	file, err := template.New("schedules.yaml").Parse(schedulesFile)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	err = file.Execute(&text, struct {
		City, Ward string
		Every      time.Duration
	}{city, ward, every})
	return text.String(), err
}

// Fired is an action that a schedule took by itself, and the run that it started.
type Fired struct {
	Schedule string
	Times    string // the schedule's
	At       time.Time
	Run      string
}

// regular lets the schedule fire in the middle of the work: the policy has approved what is small, the first approver has
// refused what he refuses and signed half of the rest, and the other half is open. What the new run makes of all that is
// on record before the people go on.
func (d *Demo) regular(ctx context.Context, outcome *Outcome) error {
	if d.options.Regular == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, d.options.Patience)
	defer cancel()
	if err := d.evening(ctx, outcome); err != nil {
		return err
	}
	if err := d.options.Regular(ctx); err != nil {
		return fmt.Errorf("apply the schedules: %w", err)
	}
	schedule, err := d.fired(ctx)
	if err != nil {
		return fmt.Errorf("schedule %s: %w", ScheduleID, err)
	}
	runs, err := d.scheduledRuns(ctx, int(schedule.Actions))
	if err != nil {
		return fmt.Errorf("runs of schedule %s: %w", ScheduleID, err)
	}
	for i, action := range schedule.Recent[:min(len(schedule.Recent), len(runs))] {
		outcome.Fired = append(outcome.Fired, Fired{Schedule: ScheduleID, Times: schedule.Times, At: action.Meant, Run: runs[i].ID})
	}
	first := runs[0]
	d.progress.Done(5, "schedule", "%s", firing(outcome.Fired[0], first))
	if first.Recurrence != nil {
		d.progress.Note("", "%s", following(*first.Recurrence))
	}
	return nil
}

func firing(f Fired, run crgclient.Run) string {
	r := crgclient.Recurrence{}
	if run.Recurrence != nil {
		r = *run.Recurrence
	}
	return fmt.Sprintf("%s (%s) fired at %s UTC, run %s, %d of %d proposals changed",
		f.Schedule, f.Times, f.At.UTC().Format(time.TimeOnly), f.Run, r.Changed+r.Dropped, r.Open)
}

func following(r crgclient.Recurrence) string {
	begin := "it began cold"
	if r.Warm {
		begin = "it began where run " + r.From + " ended"
	}
	return fmt.Sprintf("%s; %d agreed matches pinned, %d refused pairs left out; open pairs: %d kept, %d with another quantity, %d dropped; %d new",
		begin, r.Fixed, r.Forbidden, r.Kept, r.Changed, r.Dropped, r.Added)
}

// evening is what is done before the run of the night: the late answers, all that the policy can
// approve, every refusal, half the signatures.
func (d *Demo) evening(ctx context.Context, outcome *Outcome) error {
	run := outcome.Run
	if err := d.answer(ctx, d.late, outcome); err != nil {
		return err
	}
	err := poll(ctx, func(ctx context.Context) (bool, error) {
		proposed, err := d.matches(ctx, run, crgclient.MatchStateProposed)
		if err != nil {
			return false, err
		}
		waiting, err := d.waiting(ctx, 0)
		d.progress.Moving("%d proposals, %d of them wait for a person", len(proposed), len(waiting))
		return len(proposed) <= len(waiting), err
	})
	if err != nil {
		return fmt.Errorf("approvals by the policy: %w", err)
	}
	err = d.approveAs(ctx, 0, func(m crgclient.Match) bool {
		return d.refused(m) || draw(d.options.Seed, "evening", pair(m)) < 0.5
	})
	if err != nil {
		return err
	}
	return poll(ctx, func(ctx context.Context) (bool, error) {
		rejected, err := d.matches(ctx, run, crgclient.MatchStateRejected)
		return len(rejected) >= d.tally.refusals, err
	})
}

// fired waits until the schedule has acted, and pauses it: once is enough for a demonstration.
func (d *Demo) fired(ctx context.Context) (crgclient.Schedule, error) {
	err := poll(ctx, func(ctx context.Context) (bool, error) {
		d.progress.Moving("waiting for schedule %s", ScheduleID)
		answer, err := d.coordinator.GetScheduleWithResponse(ctx, ScheduleID)
		if err != nil {
			return false, err
		}
		err = crgclient.Check(answer.StatusCode(), answer.ApplicationProblemJSONDefault)
		return err == nil && answer.JSON200.Actions > 0, err
	})
	if err != nil {
		return crgclient.Schedule{}, err
	}
	paused, err := d.coordinator.PauseScheduleWithResponse(ctx, ScheduleID,
		&crgclient.PauseScheduleParams{IdempotencyKey: key(d.options.Run, "pause", ScheduleID)},
		crgclient.PauseScheduleJSONRequestBody{Note: "once is enough for a demonstration"})
	if err != nil {
		return crgclient.Schedule{}, err
	}
	if err := crgclient.Check(paused.StatusCode(), paused.ApplicationProblemJSONDefault); err != nil {
		return crgclient.Schedule{}, err
	}
	return *paused.JSON200, nil
}

// scheduledRuns waits until the schedule's runs are completed, the oldest first.
func (d *Demo) scheduledRuns(ctx context.Context, count int) (runs []crgclient.Run, err error) {
	err = poll(ctx, func(ctx context.Context) (bool, error) {
		page, err := d.coordinator.ListRunsWithResponse(ctx, &crgclient.ListRunsParams{Limit: 100})
		if err != nil {
			return false, err
		}
		if page.StatusCode() != http.StatusOK {
			return false, crgclient.Check(page.StatusCode(), page.ApplicationProblemJSONDefault)
		}
		runs = nil
		for _, run := range page.JSON200.Items {
			if !strings.HasPrefix(run.ID, ScheduleID+"-") {
				continue
			}
			d.progress.Moving("run %s", run.ID)
			if run.State == "failed" || run.State == "cancelled" {
				return false, fmt.Errorf("run %s ended %s: see %s", run.ID, run.State, run.WebUI)
			}
			if run.State == "completed" {
				runs = append(runs, run)
			}
		}
		return len(runs) >= count, nil
	})
	slices.Reverse(runs)
	return runs, err
}
