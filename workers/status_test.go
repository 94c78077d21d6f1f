package workers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/workers"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

func TestStatusTellsVersionsPollersAndWhatWaits(t *testing.T) {
	t.Parallel()
	i := workertest.New(t)
	read := func() workers.Status {
		t.Helper()
		status, err := workers.ReadStatus(t.Context(), i.Client, i.Namespace, i.Prefix, i.Prefix)
		require.NoError(t, err)
		require.Len(t, status.Queues, 4, "city has workflows and activities")
		return status
	}
	require.Empty(t, read().Versions, "nobody has polled yet")
	require.NoError(t, workflows.RegisterSearchAttributes(t.Context(), i.Client, i.Namespace))
	_, err := i.Starter.ImportDataset(t.Context(), activities.ImportRef{City: "town", Import: i.Prefix, Profile: "none"})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return read().Queues[0].Backlog == 1 }, patience, 50*time.Millisecond)
	require.Empty(t, read().Queues[0].Pollers)

	stop := i.Worker(t, "v1", workflows.CityQueue)
	require.Eventually(t, func() bool {
		status := read()
		return len(status.Queues[0].Pollers) > 0 && status.Queues[0].Backlog == 0
	}, patience, 50*time.Millisecond)
	status := read()
	require.Equal(t, "v1", status.Current)
	require.Equal(t, "current", status.Versions[0].State)
	_, err = status.Undrained("v1")
	require.ErrorContains(t, err, "roll out another one first")
	_, err = status.Undrained("v9")
	require.ErrorContains(t, err, "no version v9")
	stop()

	i.Worker(t, "v2", workflows.CityQueue)
	states := map[string]string{}
	require.Eventually(t, func() bool { // the server tells the versions one after the other
		for _, v := range read().Versions {
			states[v.BuildID] = v.State
		}
		return states["v2"] == "current" && strings.HasPrefix(states["v1"], "drain")
	}, patience, 50*time.Millisecond, "%v", states)
	require.Equal(t, "v2", read().Current)
	left, err := workers.Status{Versions: []workers.VersionStatus{{BuildID: "v1", State: "draining"}, {BuildID: "v2", State: "current"}}}.Undrained("")
	require.NoError(t, err)
	require.Equal(t, []string{"v1"}, left)
}
