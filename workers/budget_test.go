package workers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"golang.org/x/sync/errgroup"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// The house's limits, far below the server's.
const (
	mostEvents  = 2000
	mostBytes   = 1 << 20
	mostPayload = 64 << 10
)

// budget reads a workflow's histories, one for each time that it started a new one, and holds them to the limits.
func budget(t *testing.T, i *workertest.Installation, workflowID string) (histories int) {
	t.Helper()
	for runID := ""; ; {
		events, size := 0, 0
		var first *history.HistoryEvent
		iterator := i.Client.GetWorkflowHistory(t.Context(), workflowID, runID, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for iterator.HasNext() {
			event, err := iterator.Next()
			require.NoError(t, err)
			if first == nil {
				first = event
			}
			events++
			size += event.Size()
			require.NoError(t, proxy.VisitPayloads(t.Context(), event, proxy.VisitPayloadsOptions{
				SkipSearchAttributes: true,
				Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*common.Payload) ([]*common.Payload, error) {
					for _, payload := range payloads {
						require.Less(t, len(payload.GetData()), mostPayload, "a payload of %s", event.GetEventType())
					}
					return payloads, nil
				},
			}))
		}
		require.Less(t, events, mostEvents)
		require.Less(t, size, mostBytes)
		t.Logf("%s: %d events, %d bytes", workflowID, events, size)
		histories++
		runID = first.GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
		if runID == "" {
			return histories
		}
	}
}

// largeRun answers for the activities of a run with 5,000 proposals as large as they get: long names and all shards.
func largeRun(w worker.Worker) {
	long := strings.Repeat("x", 100)
	ref := blobs.Ref{URI: "s3://" + long, Key: long + "/" + long, Size: 1 << 40, SHA256: strings.Repeat("0", 64)}
	name := func(name string) activity.RegisterOptions { return activity.RegisterOptions{Name: name} }
	w.RegisterActivityWithOptions(func(_ context.Context, in activities.RunRef) (activities.Snapshot, error) {
		return activities.Snapshot{RunRef: in, Blob: ref, Resources: 1 << 20, Needs: 1 << 20}, nil
	}, name("FreezeSnapshot"))
	w.RegisterActivityWithOptions(func(_ context.Context, in activities.Snapshot) (activities.Plan, error) {
		return activities.Plan{RunRef: in.RunRef, Snapshot: ref, Blob: ref, Candidates: 1 << 30, Components: 5000, Shards: 64}, nil
	}, name("PlanShards"))
	w.RegisterActivityWithOptions(func(context.Context, activities.SolveShardInput) (activities.SolvedShard, error) {
		return activities.SolvedShard{Blob: ref, Achieved: 1 << 60, Bound: 1 << 60}, nil
	}, name("SolveShard"))
	w.RegisterActivityWithOptions(func(_ context.Context, in activities.VerifyRunInput) (activities.Proven, error) {
		return activities.Proven{RunRef: in.RunRef, Allocation: ref, Proposals: 5000, Proof: activities.Proof{Certificate: ref}}, nil
	}, name("VerifyRun"))
	w.RegisterActivityWithOptions(func(context.Context, activities.Proven) (activities.Recorded, error) {
		return activities.Recorded{Recorded: 5000}, nil
	}, name("RecordProposals"))
	w.RegisterActivityWithOptions(func(context.Context, activities.RunRef) (activities.Started, error) {
		return activities.Started{Started: 5000}, nil
	}, name("StartMatches"))
	w.RegisterActivityWithOptions(func(_ context.Context, in activities.ValuationRef) (activities.FrozenValuation, error) {
		return activities.FrozenValuation{ValuationRef: in, Inputs: ref, Matches: 5000}, nil
	}, name("FreezeValuation"))
	w.RegisterActivityWithOptions(func(_ context.Context, in activities.FrozenValuation) (activities.ComputedValuation, error) {
		return activities.ComputedValuation{FrozenValuation: in, Result: ref}, nil
	}, name("ComputeValuation"))
	w.RegisterActivityWithOptions(func(_ context.Context, in activities.ComputedValuation) (activities.ValuationResult, error) {
		return in.Totals, nil
	}, name("AppendValuation"))
	w.RegisterActivityWithOptions(func(_ context.Context, in activities.FinishRunInput) (activities.RunState, error) {
		return in.State, nil
	}, name("FinishRun"))
}

