package workers_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/codec"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/schedules"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// regular is a city's file; nothing in it acts by itself while a test runs.
const regular = `city: CITY
schedules:
  - {id: nightly, work: matching, input: {fairness: {floors: [{wards: ["1"], class: food, quantity: 1}]}}, cron: "30 3 1 1 *",
     time_zone: America/New_York, overlap: skip, catch_up: 1h, jitter: 0s,
     pause_on_failure: true, note: before the vans leave}
  - {id: worth, work: valuation, input: {runs: 2}, every: 8760h, overlap: buffer_one, catch_up: 24h, jitter: 5m, pause_on_failure: false}
`

func scheduleFile(t *testing.T, text string, id city.ID) *schedules.File {
	t.Helper()
	f, err := schedules.Parse("s.yaml", []byte(strings.ReplaceAll(text, "CITY", string(id))), workflows.Kinds(), time.Now())
	require.NoError(t, err)
	return f
}

// bureau is a scheduler with a city of its own; its schedules are removed when the test ends.
func bureau(t *testing.T, i *workertest.Installation) (workflows.Scheduler, city.ID) {
	t.Helper()
	s, id := workflows.Scheduler{Client: i.Client, QueuePrefix: i.Prefix}, city.ID(i.Prefix)
	require.NoError(t, workflows.RegisterSearchAttributes(t.Context(), i.Client, i.Namespace))
	t.Cleanup(func() {
		_, err := s.Apply(context.WithoutCancel(t.Context()), &schedules.File{City: id})
		require.NoError(t, err)
	})
	return s, id
}

// listed waits until the server's list shows so many schedules.
func listed(t *testing.T, s workflows.Scheduler, id city.ID, count int) (found []workflows.Scheduled) {
	t.Helper()
	require.Eventually(t, func() bool {
		var err error
		found, err = s.List(t.Context(), id)
		return err == nil && len(found) == count
	}, patience, 100*time.Millisecond, "never %d schedules", count)
	return found
}

// A file is applied, applied again without effect, drift is shown field by field and mended, a pause survives, and what
// the file does not name any more is removed.
func TestSchedulesAreMadeEqualToAFile(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	i := workertest.New(t)
	s, id := bureau(t, i)
	f := scheduleFile(t, regular, id)
	changes, err := s.Apply(ctx, f)
	require.NoError(t, err)
	require.Len(t, changes, 2)
	changes, err = s.Apply(ctx, f)
	require.NoError(t, err)
	require.Empty(t, changes)
	found := listed(t, s, id, 2)
	require.Equal(t, f.Schedules[0].Times, found[0].Times)
	require.Equal(t, "before the vans leave", found[0].Schedule.Note)
	require.Empty(t, found[0].Note, "nobody has paused it")
	handle := i.Client.ScheduleClient().GetHandle(ctx, "schedule@"+i.Prefix+"/"+string(id)+"/nightly")
	requirePage := func(note string) {
		t.Helper()
		described, err := handle.Describe(ctx)
		require.NoError(t, err)
		require.Equal(t, note, described.Schedule.State.Note, "what its page in the Web UI says")
	}
	requirePage("before the vans leave")
	f.Schedules[0].Note = "while the vans are loaded"
	_, err = s.Apply(ctx, f)
	require.NoError(t, err)
	requirePage("while the vans are loaded")

	require.NoError(t, s.Pause(ctx, id, "nightly", "flu"))
	require.NoError(t, handle.Update(ctx, client.ScheduleUpdateOptions{DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
		drifted := in.Description.Schedule
		drifted.Spec.Jitter = time.Hour
		drifted.Spec.TimeZoneName = "UTC"
		drifted.Policy.PauseOnFailure = false
		return &client.ScheduleUpdate{Schedule: &drifted}, nil
	}}))
	changes, err = s.Diff(ctx, f)
	require.NoError(t, err)
	require.Len(t, changes, 1)
	require.Equal(t, []schedules.FieldChange{
		{Field: "times", Server: "30 3 1 1 * in UTC", File: "30 3 1 1 * in America/New_York"},
		{Field: "jitter", Server: "1h0m0s", File: "0s"},
		{Field: "pause_on_failure", Server: "false", File: "true"},
	}, changes[0].Fields)
	_, err = s.Apply(ctx, f)
	require.NoError(t, err)
	mended, err := s.Get(ctx, id, "nightly")
	require.NoError(t, err)
	require.Zero(t, mended.Jitter)
	require.True(t, mended.Paused, "pausing is for people to say")
	require.Equal(t, "flu", mended.Note)
	requirePage("flu")

	f.Schedules = f.Schedules[1:]
	changes, err = s.Apply(ctx, f)
	require.NoError(t, err)
	require.Equal(t, schedules.Remove, changes[0].Action)
	_, err = s.Get(ctx, id, "nightly")
	require.ErrorIs(t, err, workflows.ErrNoSchedule)
}

