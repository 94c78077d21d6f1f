package activities

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/ingest"
)

// planned makes the plan of data sets with so many rows each.
func planned(rows ...int) *ingest.Plan {
	plan := &ingest.Plan{}
	for n, count := range rows {
		plan.Batches = append(plan.Batches, ingest.Batch{Dataset: fmt.Sprintf("set-%d", n), Rows: count})
	}
	return plan
}

func TestSmallDataSetsShareAStep(t *testing.T) {
	t.Parallel()
	require.Equal(t, []DatasetPlan{
		{Dataset: "set-1", Batches: 1, Rows: 90_000},
		{Dataset: "set-3", Batches: 1, Rows: 6000},
		{Dataset: "set-4", And: []string{"set-0", "set-2"}, Batches: 3, Rows: 4600},
	}, datasetPlans(planned(400, 90_000, 300, 6000, 3900)))
	full := datasetPlans(planned(1800, 1800, 1800, 1800, 1800, 1800, 1800))
	require.Len(t, full, 2, "up to enough rows")
	require.EqualValues(t, 5*1800, full[0].Rows)
	require.Empty(t, datasetPlans(planned()))
}

func TestAnImportHasABoundedNumberOfSteps(t *testing.T) {
	t.Parallel()
	many := make([]int, 5*mostSteps)
	for n := range many {
		many[n] = small + n
	}
	steps := datasetPlans(planned(many...))
	require.Len(t, steps, mostSteps)
	sets := 0
	for _, step := range steps {
		sets += 1 + len(step.And)
		require.LessOrEqual(t, step.Rows, 2*steps[len(steps)-1].Rows, "they share the rows evenly")
	}
	require.Equal(t, len(many), sets)
}
