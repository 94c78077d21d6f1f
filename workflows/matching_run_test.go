package workflows_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// runWorld answers for the activities of a run and counts their calls.
type runWorld struct {
	*testsuite.TestWorkflowEnvironment
	ref    activities.RunRef
	shards int
	during map[string]func()
	fail   map[string]error

	inherited  []postgres.FloorKept
	recurrence activities.Recurrence
	superseded int64

	priced    int
	solved    atomic.Int64
	started   int
	withdrawn int
	stopped   int
	finished  []activities.RunState
}

func newRunWorld(t *testing.T, floors ...city.Floor) *runWorld {
	t.Helper()
	r := &runWorld{
		TestWorkflowEnvironment: newEnvironment(t), ref: activities.RunRef{City: "testville", Run: "r1", Ward: "6"},
		shards: 5, during: map[string]func(){}, fail: map[string]error{},
	}
	r.ref.Fairness.Floors = floors
	r.answer()
	return r
}

// aFloor is what a run may be asked to keep.
var aFloor = city.Floor{Wards: []string{"6"}, Class: city.Food, Quantity: 7}

func (r *runWorld) step(name string) error {
	if act := r.during[name]; act != nil {
		act()
	}
	return r.fail[name]
}

func (r *runWorld) answer() {
	var (
		runs   *activities.Runs
		engine *activities.Engine
		starts *activities.Starts
		values *activities.Values
	)
	proof := activities.Proof{Bound: 110, Achieved: 107, Gap: 3}
	r.RegisterWorkflow(workflows.EconomicValuation)
	r.OnActivity(runs.FreezeSnapshot, mock.Anything, r.ref).Return(func(context.Context, activities.RunRef) (activities.Snapshot, error) {
		return activities.Snapshot{RunRef: r.ref, Resources: 20, Needs: 10, Inherited: r.inherited}, r.step("freeze")
	}).Maybe()
	r.OnActivity(engine.PriceFloors, mock.Anything, mock.Anything).Return(func(_ context.Context, s activities.Snapshot) (activities.Snapshot, error) {
		r.priced++
		s.Blob.Key = "priced"
		s.Priced = &activities.PricedFloors{Floors: s.Inherited}
		for _, floor := range s.Fairness.Floors {
			s.Priced.Floors = append(s.Priced.Floors, postgres.FloorKept{Floor: floor, Least: 7})
		}
		return s, r.step("price")
	}).Maybe()
	r.OnActivity(engine.PlanShards, mock.Anything, mock.Anything).Return(func(_ context.Context, s activities.Snapshot) (activities.Plan, error) {
		return activities.Plan{RunRef: s.RunRef, Snapshot: s.Blob, Candidates: 90, Shards: r.shards, Priced: s.Priced}, r.step("plan")
	}).Maybe()
	r.OnActivity(engine.SolveShard, mock.Anything, mock.Anything).Return(func(context.Context, activities.SolveShardInput) (activities.SolvedShard, error) {
		r.solved.Add(1)
		return activities.SolvedShard{}, r.step("solve")
	}).Maybe()
	r.OnActivity(engine.VerifyRun, mock.Anything, mock.Anything).Return(func(_ context.Context, p activities.VerifyRunInput) (activities.Proven, error) {
		proven := activities.Proven{RunRef: p.RunRef, Proof: proof, Recurrence: r.recurrence}
		if p.Priced != nil {
			reached, price := int64(9), int64(4)
			proven.Kept = &activities.Fairness{Floors: p.Priced.Floors, CostMinor: &price, CostAtMost: &price}
			proven.Kept.Floors[0].Reached, proven.Kept.Floors[0].PriceMinor = &reached, &price
		}
		return proven, r.step("verify")
	}).Maybe()
	r.OnActivity(runs.RecordProposals, mock.Anything, mock.Anything).Return(func(context.Context, activities.Proven) (activities.Recorded, error) {
		return activities.Recorded{Recorded: 7, Skipped: 3, Inactive: 2, Superseded: r.superseded}, r.step("record")
	}).Maybe()
	r.OnActivity(starts.StartMatches, mock.Anything, r.ref).Return(func(context.Context, activities.RunRef) (activities.Started, error) {
		r.started++
		return activities.Started{Started: 7}, r.step("start")
	}).Maybe()
	r.OnActivity(starts.WithdrawProposals, mock.Anything, r.ref).Return(func(context.Context, activities.RunRef) (activities.Started, error) {
		r.withdrawn++
		return activities.Started{}, nil
	}).Maybe()
	r.OnActivity(starts.StopSuperseded, mock.Anything, r.ref).Return(func(context.Context, activities.RunRef) (activities.Started, error) {
		r.stopped++
		return activities.Started{Started: r.superseded}, nil
	}).Maybe()
	r.OnActivity(runs.FinishRun, mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.FinishRunInput) (activities.RunState, error) {
		r.finished = append(r.finished, in.State)
		return in.State, nil
	}).Maybe()
	r.OnActivity(values.FreezeValuation, mock.Anything, mock.Anything).Return(
		func(_ context.Context, ref activities.ValuationRef) (activities.FrozenValuation, error) {
			return activities.FrozenValuation{ValuationRef: ref}, r.step("value")
		}).Maybe()
	r.OnActivity(values.ComputeValuation, mock.Anything, mock.Anything).Return(activities.ComputedValuation{}, nil).Maybe()
	r.OnActivity(values.AppendValuation, mock.Anything, mock.Anything).Return(activities.ValuationResult{NSVMinor: 4_000_000, Currency: "USD"}, nil).Maybe()
}