// The history of a run does not grow with what it proposes.
func TestRunOfFiveThousandProposalsStaysInItsBudget(t *testing.T) {
	t.Parallel()
	i := workertest.New(t)
	for _, queue := range []workflows.Queue{workflows.CityQueue, workflows.MatchingQueue} {
		w := worker.New(i.Client, queue.Name(i.Prefix), worker.Options{})
		w.RegisterWorkflow(workflows.MatchingRun)
		w.RegisterWorkflow(workflows.EconomicValuation)
		largeRun(w)
		require.NoError(t, w.Start())
		t.Cleanup(w.Stop)
	}
	ref := activities.RunRef{City: city.ID(i.Prefix), Run: city.RunID(strings.Repeat("r", 100))}
	for n := range 40 {
		ref.Leaves = append(ref.Leaves, city.Leaf(fmt.Sprintf("class.leaf-number-%d", n)))
	}
	started, err := i.Starter.MatchingRun(t.Context(), ref)
	require.NoError(t, err)
	require.NoError(t, i.Client.GetWorkflow(t.Context(), started.WorkflowID, started.RunID).Get(t.Context(), nil))
	require.Equal(t, 1, budget(t, i, started.WorkflowID))
}

// The history of an import does not grow with its data sets beyond the steps that the plan allows.
func TestImportOfManyDataSetsStaysInItsBudget(t *testing.T) {
	t.Parallel()
	i := workertest.New(t)
	w := worker.New(i.Client, workflows.CityQueue.Name(i.Prefix), worker.Options{})
	w.RegisterWorkflow(workflows.ImportDataset)
	name := func(name string) activity.RegisterOptions { return activity.RegisterOptions{Name: name} }
	w.RegisterActivityWithOptions(func(_ context.Context, in activities.ImportRef) (activities.ImportPlan, error) {
		plan := activities.ImportPlan{ImportRef: in}
		for n := range 100 {
			step := activities.DatasetPlan{Dataset: fmt.Sprintf("a-data-set-with-a-long-name-%d", n)}
			for m := range 10 {
				step.And = append(step.And, fmt.Sprintf("a-data-set-with-a-long-name-%d-%d", n, m))
			}
			plan.Datasets = append(plan.Datasets, step)
		}
		return plan, nil
	}, name("PlanImport"))
	w.RegisterActivityWithOptions(func(context.Context, activities.LoadDatasetInput) (activities.ImportCounts, error) {
		return activities.ImportCounts{Read: 1 << 40, Listing: 1 << 40}, nil
	}, name("LoadDataset"))
	w.RegisterActivityWithOptions(func(context.Context, activities.FinishImportInput) (activities.ImportCounts, error) {
		return activities.ImportCounts{}, nil
	}, name("FinishImport"))
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	started, err := i.Starter.ImportDataset(t.Context(), activities.ImportRef{City: city.ID(i.Prefix), Import: "many", Profile: "p", Source: "s"})
	require.NoError(t, err)
	require.NoError(t, i.Client.GetWorkflow(t.Context(), started.WorkflowID, started.RunID).Get(t.Context(), nil))
	require.Equal(t, 1, budget(t, i, started.WorkflowID))
}

// A flood of signals makes a match start a new history, in which it goes on as before.
func TestMatchUnderAFloodOfSignals(t *testing.T) {
	t.Parallel()
	w := newTown(t, 400)
	w.Worker(t, "v1", workflows.CityQueue, workflows.MatchingQueue)
	w.load("i1")
	w.match()
	m := w.waiting(w.matches())
	ref := activities.MatchRef{City: w.id, Match: m.ID}
	known := w.decide(m, city.DecisionApprove, city.Giver, "somebody", 0)
	for range 17 { // in waves, as a flood over the API would come
		var group errgroup.Group
		group.SetLimit(8)
		for range 100 {
			group.Go(func() error {
				return w.Starter.SignalDecision(t.Context(), ref, city.DecisionApprove, known)
			})
		}
		require.NoError(t, group.Wait())
	}
	w.approve(m)
	w.decide(m, city.DecisionCancel, city.Giver, "giver", 0)
	require.Equal(t, city.MatchCancelled, w.end(m.ID).State)
	require.Greater(t, budget(t, w.Installation, workflows.MatchID(ref)), 1)
}
