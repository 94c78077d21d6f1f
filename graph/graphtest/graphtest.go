// Package graphtest gives tests a graph of their own on the one database of the local Neo4j, by a prefix of its own.
package graphtest

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
)

// Config names the server of the environment and a prefix that nobody else has.
func Config(tb testing.TB) graph.Config {
	tb.Helper()
	uri := os.Getenv("NEO4J_URI")
	require.NotEmpty(tb, uri, "NEO4J_URI is not set: run the tests with 'bin/crgdev exec -- go test ...'")
	return graph.Config{
		URI: uri, Username: os.Getenv("NEO4J_USERNAME"), Password: os.Getenv("NEO4J_PASSWORD"),
		Prefix: "test-" + strings.ToLower(rand.Text()[:12]),
	}
}

// Open gives an empty graph with the shipped categories; what the test leaves in it is deleted at its end.
func Open(tb testing.TB) *graph.Graph {
	tb.Helper()
	g := Connect(tb, Config(tb))
	require.NoError(tb, g.Prepare(tb.Context()))
	require.NoError(tb, g.Categories(tb.Context(), city.DefaultTaxonomy()))
	return g
}

// Connect opens a graph and deletes it at the end of the test.
func Connect(tb testing.TB, c graph.Config) *graph.Graph {
	tb.Helper()
	g, err := graph.Open(c)
	require.NoError(tb, err)
	tb.Cleanup(func() {
		ctx := context.WithoutCancel(tb.Context())
		require.NoError(tb, g.Wipe(ctx))
		require.NoError(tb, g.Close(ctx))
	})
	return g
}