func (r *runWorld) run() (activities.RunSummary, error) {
	r.ExecuteWorkflow(workflows.MatchingRun, r.ref)
	var summary activities.RunSummary
	if err := r.GetWorkflowError(); err != nil {
		return summary, err
	}
	return summary, r.GetWorkflowResult(&summary)
}

func TestMatchingRun(t *testing.T) {
	t.Parallel()
	r := newRunWorld(t)
	summary, err := r.run()
	require.NoError(t, err)
	require.EqualValues(t, 5, r.solved.Load())
	require.Equal(t, 1, r.started)
	require.Zero(t, r.withdrawn)
	require.Equal(t, []activities.RunState{activities.RunCompleted}, r.finished)
	require.Equal(t, activities.RunSummary{
		Resources: 20, Needs: 10, Candidates: 90, Proof: activities.Proof{Bound: 110, Achieved: 107, Gap: 3},
		Recorded: 7, Skipped: 3, Inactive: 2, Value: activities.ValuationResult{NSVMinor: 4_000_000, Currency: "USD"},
	}, summary)
	answer, err := r.QueryWorkflow(workflows.QueryProgress)
	require.NoError(t, err)
	var progress workflows.RunProgress
	require.NoError(t, answer.Get(&progress))
	require.Equal(t, "done", progress.Step)
	require.Equal(t, 5, progress.Solved)
	require.Zero(t, r.priced, "nobody asked for floors")
}

// A run with floors finds their price first and goes on with the snapshot that holds it; what became of them is in its
// result and on its page. One that cannot keep them ends before anything is proposed.
func TestMatchingRunWithFloors(t *testing.T) {
	t.Parallel()
	r := newRunWorld(t, aFloor)
	summary, err := r.run()
	require.NoError(t, err)
	require.Equal(t, 1, r.priced)
	require.EqualValues(t, 9, *summary.Fairness.Floors[0].Reached)
	answer, err := r.QueryWorkflow(workflows.QueryProgress)
	require.NoError(t, err)
	var progress workflows.RunProgress
	require.NoError(t, answer.Get(&progress))
	require.Equal(t, summary.Fairness, progress.Fairness)

	r = newRunWorld(t)
	r.inherited = []postgres.FloorKept{{Floor: aFloor, From: "r0", Least: 7}}
	_, err = r.run()
	require.NoError(t, err)
	require.Equal(t, 1, r.priced, "what open proposals of an earlier run promise is kept, too")

	r = newRunWorld(t, aFloor)
	r.fail["price"] = temporal.NewNonRetryableApplicationError("the floor of 7 kg of food for ward 6 cannot be kept", activities.TypeUnreachable, nil)
	_, err = r.run()
	require.ErrorContains(t, err, "cannot be kept")
	require.Equal(t, []activities.RunState{activities.RunFailed}, r.finished)
	require.Zero(t, r.solved.Load())
	require.Zero(t, r.started)
}

