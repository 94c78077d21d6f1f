package workflows_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/workflows"
)

// A round that fails, for a reason that no retry mends, is followed by the next one; and the history stays short.
func TestThePublisherGoesOnForEver(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	var relay *activities.Relay
	rounds := 0
	env.OnActivity(relay.RelayEvents, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.RelayRound) (activities.RelaySummary, error) {
			require.Positive(t, in.Length)
			rounds++
			if rounds%7 == 0 {
				return activities.RelaySummary{}, temporal.NewNonRetryableApplicationError("refused", activities.TypeInvalid, nil)
			}
			return activities.RelaySummary{Numbered: 1}, nil
		})
	env.ExecuteWorkflow(workflows.PublishEvents)
	require.True(t, env.IsWorkflowCompleted())
	require.True(t, workflow.IsContinueAsNewError(env.GetWorkflowError()), "%v", env.GetWorkflowError())
	require.Equal(t, 50, rounds)
}

func TestThePublisherEndsWhenItIsCancelled(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	var relay *activities.Relay
	env.OnActivity(relay.RelayEvents, mock.Anything, mock.Anything).Return(
		func(context.Context, activities.RelayRound) (activities.RelaySummary, error) {
			env.CancelWorkflow()
			return activities.RelaySummary{}, temporal.NewCanceledError()
		})
	env.ExecuteWorkflow(workflows.PublishEvents)
	require.True(t, env.IsWorkflowCompleted())
	require.True(t, temporal.IsCanceledError(env.GetWorkflowError()), "%v", env.GetWorkflowError())
}
