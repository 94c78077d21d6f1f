package consistency_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/consistency"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/projection"
)

// Whatever somebody else did to the graph is found, participant by participant, and nothing once it is mended.
func TestDamageOfTheGraphIsFound(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newTown(t)
	w.WithGraph(t)
	stores := consistency.Stores{
		Database: w.Store, Objects: w.Objects, Temporal: w.Client, Graph: w.Graph, Quiet: time.Second,
	}
	check := func() []postgres.Finding {
		report, err := consistency.Check(ctx, stores)
		require.NoError(t, err)
		return report.Findings
	}
	require.Empty(t, check(), "a graph that was never projected is none")
	projector := &projection.Projector{Store: w.Store, Graph: w.Graph}
	reconcile := func() {
		_, err := projector.Reconcile(ctx, false, func() {})
		require.NoError(t, err)
	}
	reconcile()
	require.Empty(t, check())

	people, _, err := w.Store.ListParticipants(ctx, w.id, postgres.ParticipantFilter{}, postgres.Page{Limit: 2})
	require.NoError(t, err)
	require.NoError(t, w.Graph.Repair(ctx, []graph.Subject{
		{City: w.id, ID: people[0].ID, Kind: city.Person, Name: "Somebody else", State: city.ParticipantActive},
		{City: w.id, ID: people[1].ID, Gone: true},
		{City: w.id, ID: "ghost", Kind: city.Person, Name: "Ghost", State: city.ParticipantActive},
	}))
	var subjects []string
	for _, found := range check() {
		require.Equal(t, "graph-equals-rows", found.Invariant)
		require.Equal(t, w.id, found.City)
		require.Equal(t, "the graph holds something else, as of 3 participants", found.Detail)
		subjects = append(subjects, found.Subject)
	}
	require.ElementsMatch(t, []string{"participant ghost", "participant " + string(people[0].ID), "participant " + string(people[1].ID)}, subjects)
	reconcile()
	require.Empty(t, check())
}
