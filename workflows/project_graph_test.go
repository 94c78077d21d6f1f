package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/workflows"
)

// projection runs ProjectGraph with an activity that does what each attempt says.
func projection(t *testing.T, state activities.ProjectionState, work func(context.Context) (activities.Projected, error)) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	env := newEnvironment(t)
	env.RegisterWorkflow(workflows.ProjectGraph)
	env.RegisterActivityWithOptions(func(ctx context.Context, _ activities.ProjectionState) (activities.Projected, error) {
		return work(ctx)
	},
		activity.RegisterOptions{Name: "ProjectEvents"})
	env.ExecuteWorkflow(workflows.ProjectGraph, state)
	require.True(t, env.IsWorkflowCompleted())
	return env
}

func carried(t *testing.T, env *testsuite.TestWorkflowEnvironment) (state activities.ProjectionState) {
	t.Helper()
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, env.GetWorkflowError(), &again)
	require.Equal(t, "ProjectGraph", again.WorkflowType.Name)
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(again.Input, &state))
	return state
}

func TestProjectionGoesOnInANewHistory(t *testing.T) {
	t.Parallel()
	env := projection(t, activities.ProjectionState{Events: 5}, func(context.Context) (activities.Projected, error) {
		return activities.Projected{Events: 2}, nil
	})
	require.Equal(t, activities.ProjectionState{Events: 5 + 2*30}, carried(t, env))
}

func TestProjectionOutlivesWhatNoRetryMends(t *testing.T) {
	t.Parallel()
	attempts := 0
	env := projection(t, activities.ProjectionState{}, func(context.Context) (activities.Projected, error) {
		if attempts++; attempts%2 == 0 {
			return activities.Projected{}, temporal.NewNonRetryableApplicationError("broken", activities.TypeInvalid, errors.New("broken"))
		}
		return activities.Projected{Events: 1}, nil
	})
	require.Equal(t, activities.ProjectionState{Events: 15}, carried(t, env))
}

func TestProjectionPausesAndGoesOn(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.RegisterWorkflow(workflows.ProjectGraph)
	working := 0
	env.RegisterActivityWithOptions(func(context.Context, activities.ProjectionState) (activities.Projected, error) {
		working++
		return activities.Projected{Events: 1}, nil
	}, activity.RegisterOptions{Name: "ProjectEvents"})
	env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.SignalPause, false) }, time.Hour)
	env.RegisterDelayedCallback(func() { require.Zero(t, working, "it is paused") }, 59*time.Minute)
	env.ExecuteWorkflow(workflows.ProjectGraph, activities.ProjectionState{Paused: true})
	require.Equal(t, activities.ProjectionState{Events: 29}, carried(t, env), "one turn was spent paused")
}
