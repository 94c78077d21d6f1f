package workflows_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workflows"
)

// cancelling is an environment in which the workflow is cancelled during one step.
type cancelling struct {
	*testsuite.TestWorkflowEnvironment
	during string
	done   []string // steps that ran to their end
}

func newCancelling(t *testing.T, during string) *cancelling {
	t.Helper()
	return &cancelling{TestWorkflowEnvironment: newEnvironment(t), during: during, done: []string{}}
}

// step answers for an activity, during which the workflow may be cancelled: like the real ones, it ends by that.
func step[I, R any](c *cancelling, name string, activity func(context.Context, I) (R, error), answer R) {
	c.OnActivity(activity, mock.Anything, mock.Anything).Return(func(ctx context.Context, _ I) (R, error) {
		if name == c.during {
			c.CancelWorkflow()
			return answer, context.Canceled
		}
		c.done = append(c.done, name)
		return answer, ctx.Err()
	}).Maybe()
}

// requireCancelled wants the workflow to end as cancelled, with nothing done after the step before.
func (c *cancelling) requireCancelled(t *testing.T, steps []string) {
	t.Helper()
	require.True(t, temporal.IsCanceledError(c.GetWorkflowError()), "%v", c.GetWorkflowError())
	require.Equal(t, steps[:slices.Index(steps, c.during)], c.done)
}

func TestEconomicValuationCancelledAtEachStep(t *testing.T) {
	t.Parallel()
	steps := []string{"freeze", "compute", "append"}
	for _, during := range steps {
		t.Run(during, func(t *testing.T) {
			t.Parallel()
			c, values := newCancelling(t, during), (*activities.Values)(nil)
			step(c, "freeze", values.FreezeValuation, activities.FrozenValuation{})
			step(c, "compute", values.ComputeValuation, activities.ComputedValuation{})
			step(c, "append", values.AppendValuation, activities.ValuationResult{})
			c.ExecuteWorkflow(workflows.EconomicValuation, activities.ValuationRef{City: "testville", Scope: activities.ScopeRun, ID: "r1"})
			c.requireCancelled(t, steps)
		})
	}
}

// What an import has loaded stays; its row says how it ended, whenever that was.
func TestImportDatasetCancelledAtEachStep(t *testing.T) {
	t.Parallel()
	for _, during := range []string{"plan", "load", "finish"} {
		t.Run(during, func(t *testing.T) {
			t.Parallel()
			c, imports := newCancelling(t, during), (*activities.Imports)(nil)
			var finished []activities.ImportState
			step(c, "plan", imports.PlanImport, activities.ImportPlan{Datasets: []activities.DatasetPlan{{Dataset: "hotels", Rows: 3}}})
			step(c, "load", imports.LoadDataset, activities.ImportCounts{Read: 3})
			c.OnActivity(imports.FinishImport, mock.Anything, mock.Anything).Return(
				func(_ context.Context, in activities.FinishImportInput) (activities.ImportCounts, error) {
					if in.State == activities.ImportCompleted && during == "finish" {
						c.CancelWorkflow()
						return activities.ImportCounts{}, context.Canceled
					}
					finished = append(finished, in.State)
					return activities.ImportCounts{}, nil
				})
			c.ExecuteWorkflow(workflows.ImportDataset, activities.ImportRef{City: "testville", Import: "i1"})
			require.True(t, temporal.IsCanceledError(c.GetWorkflowError()), "%v", c.GetWorkflowError())
			require.Equal(t, []activities.ImportState{activities.ImportCancelled}, finished)
		})
	}
}

func TestReconcileGraphCancelled(t *testing.T) {
	t.Parallel()
	c, graph := newCancelling(t, "compare"), (*activities.Graph)(nil)
	step(c, "compare", graph.Reconcile, activities.Reconciled{})
	c.ExecuteWorkflow(workflows.ReconcileGraph, activities.ReconcileInput{})
	c.requireCancelled(t, []string{"compare"})
}

func TestProjectGraphCancelledAtEachStep(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state activities.ProjectionState
		work  func() error
		after time.Duration
	}{
		"paused":                {state: activities.ProjectionState{Paused: true}, after: time.Hour},
		"projecting":            {work: func() error { return context.Canceled }},
		"resting after a fault": {work: func() error { return temporal.NewNonRetryableApplicationError("damaged", activities.TypeDamaged, nil) }, after: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, graph := newEnvironment(t), (*activities.Graph)(nil)
			env.OnActivity(graph.ProjectEvents, mock.Anything, mock.Anything).Return(
				func(context.Context, activities.ProjectionState) (activities.Projected, error) {
					if test.after == 0 {
						env.CancelWorkflow()
					}
					return activities.Projected{}, test.work()
				}).Maybe()
			if test.after > 0 {
				env.RegisterDelayedCallback(env.CancelWorkflow, test.after)
			}
			env.ExecuteWorkflow(workflows.ProjectGraph, test.state)
			require.True(t, temporal.IsCanceledError(env.GetWorkflowError()), "%v", env.GetWorkflowError())
		})
	}
}

