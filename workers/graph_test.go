package workers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/sdk/v1"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/projection"
	"github.com/city-resource-graph/crg/workflows"
)

// settled waits until the graph holds what the rows say and no event is left: one that says nothing new would still write
// over what a test does to the graph.
func (w *town) settled() projection.Comparison {
	w.t.Helper()
	projector := &projection.Projector{Store: w.Store, Graph: w.Graph}
	var compared projection.Comparison
	var differ []city.ParticipantID
	var err error
	defer func() {
		if w.t.Failed() {
			w.t.Logf("differing: %v, error: %v", differ, err)
		}
	}()
	require.Eventually(w.t, func() bool {
		var lag map[string]time.Duration
		if lag, err = w.Store.OutboxLag(w.t.Context()); err != nil || lag["relay"]+lag[projection.Consumer] > 0 {
			return false
		}
		compared, differ, err = projector.Compare(w.t.Context(), w.id, func() {})
		return err == nil && len(differ) == 0
	}, patience, 200*time.Millisecond, "the graph never became equal to the rows")
	return compared
}

func (w *town) reconciled() (found activities.Reconciled) {
	w.t.Helper()
	w.await(&found)(w.Starter.ReconcileGraph(w.t.Context(), activities.ReconcileInput{}))
	return found
}

// pausedProjection pauses projection, lets it go on and ends it.
func (w *town) pausedProjection() {
	w.t.Helper()
	id := workflows.ProjectionID(w.Prefix)
	require.NoError(w.t, w.Starter.PauseProjection(w.t.Context(), true))
	w.details(id, "paused")
	require.NoError(w.t, w.Starter.PauseProjection(w.t.Context(), false))
	w.details(id, "projecting")
	require.NoError(w.t, w.Client.CancelWorkflow(w.t.Context(), id, ""))
	require.Error(w.t, w.Client.GetWorkflow(w.t.Context(), id, "").Get(w.t.Context(), nil))
}

// details waits until the current details of a workflow begin with a word.
func (w *town) details(id, word string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		answer, err := w.Client.QueryWorkflow(w.t.Context(), id, "", "__temporal_workflow_metadata")
		var metadata sdk.WorkflowMetadata
		return err == nil && answer.Get(&metadata) == nil && strings.HasPrefix(metadata.CurrentDetails, "**"+word)
	}, patience, 50*time.Millisecond, "%s never said %s", id, word)
}

// The graph follows an import and a run within seconds; wiped in between, it comes back by itself.
func TestProjectionFollowsTheCity(t *testing.T) {
	t.Parallel()
	w := newTown(t, 400)
	w.WithGraph(t)
	w.Grace = 2 * time.Minute
	stop := w.Worker(t, "v1", workflows.CityQueue, workflows.MatchingQueue)
	w.load("i1")
	loaded := w.settled()
	require.GreaterOrEqual(t, loaded.Participants, int64(400))
	require.Positive(t, loaded.Relations)

	require.NoError(t, w.Graph.Wipe(t.Context()))
	require.Positive(t, w.match().Recorded)
	require.NotEqual(t, loaded.Digest, w.settled().Digest, "holds are in the graph")
	found := w.reconciled()
	require.Zero(t, found.Differing)
	require.Len(t, found.Cities, 1)

	began := time.Now()
	stop()
	require.Less(t, time.Since(began), time.Minute, "projection does not use up the grace time")
	description, err := w.Client.DescribeWorkflowExecution(t.Context(), workflows.ProjectionID(w.Prefix), "")
	require.NoError(t, err)
	require.Equal(t, enums.WORKFLOW_EXECUTION_STATUS_RUNNING, description.WorkflowExecutionInfo.Status, "the next worker goes on")
}
