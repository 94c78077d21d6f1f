package watch

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/projection"
	"github.com/city-resource-graph/crg/workflows"
)

// drift compares numbers, which is cheap: a node that was lost is seen at once. What differs in content is found by
// reconciliation. While events are on their way both sides may differ, so nothing is said then.
func (w *Watcher) drift(ctx context.Context) error {
	before, current, err := w.position(ctx)
	if err != nil || !current {
		return err
	}
	cities, err := w.Store.Cities(ctx)
	if err != nil {
		return err
	}
	differ := map[city.ID]int64{}
	for _, c := range cities {
		if differ[c.ID], err = w.difference(ctx, c); err != nil {
			return err
		}
	}
	after, current, err := w.position(ctx)
	if err != nil || !current || after != before {
		return err
	}
	for id, n := range differ {
		w.Metrics.GraphDrift.WithLabelValues(string(id)).Set(float64(n))
	}
	return nil
}

// position is how far the graph is, and whether that is all there is.
func (w *Watcher) position(ctx context.Context) (at int64, current bool, err error) {
	_, head, err := w.Store.EventRange(ctx)
	if err != nil {
		return 0, false, err
	}
	lag, err := w.Store.OutboxLag(ctx)
	if err != nil {
		return 0, false, err
	}
	at, there, err := w.Graph.Position(ctx)
	return at, there && at >= head && lag["relay"] == 0 && lag[projection.Consumer] == 0, err
}

func (w *Watcher) difference(ctx context.Context, c postgres.City) (int64, error) {
	rows, err := w.Store.CountProjected(ctx, c.ID)
	if err != nil {
		return 0, err
	}
	nodes, err := w.Graph.Participants(ctx, c.ID)
	return max(rows-nodes, nodes-rows), err
}

// reconciliation asks Temporal how the last comparison of the graph with the rows ended, and whether one hangs. One that
// somebody cancelled says nothing.
func (w *Watcher) reconciliation(ctx context.Context) error {
	open, err := w.reconciliations(ctx, "ExecutionStatus = 'Running'")
	if err != nil {
		return err
	}
	w.Metrics.ReconciliationOpen.Set(0)
	for _, one := range open {
		w.Metrics.ReconciliationOpen.Set(time.Since(one.GetStartTime().AsTime()).Seconds())
	}
	ended, err := w.reconciliations(ctx, "ExecutionStatus IN ('Completed', 'Failed', 'TimedOut', 'Terminated')")
	if err != nil || len(ended) == 0 {
		return err
	}
	last := ended[0] // the list begins with what ended last
	failed := last.GetStatus() != enums.WORKFLOW_EXECUTION_STATUS_COMPLETED
	flag(w.Metrics.ReconciliationFailed, failed)
	if failed {
		return nil
	}
	var found activities.Reconciled
	if err := w.Temporal.GetWorkflow(ctx, last.GetExecution().GetWorkflowId(), last.GetExecution().GetRunId()).Get(ctx, &found); err != nil {
		return fmt.Errorf("read what the last reconciliation found: %w", err)
	}
	for _, c := range found.Cities {
		w.Metrics.Repaired.WithLabelValues(string(c.City)).Set(float64(c.Differing))
	}
	return nil
}

func (w *Watcher) reconciliations(ctx context.Context, which string) ([]*workflow.WorkflowExecutionInfo, error) {
	listed, err := w.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: w.Namespace, PageSize: 1,
		Query: fmt.Sprintf("WorkflowType = 'ReconcileGraph' AND TaskQueue = '%s' AND %s", workflows.CityQueue.Name(w.QueuePrefix), which),
	})
	if err != nil {
		return nil, fmt.Errorf("list the reconciliations: %w", err)
	}
	return listed.GetExecutions(), nil
}
