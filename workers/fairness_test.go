package workers_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// A big city queued a hundred imports when a small one queues two: the small one's turn comes with the next tasks, not
// after the last of the big one's.
func TestABigCityDoesNotKeepASmallOneWaiting(t *testing.T) {
	t.Parallel()
	const big, small = 100, 2
	i := workertest.New(t)
	start := func(c string, n int) {
		t.Helper()
		for k := range n {
			_, err := i.Starter.ImportDataset(t.Context(), activities.ImportRef{City: city.ID(i.Prefix + c), Import: fmt.Sprint(k), Profile: "p"})
			require.NoError(t, err)
		}
	}
	require.NoError(t, workflows.RegisterSearchAttributes(t.Context(), i.Client, i.Namespace))
	start("-big", big)
	start("-small", small)

	var mutex sync.Mutex
	var order []string
	w := worker.New(i.Client, workflows.CityQueue.Name(i.Prefix), worker.Options{
		MaxConcurrentActivityExecutionSize: 1, MaxConcurrentWorkflowTaskPollers: 2, MaxConcurrentActivityTaskPollers: 1,
	})
	for _, r := range workflows.Registrations() {
		if r.Name == "ImportDataset" {
			w.RegisterWorkflow(r.Workflow)
		}
	}
	name := func(name string) activity.RegisterOptions { return activity.RegisterOptions{Name: name} }
	w.RegisterActivityWithOptions(func(_ context.Context, in activities.ImportRef) (activities.ImportPlan, error) {
		mutex.Lock()
		defer mutex.Unlock()
		order = append(order, string(in.City))
		return activities.ImportPlan{ImportRef: in}, nil
	}, name("PlanImport"))
	w.RegisterActivityWithOptions(func(context.Context, activities.FinishImportInput) (activities.ImportCounts, error) {
		return activities.ImportCounts{}, nil
	}, name("FinishImport"))
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	planned := func() []string { mutex.Lock(); defer mutex.Unlock(); return slices.Clone(order) }
	require.Eventually(t, func() bool { return len(planned()) == big+small }, patience, 20*time.Millisecond)
	last := 0
	for at, c := range planned() {
		if c == i.Prefix+"-small" {
			last = at
		}
	}
	require.Less(t, last, big/3, "the small city's last import was planned after so many of the big one's")
}
