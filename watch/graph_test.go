package watch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/projection"
	"github.com/city-resource-graph/crg/workflows"
)

// ghost puts a node into the graph that no row stands for, or takes it out.
func (w *watched) ghost(gone bool) {
	w.t.Helper()
	require.NoError(w.t, w.Graph.Repair(w.t.Context(), []graph.Subject{
		{City: town, ID: "ghost", Kind: city.Person, Name: "Ghost", State: city.ParticipantActive, Gone: gone},
	}))
}

// project brings the graph up to the last event.
func (w *watched) project() {
	w.t.Helper()
	w.number()
	projector := &projection.Projector{Store: w.Store, Graph: w.Graph}
	_, err := projector.Reconcile(w.t.Context(), false, func() {})
	require.NoError(w.t, err)
}

// A graph that holds more or less than the rows is seen; while events are on their way, nothing is said.
func TestAGraphThatDrifts(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	w.WithGraph(t)
	w.participant("first")
	w.project()
	w.look()
	of := labels{"city": "town"}
	w.shows(0, "graph_drift_participants", of)
	w.ghost(false)
	w.shows(1, "graph_drift_participants", of)

	w.participant("second")
	w.ghost(true)
	w.another("graph")
	w.shows(1, "graph_drift_participants", of) // as it was: the second one has not been projected
	w.project()
	w.shows(0, "graph_drift_participants", of)
	w.reaches("outbox_lag_seconds", labels{"consumer": projection.Consumer}, func(lag float64) bool { return lag == 0 })
}

// What the last reconciliation found, that it failed, and that one hangs: by Temporal's account, of this installation only.
func TestHowTheLastReconciliationEnded(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	w.WithGraph(t)
	w.participant("first")
	w.project()
	w.look()
	hangs, err := w.Starter.ReconcileGraph(t.Context(), activities.ReconcileInput{}) // no worker takes it
	require.NoError(t, err)
	w.reaches("graph_reconciliation_open_seconds", nil, func(open float64) bool { return open > 0 })
	w.shows(0, "graph_reconciliation_failed", nil)
	w.end(hangs)
	w.shows(0, "graph_reconciliation_open_seconds", nil)
	w.shows(1, "graph_reconciliation_failed", nil)

	w.ghost(false)
	w.Worker(t, "v1", workflows.CityQueue)
	started, err := w.Starter.ReconcileGraph(t.Context(), activities.ReconcileInput{})
	require.NoError(t, err)
	require.NoError(t, w.Client.GetWorkflow(t.Context(), started.WorkflowID, started.RunID).Get(t.Context(), nil))
	w.shows(1, "graph_reconciliation_repaired", labels{"city": "town"})
	w.shows(0, "graph_reconciliation_failed", nil)
	w.shows(0, "graph_drift_participants", labels{"city": "town"})
}
