package graph_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/graph/graphtest"
)

func requirePosition(t *testing.T, g *graph.Graph, want int64, whole bool) {
	t.Helper()
	position, there, err := g.Position(t.Context())
	require.NoError(t, err)
	require.Equal(t, whole, there)
	require.Equal(t, want, position)
}

// Whoever reads "whole", and writes when it is wiped already, writes nothing: else what was lost would never come back.
func TestNothingIsWrittenOnAGraphThatWasWiped(t *testing.T) {
	t.Parallel()
	g := opened(t)
	apply(t, g, 5, organisation("a"))
	require.NoError(t, g.Wipe(t.Context()))
	requirePosition(t, g, 0, false)
	_, err := g.Apply(t.Context(), []graph.Subject{organisation("b")}, 5, 6)
	require.ErrorIs(t, err, graph.ErrIncomplete)
	requireEqual(t, g)
	requirePosition(t, g, 0, false)
}

func TestAnOlderBackupIsNotWhole(t *testing.T) {
	t.Parallel()
	g := opened(t)
	apply(t, g, 5, organisation("a"))
	_, err := g.Apply(t.Context(), []graph.Subject{organisation("b")}, 6, 7)
	require.ErrorIs(t, err, graph.ErrIncomplete)
	requireEqual(t, g, organisation("a"))
	requirePosition(t, g, 5, true)
}

func TestABuildThatWasWipedMeanwhileIsNoWholeGraph(t *testing.T) {
	t.Parallel()
	g := graphtest.Open(t)
	requirePosition(t, g, 0, false)
	build, err := g.StartBuild(t.Context())
	require.NoError(t, err)
	requirePosition(t, g, 0, false)
	require.NoError(t, g.Wipe(t.Context()))
	require.ErrorIs(t, g.EndBuild(t.Context(), build, 7), graph.ErrIncomplete)
	again, err := g.StartBuild(t.Context())
	require.NoError(t, err)
	require.ErrorIs(t, g.EndBuild(t.Context(), build, 7), graph.ErrIncomplete)
	require.NoError(t, g.EndBuild(t.Context(), again, 7))
	requirePosition(t, g, 7, true)
}

// Two that build at once fill the graph with the same: the first to end has built it for both.
func TestTwoBuildsAreOne(t *testing.T) {
	t.Parallel()
	g := graphtest.Open(t)
	first, err := g.StartBuild(t.Context())
	require.NoError(t, err)
	second, err := g.StartBuild(t.Context())
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.NoError(t, g.EndBuild(t.Context(), first, 7))
	require.ErrorIs(t, g.EndBuild(t.Context(), second, 7), graph.ErrIncomplete)
	requirePosition(t, g, 7, true)
}