// With a codec the server holds what a schedule starts sealed; whoever has the keys still sees that nothing drifted.
func TestSchedulesOfSealedPayloadsDoNotDrift(t *testing.T) {
	t.Parallel()
	texts := []string{codecKey(t, "a")}
	keys, err := codec.ParseKeys(texts)
	require.NoError(t, err)
	s, id := bureau(t, workertest.NewWith(t, codecKeys(t, texts...)))
	s.Converter = codec.Converter(keys)
	f := scheduleFile(t, regular, id)
	changes, err := s.Apply(t.Context(), f)
	require.NoError(t, err)
	require.Len(t, changes, 2)
	changes, err = s.Diff(t.Context(), f)
	require.NoError(t, err)
	require.Empty(t, changes)
	s.Converter = nil
	changes, err = s.Diff(t.Context(), f)
	require.NoError(t, err)
	require.Contains(t, changes[0].Fields[0].Server, "an input that is not its own", "without the keys nobody can say")
}

// A change that the server refuses takes those before it back.
func TestNothingIsAppliedHalfway(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, id := bureau(t, workertest.New(t))
	f := scheduleFile(t, regular, id)
	_, err := s.Apply(ctx, f)
	require.NoError(t, err)
	before := listed(t, s, id, 2)

	changed := scheduleFile(t, regular, id)
	changed.Schedules[0].Jitter = time.Minute
	changed.Schedules = append(changed.Schedules[:1], schedules.Schedule{ // worth would be removed, and this one is refused
		ID: "zz-refused", Work: "matching", Overlap: schedules.OverlapSkip, CatchUp: time.Hour, Times: schedules.Times{Every: time.Millisecond},
	})
	changes, err := s.Apply(ctx, changed)
	require.ErrorContains(t, err, "create schedule zz-refused")
	require.ErrorContains(t, err, "nothing was changed")
	require.Empty(t, changes)
	left, err := s.Diff(ctx, f)
	require.NoError(t, err)
	require.Empty(t, left, "as before: %v", before)
}

// What a killed program left is removed by its id and age, and nothing else.
func TestAbandonedSchedulesAreRemoved(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, id := bureau(t, workertest.New(t))
	_, err := s.Apply(ctx, scheduleFile(t, regular, id))
	require.NoError(t, err)
	listed(t, s, id, 2)
	removed, err := s.RemoveAbandoned(ctx, "nightly", time.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Zero(t, removed, "it is young")
	removed, err = s.RemoveAbandoned(ctx, "nightly", time.Now().Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, 1, removed)
	_, err = s.Get(ctx, id, "nightly")
	require.ErrorIs(t, err, workflows.ErrNoSchedule)
	_, err = s.Get(ctx, id, "worth")
	require.NoError(t, err)
}

// What the server makes of a clock that is put forward and back is what docs/schedules.md says of "follow".
func TestDaylightSavingOnTheServer(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, id := bureau(t, workertest.New(t))
	const switches = `city: CITY
schedules:
  - {id: spring, work: matching, cron: "30 2 8-14 3 sun", time_zone: America/New_York, daylight_saving: follow,
     overlap: skip, catch_up: 1h, jitter: 0s, pause_on_failure: true}
  - {id: autumn, work: matching, cron: "30 1 1-7 11 sun", time_zone: America/New_York, daylight_saving: follow,
     overlap: skip, catch_up: 1h, jitter: 0s, pause_on_failure: true}
  - {id: noon, work: matching, cron: "0 12 14 3 *", time_zone: America/New_York, overlap: skip, catch_up: 1h, jitter: 0s, pause_on_failure: true}
`
	_, err := s.Apply(ctx, scheduleFile(t, switches, id))
	require.NoError(t, err)
	spring, err := s.Get(ctx, id, "spring")
	require.NoError(t, err)
	require.Empty(t, spring.Next, "02:30 does not exist on the day on which the clock goes forward")
	autumn, err := s.Get(ctx, id, "autumn")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(autumn.Next), 2)
	require.Equal(t, time.Hour, autumn.Next[1].Sub(autumn.Next[0]), "01:30 comes twice on the day on which it goes back")
	noon, err := s.Get(ctx, id, "noon")
	require.NoError(t, err)
	require.Equal(t, 16, noon.Next[0].UTC().Hour(), "noon of the wall clock, in summer time")
}

