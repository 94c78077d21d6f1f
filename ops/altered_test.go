package ops_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/telemetry"
	"github.com/city-resource-graph/crg/workers"
	"github.com/city-resource-graph/crg/workflows"
)

// rollOutAnAlteredStory makes a version current whose Match does other things in another order, and has an approver decide
// about one that was begun before. It leaves both versions' workers running.
func (i *installation) rollOutAnAlteredStory(t *testing.T) []string {
	const build = "altered"
	metrics := telemetry.NewMetrics()
	handler, _, err := metrics.TemporalMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	c, err := client.Dial(client.Options{HostPort: os.Getenv("TEMPORAL_ADDRESS"), Namespace: i.namespace, MetricsHandler: handler, Logger: silent()})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	w := worker.New(c, string(workflows.CityQueue), worker.Options{
		LocalActivityWorkerOnly: true, // what it is asked to do besides waits for the version before
		DeploymentOptions: worker.DeploymentOptions{
			UseVersioning: true, Version: worker.WorkerDeploymentVersion{DeploymentName: workers.DefaultDeployment, BuildID: build},
		},
	})
	for _, r := range workflows.Registrations() {
		story := r.Workflow
		if r.Name == "Match" {
			story = alteredMatch
		}
		w.RegisterWorkflowWithOptions(story, workflow.RegisterOptions{Name: r.Name, VersioningBehavior: r.Behavior})
	}
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- metrics.Serve(ctx, i.metrics.altered, nil) }()
	t.Cleanup(func() {
		stop()
		<-served
	})
	i.eventually("the altered version is current", func() bool {
		return workers.MakeCurrent(t.Context(), i.temporal, workers.DefaultDeployment, build) == nil
	})
	i.decided = i.waiting(t)
	i.post(i.approver, "/matches/"+i.decided.String()+"/decisions", map[string]any{"decision": "approve", "party": city.CityHall})
	return []string{"PREVIOUS=" + current, "MATCH=" + i.decided.String()}
}

// alteredMatch sleeps where the story asks the policy.
func alteredMatch(ctx workflow.Context, _ activities.MatchRef) error {
	return workflow.Sleep(ctx, time.Hour)
}
