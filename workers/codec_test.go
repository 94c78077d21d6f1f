package workers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/codec"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

func codecKeys(t *testing.T, texts ...string) func(*client.Options) {
	t.Helper()
	keys, err := codec.ParseKeys(texts)
	require.NoError(t, err)
	return secured(keys)
}

func secured(keys *codec.Keys) func(*client.Options) {
	return func(o *client.Options) { codec.Secure(o, keys) }
}

func codecKey(t *testing.T, id string) string {
	t.Helper()
	key, err := codec.NewKey(id)
	require.NoError(t, err)
	return key
}

// history is a workflow's history as whoever reads the server's database sees it.
func historyText(t *testing.T, i *workertest.Installation, workflowID string) string {
	t.Helper()
	var text strings.Builder
	events := i.Client.GetWorkflowHistory(t.Context(), workflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		text.WriteString(event.String())
	}
	return text.String()
}

// With keys the whole main job runs as it does without, and no history says what it carried.
func TestWorkflowsCarryNothingThatTheServerCanRead(t *testing.T) {
	t.Parallel()
	w := newTownIn(t, workertest.NewWith(t, codecKeys(t, codecKey(t, "a"))), 200)
	w.Worker(t, "sealed", workflows.CityQueue, workflows.MatchingQueue)
	w.load("i1")
	require.Positive(t, w.match().Recorded)
	_, err := w.Starter.ImportDataset(t.Context(), activities.ImportRef{City: w.id, Import: "broken", Profile: "generated", Source: "/no/such/pantry"})
	require.NoError(t, err)
	require.Error(t, w.Client.GetWorkflow(t.Context(), workflows.ImportID(w.id, "broken"), "").Get(t.Context(), nil))
	for id, secret := range map[string]string{
		workflows.ImportID(w.id, "i1"): w.source, workflows.RunID(w.id, "r1"): "snapshot", workflows.ImportID(w.id, "broken"): "pantry",
	} {
		require.NotContains(t, historyText(t, w.Installation, id), secret)
		requireSealed(t, w.Installation, id)
	}
}

// requireSealed looks at every payload but the search attributes, by which the server searches.
func requireSealed(t *testing.T, i *workertest.Installation, workflowID string) {
	t.Helper()
	payloads := 0
	events := i.Client.GetWorkflowHistory(t.Context(), workflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		require.NoError(t, proxy.VisitPayloads(t.Context(), event, proxy.VisitPayloadsOptions{
			SkipSearchAttributes: true,
			Visitor: func(_ *proxy.VisitPayloadsContext, found []*common.Payload) ([]*common.Payload, error) {
				for _, payload := range found {
					payloads++
					require.Equal(t, "binary/encrypted", string(payload.GetMetadata()["encoding"]), "in %s: %s", event.GetEventType(), payload.GetData())
				}
				return found, nil
			},
		}))
	}
	require.Positive(t, payloads)
}

// A worker that lacks a key waits for it: the task fails, with the key's id, and is given out again until a worker has it.
func TestAPayloadOfAnUnknownKeyIsNotLost(t *testing.T) {
	t.Parallel()
	old, fresh := codecKey(t, "2025"), codecKey(t, "2026")
	sender := workertest.NewWith(t, codecKeys(t, old))
	id, queue := "codec/"+sender.Prefix, sender.Prefix+"-codec"
	serve := func(configure func(*client.Options)) (stop func()) {
		w := worker.New(workertest.NewWith(t, configure).Client, queue, worker.Options{})
		w.RegisterWorkflowWithOptions(echo, workflow.RegisterOptions{Name: "echo"})
		w.RegisterActivity(repeat)
		require.NoError(t, w.Start())
		return w.Stop
	}
	stop := serve(codecKeys(t, fresh))
	_, err := sender.Client.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: id, TaskQueue: queue, WorkflowTaskTimeout: 5 * time.Second, // what a stopped worker still holds is given out again then
	}, "echo", "hello")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		text := historyText(t, sender, id)
		return strings.Contains(text, "WORKFLOW_TASK_FAILED") && strings.Contains(text, "2025")
	}, patience, 50*time.Millisecond, "the failed task names the key")
	described, err := sender.Client.DescribeWorkflowExecution(t.Context(), id, "")
	require.NoError(t, err)
	require.Equal(t, enums.WORKFLOW_EXECUTION_STATUS_RUNNING, described.GetWorkflowExecutionInfo().GetStatus())
	stop()
	both := codecKeys(t, fresh, old)
	t.Cleanup(serve(both))
	var said string
	require.NoError(t, workertest.NewWith(t, both).Client.GetWorkflow(t.Context(), id, "").Get(t.Context(), &said))
	require.Equal(t, "hello, hello", said)
	err = sender.Client.GetWorkflow(t.Context(), id, "").Get(t.Context(), &said)
	require.ErrorContains(t, err, `sealed with key "2026", and the keys here are 2025`)
}

func echo(ctx workflow.Context, text string) (string, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 10 * time.Second})
	err := workflow.ExecuteActivity(ctx, repeat, text).Get(ctx, &text)
	return text, err
}

func repeat(_ context.Context, text string) (string, error) {
	return fmt.Sprintf("%s, %s", text, text), nil
}