// Cancelled in whatever step, by signal or as a workflow, a run takes back its open proposals and says so in its row.
func TestMatchingRunCancelledAtEachStep(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"freeze", "price", "plan", "solve", "verify", "record", "start", "value"} {
		for how, cancel := range map[string]func(r *runWorld){
			"signal":   func(r *runWorld) { r.SignalWorkflow(workflows.SignalCancel, nil) },
			"workflow": func(r *runWorld) { r.CancelWorkflow() },
		} {
			t.Run(step+" by "+how, func(t *testing.T) {
				t.Parallel()
				r := newRunWorld(t, aFloor)
				r.during[step] = func() { cancel(r) }
				_, err := r.run()
				require.True(t, temporal.IsCanceledError(err), "%v", err)
				require.Equal(t, 1, r.withdrawn)
				require.Equal(t, []activities.RunState{activities.RunCancelled}, r.finished)
			})
		}
	}
}

func TestMatchingRunFails(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"verify", "record", "start"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			r := newRunWorld(t)
			r.fail[step] = temporal.NewNonRetryableApplicationError("the certificate does not hold", activities.TypeDamaged, nil)
			_, err := r.run()
			require.ErrorContains(t, err, "does not hold")
			require.Equal(t, 1, r.withdrawn)
			require.Equal(t, []activities.RunState{activities.RunFailed}, r.finished)
		})
	}
}

// What a run proposed stands and goes on when only its value cannot be stated: it is completed, and says so.
func TestMatchingRunWhoseValueFails(t *testing.T) {
	t.Parallel()
	r := newRunWorld(t)
	r.fail["value"] = temporal.NewNonRetryableApplicationError("no such method", activities.TypeDamaged, nil)
	summary, err := r.run()
	require.NoError(t, err)
	require.Zero(t, r.withdrawn)
	require.Equal(t, []activities.RunState{activities.RunCompleted}, r.finished)
	require.EqualValues(t, 7, summary.Recorded)
	require.Equal(t, "its value could not be stated: no such method", summary.Unvalued)
}

// Whoever cancels the valuation alone has not cancelled the run: nothing is taken back.
func TestMatchingRunWhoseValuationAloneIsCancelled(t *testing.T) {
	t.Parallel()
	r := newRunWorld(t)
	r.fail["value"] = temporal.NewCanceledError()
	summary, err := r.run()
	require.NoError(t, err)
	require.Zero(t, r.withdrawn)
	require.Equal(t, []activities.RunState{activities.RunCompleted}, r.finished)
	require.Equal(t, "its value could not be stated: cancelled", summary.Unvalued)
}

func TestMatchingRunCancelSignalTwiceAndLate(t *testing.T) {
	t.Parallel()
	r := newRunWorld(t)
	r.during["solve"] = func() {
		r.SignalWorkflow(workflows.SignalCancel, nil)
		r.SignalWorkflow(workflows.SignalCancel, "please")
	}
	r.RegisterDelayedCallback(func() { r.SignalWorkflow(workflows.SignalCancel, nil) }, time.Hour)
	_, err := r.run()
	require.True(t, temporal.IsCanceledError(err), "%v", err)
	require.Equal(t, 1, r.withdrawn)
}

// A run that replaces open proposals ends their workflows, also when it fails after that was recorded; what it says of the
// runs before it is in its result and on its page.
func TestMatchingRunThatFollowsAnother(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		r := newRunWorld(t)
		price := int64(12)
		r.recurrence = activities.Recurrence{From: "r0", Warm: true, Fixed: 4, Open: 9, Kept: 6, Dropped: 3, PriceMinor: &price, PriceAtMost: &price}
		r.superseded = 3
		if fails {
			r.fail["start"] = temporal.NewNonRetryableApplicationError("no", activities.TypeDamaged, nil)
		}
		summary, err := r.run()
		require.Equal(t, fails, err != nil)
		require.Equal(t, 1, r.stopped)
		if !fails {
			require.EqualValues(t, 3, summary.Recurrence.Superseded)
			require.True(t, summary.Recurrence.Warm)
			require.Equal(t, city.RunID("r0"), summary.Recurrence.From)
		}
	}
}
