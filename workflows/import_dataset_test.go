package workflows_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/workflows"
)

// importWorld answers for the activities of an import of several data sets with ten rows each.
type importWorld struct {
	*testsuite.TestWorkflowEnvironment
	ref      activities.ImportRef
	loading  func(set string) error
	mutex    sync.Mutex
	running  int
	most     int // data sets loaded at a time
	finished []activities.ImportState
}

func newImportWorld(t *testing.T, sets int) *importWorld {
	t.Helper()
	i := &importWorld{
		TestWorkflowEnvironment: newEnvironment(t),
		ref:                     activities.ImportRef{City: "testville", Import: "i1", Profile: "testville", Source: "data"},
		loading:                 func(string) error { return nil },
	}
	plan := activities.ImportPlan{ImportRef: i.ref, Rows: int64(10 * sets)}
	for n := range sets {
		plan.Datasets = append(plan.Datasets, activities.DatasetPlan{Dataset: fmt.Sprintf("set-%d", n), Batches: 1, Rows: 10})
	}
	var imports *activities.Imports
	i.OnActivity(imports.PlanImport, mock.Anything, i.ref).Return(plan, nil).Maybe()
	i.OnActivity(imports.LoadDataset, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.LoadDatasetInput) (activities.ImportCounts, error) {
			i.count(1)
			defer i.count(-1)
			if err := i.loading(in.Dataset); err != nil {
				return activities.ImportCounts{}, err
			}
			return activities.ImportCounts{Read: 10, Listing: 6, PlaceFact: 1, Rejected: 3, Flagged: 1}, nil
		}).Maybe()
	i.OnActivity(imports.FinishImport, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.FinishImportInput) (activities.ImportCounts, error) {
			i.finished = append(i.finished, in.State)
			return activities.ImportCounts{}, nil
		}).Maybe()
	return i
}

func (i *importWorld) count(by int) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.running += by
	i.most = max(i.most, i.running)
}

func (i *importWorld) run() (activities.ImportCounts, error) {
	i.ExecuteWorkflow(workflows.ImportDataset, i.ref)
	var counts activities.ImportCounts
	if err := i.GetWorkflowError(); err != nil {
		return counts, err
	}
	return counts, i.GetWorkflowResult(&counts)
}

func TestImportDataset(t *testing.T) {
	t.Parallel()
	for _, sets := range []int{0, 1, 4, 37} {
		t.Run(fmt.Sprintf("%d data sets", sets), func(t *testing.T) {
			t.Parallel()
			i := newImportWorld(t, sets)
			counts, err := i.run()
			require.NoError(t, err)
			n := int64(sets)
			require.Equal(t, activities.ImportCounts{Read: 10 * n, Listing: 6 * n, PlaceFact: n, Rejected: 3 * n, Flagged: n}, counts)
			require.LessOrEqual(t, i.most, 4)
			require.Equal(t, []activities.ImportState{activities.ImportCompleted}, i.finished)
		})
	}
}

func TestImportDatasetEndsEarly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		loading func(i *importWorld) error
		want    activities.ImportState
	}{
		"cancelled": {func(i *importWorld) error { i.CancelWorkflow(); return nil }, activities.ImportCancelled},
		"a file vanished": {
			func(*importWorld) error {
				return temporal.NewNonRetryableApplicationError("hotels.geojson: no such file", activities.TypeNotFound, nil)
			},
			activities.ImportFailed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newImportWorld(t, 9)
			i.loading = func(set string) error {
				if set == "set-2" {
					return test.loading(i)
				}
				return nil
			}
			_, err := i.run()
			require.Error(t, err)
			require.Equal(t, test.want == activities.ImportCancelled, temporal.IsCanceledError(err))
			require.Equal(t, []activities.ImportState{test.want}, i.finished)
		})
	}
}