// A schedule that is triggered runs a matching run of its own; the second one begins warm where the first one ended, pins
// what was approved and counts what became of the rest. The recurring valuation values the last runs.
func TestScheduledRunsFollowEachOther(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newTown(t, 150)
	w.Worker(t, "scheduled", workflows.CityQueue, workflows.MatchingQueue)
	w.load("i1")
	s, id := bureau(t, w.Installation)
	_, err := s.Apply(ctx, scheduleFile(t, regular, id))
	require.NoError(t, err)

	require.NoError(t, s.Trigger(ctx, id, "nightly"))
	first := w.lastRun(1)
	idle(t, s, id, "nightly")
	require.True(t, strings.HasPrefix(string(first.ID), "nightly-20"), first.ID)
	require.NoError(t, s.Trigger(ctx, id, "nightly"))
	second := w.lastRun(2)
	require.True(t, second.Recurrence.Warm, second.Recurrence.Problem)
	require.Equal(t, first.ID, second.Recurrence.From)
	require.Positive(t, second.Recurrence.Fixed+second.Recurrence.Open)

	fired, err := s.Get(ctx, id, "nightly")
	require.NoError(t, err)
	require.Equal(t, 2, fired.Actions)
	require.Len(t, fired.Recent, 2)
	require.True(t, strings.HasPrefix(fired.Recent[1].WorkflowID, "recurring/"+string(id)+"/nightly-"), fired.Recent[1].WorkflowID)

	require.NoError(t, s.Trigger(ctx, id, "worth"))
	require.Eventually(t, func() bool {
		page, _, err := w.Store.Valuations(ctx, id, postgres.ValuationFilter{Moment: postgres.ExPost}, postgres.Page{Limit: 10})
		return err == nil && len(page) >= 2
	}, patience, 100*time.Millisecond, "both runs are valued")
}

// A schedule that acts by its own interval compares the graph with the rows, mends what somebody else did to it, and says
// how many differed.
func TestScheduledReconciliationMendsTheGraph(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newTown(t, 100)
	w.WithGraph(t)
	w.Worker(t, "scheduled", workflows.CityQueue)
	w.load("i1")
	w.settled()
	people, _, err := w.Store.ListParticipants(ctx, w.id, postgres.ParticipantFilter{}, postgres.Page{Limit: 2})
	require.NoError(t, err)
	require.NoError(t, w.Graph.Repair(ctx, []graph.Subject{
		{City: w.id, ID: people[0].ID, Kind: city.Person, Name: "Somebody else", State: city.ParticipantActive},
		{City: w.id, ID: people[1].ID, Gone: true},
		{City: w.id, ID: "ghost", Kind: city.Person, Name: "Ghost", State: city.ParticipantActive, Vouches: []city.ParticipantID{people[0].ID}},
	}))
	s, id := bureau(t, w.Installation)
	_, err = s.Apply(ctx, scheduleFile(t, `city: CITY
schedules:
  - {id: graph, work: reconciliation, every: 2s, overlap: skip, catch_up: 10s, jitter: 0s, pause_on_failure: true}
`, id))
	require.NoError(t, err)
	var acted workflows.Scheduled // the first time; the server remembers the last ten
	require.Eventually(t, func() bool {
		acted, err = s.Get(ctx, id, "graph")
		return err == nil && len(acted.Recent) > 0
	}, patience, 50*time.Millisecond, "nobody triggered it")
	var found activities.Reconciled
	require.NoError(t, w.Client.GetWorkflow(ctx, acted.Recent[0].WorkflowID, "").Get(ctx, &found))
	require.Equal(t, int64(3), found.Differing)
	w.settled()
	now, err := s.Get(ctx, id, "graph")
	require.NoError(t, err)
	require.False(t, now.Paused)
}

// idle waits until a schedule knows that what it started has ended: under its overlap policy it would skip otherwise.
func idle(t *testing.T, s workflows.Scheduler, c city.ID, id string) {
	t.Helper()
	require.Eventually(t, func() bool {
		found, err := s.Get(t.Context(), c, id)
		return err == nil && len(found.Running) == 0
	}, patience, 50*time.Millisecond)
}

// lastRun waits until so many runs are completed, and returns the newest.
func (w *town) lastRun(count int) (last postgres.Run) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		runs, _, err := w.Store.ListRuns(w.t.Context(), w.id, postgres.Page{Limit: 10})
		if err != nil || len(runs) != count || runs[0].State != postgres.RunCompleted {
			return false
		}
		last = runs[0]
		return true
	}, patience, 50*time.Millisecond, "run %d never completed", count)
	return last
}
