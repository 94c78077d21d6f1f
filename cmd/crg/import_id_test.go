package main

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
	"github.com/city-resource-graph/crg/workflows"
)

// An import of which Temporal knows nothing any more is still in the database: its id is not used for another one.
func TestAnIDOfLongAgoIsRefused(t *testing.T) {
	url := pgtest.URL(t)
	t.Setenv("DATABASE_URL", url)
	t.Setenv("TEMPORAL_NAMESPACE", ownNamespace(t)) // where nobody would work on what is started
	store, err := postgres.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	clock, err := city.NewClock(time.Time{}, time.Now().UTC().Truncate(time.Microsecond), 1)
	require.NoError(t, err)
	require.NoError(t, store.UpsertCity(t.Context(), postgres.City{
		ID: "generated", Name: "Millbrook", TimeZone: "America/Chicago", Currency: "USD", Clock: clock, PolicyID: "test@1", Policy: []byte("{}"),
	}))
	require.NoError(t, store.StartImport(t.Context(), postgres.Import{City: "generated", ID: "last-year", Profile: "generated@1"}))
	_, err = store.FinishImport(t.Context(), "generated", "last-year", postgres.ImportCompleted, "")
	require.NoError(t, err)

	_, err = runImportCommand(t, "generated", "--data", t.TempDir(), "--id", "last-year")
	require.ErrorContains(t, err, "import last-year of profile generated@1 ended long ago: give this one an id of its own")
	require.Equal(t, 1, exitCode(err))

	t.Setenv("DATABASE_URL", "")
	_, err = runImportCommand(t, "generated", "--data", t.TempDir(), "--id", "today")
	require.ErrorContains(t, err, "DATABASE_URL not set")
	require.Equal(t, 2, exitCode(err))
	c, err := client.Dial(client.Options{HostPort: os.Getenv("TEMPORAL_ADDRESS"), Namespace: os.Getenv("TEMPORAL_NAMESPACE")})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	for _, id := range []string{"last-year", "today"} {
		_, err = c.DescribeWorkflow(context.WithoutCancel(t.Context()), workflows.ImportID("generated", id), "")
		require.True(t, workflows.IsUnknown(err), "nothing was started: %v", err)
	}
}