// A recurring workflow takes its child with it: nothing goes on of what a schedule started and an operator stopped.
func TestRecurringWorkflowsCancelTheirChildren(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]any{"MatchingRun": workflows.RecurringMatching, "EconomicValuation": workflows.RecurringValuation} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, values := newEnvironment(t), (*activities.Values)(nil)
			var child error
			env.RegisterWorkflowWithOptions(func(ctx workflow.Context, _ any) error {
				child = workflow.Sleep(ctx, time.Hour)
				return child
			}, workflow.RegisterOptions{Name: name})
			env.OnActivity(values.LatestRuns, mock.Anything, mock.Anything).Return(activities.LatestRuns{Runs: []city.RunID{"r1", "r2"}}, nil).Maybe()
			env.RegisterDelayedCallback(env.CancelWorkflow, time.Minute)
			env.ExecuteWorkflow(body, activities.RecurringRef{City: "testville", Schedule: "nightly"})
			require.True(t, temporal.IsCanceledError(env.GetWorkflowError()), "%v", env.GetWorkflowError())
			require.True(t, temporal.IsCanceledError(child), "%v", child)
		})
	}
}

// A question that is called off is closed, whenever that was: else nobody could ask again.
func TestConfirmListingCancelledAtEachStep(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"ask": 0, "wait for the reminder": time.Minute, "wait for the end": 90 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, confirmations := newEnvironment(t), (*activities.Confirmations)(nil)
			begin, closed := env.Now(), 0
			env.OnActivity(confirmations.AskHolder, mock.Anything, mock.Anything).Return(
				func(ctx context.Context, in activities.AskHolderInput) (activities.ConfirmView, error) {
					next := activities.Deadline{Step: activities.StepRemind, At: begin.Add(time.Hour)}
					switch {
					case in.GivenUp:
						closed++
						return activities.ConfirmView{Listing: city.ListingUnconfirmed, Outcome: "overtaken"}, nil
					case after == 0:
						env.CancelWorkflow()
						return activities.ConfirmView{}, context.Canceled
					case !env.Now().Before(next.At):
						next = activities.Deadline{Step: activities.StepExpire, At: begin.Add(2 * time.Hour)}
					}
					return activities.ConfirmView{Listing: city.ListingUnconfirmed, Next: next}, ctx.Err()
				})
			if after > 0 {
				env.RegisterDelayedCallback(env.CancelWorkflow, after)
			}
			env.ExecuteWorkflow(workflows.ConfirmListing, activities.ConfirmRef{City: "testville", Listing: "chair", Request: "q"})
			require.True(t, temporal.IsCanceledError(env.GetWorkflowError()), "%v", env.GetWorkflowError())
			require.Equal(t, 1, closed)
		})
	}
}

// Documents wait for nobody in particular: a cancelled verification holds nothing, and whoever submits or reviews the next
// one starts it again.
func TestVerifyDocumentsCancelledAtEachStep(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(48 * time.Hour)
	for name, view := range map[string]activities.DocumentsView{
		"look":                  {},
		"wait for a reviewer":   {State: city.ParticipantActive, Submitted: 1, Open: true},
		"wait for the deadline": {State: city.ParticipantActive, Open: true, Next: &later},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			looks, err := runDocuments(t, []activities.DocumentsView{view}, func(env documentsEnv) {
				after := time.Hour
				if name == "look" {
					after = 0
				}
				env.RegisterDelayedCallback(env.CancelWorkflow, after)
			})
			require.True(t, temporal.IsCanceledError(err), "%v", err)
			require.LessOrEqual(t, len(looks), 1)
		})
	}
}

// An applicant whose onboarding is cancelled stays where it is: nothing is held, and a new start goes on from there. That
// holds for the review after an appeal too.
func TestOnboardParticipantCancelledAtEachStep(t *testing.T) {
	t.Parallel()
	steps := []string{"load", "validate", "duplicates", "locate", "screen", "conclude"}
	for _, during := range steps {
		t.Run(during, func(t *testing.T) {
			t.Parallel()
			c, onboarding := newCancelling(t, during), (*activities.Onboarding)(nil)
			step(c, "load", onboarding.LoadApplicant, activities.ApplicantView{State: city.ParticipantApplied})
			step(c, "validate", onboarding.ValidateApplicant, activities.Findings{})
			step(c, "duplicates", onboarding.FindDuplicates, activities.Findings{})
			step(c, "locate", onboarding.LocateApplicant, activities.Findings{})
			step(c, "screen", onboarding.ScreenApplicant, activities.Findings{})
			step(c, "conclude", onboarding.Conclude, activities.ApplicantView{State: city.ParticipantActive})
			c.ExecuteWorkflow(workflows.OnboardParticipant, activities.ApplicantRef{City: "testville", Participant: "stores.17"})
			c.requireCancelled(t, steps)
		})
	}
	for name, test := range map[string]struct {
		appeal bool
		after  time.Duration
		passed int
	}{
		"wait for the reviewer":     {after: time.Minute},
		"wait for the deputy":       {after: escalateAfter + time.Minute, passed: 2},
		"wait after an appeal":      {appeal: true, after: time.Minute},
		"wait long after an appeal": {appeal: true, after: remindAfter + time.Minute, passed: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApplicantWorld(t, city.ParticipantApplied)
			a.findings = map[string]activities.Findings{"screen": {Flags: []string{"placeholder name"}}}
			if test.appeal {
				a.state, a.appeals = city.ParticipantRejected, true
				a.RegisterDelayedCallback(func() { a.SignalWorkflow(workflows.SignalAppeal, workflows.DecisionSignal{DecisionID: "a"}) }, 0)
			}
			a.RegisterDelayedCallback(a.CancelWorkflow, test.after)
			_, err := a.run()
			require.True(t, temporal.IsCanceledError(err), "%v", err)
			require.Equal(t, city.ParticipantInReview, a.state)
			require.Len(t, a.passed, test.passed)
		})
	}
}
