package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// ReconcileGraph compares the graph with the rows of every city, by counts and digests, and repairs what differs; it can
// build the graph from nothing. Its result and its details say what it found.
func ReconcileGraph(ctx workflow.Context, in activities.ReconcileInput) (activities.Reconciled, error) {
	doing := "compare the graph with the rows"
	if in.Rebuild {
		doing = "build the graph from nothing"
	}
	workflow.SetCurrentDetails(ctx, "**"+doing+"**")
	found, err := lastingly(ctx, doing, graph.Reconcile, in)
	if err == nil {
		workflow.SetCurrentDetails(ctx, comparisons(found))
	}
	return found, closeStatus(ctx, err)
}

func comparisons(found activities.Reconciled) string {
	lines := []string{
		fmt.Sprintf("**%d participants differed and were repaired**", found.Differing), "",
		"| city | participants | relations | differed | digest |", "| --- | --- | --- | --- | --- |",
	}
	for _, c := range found.Cities {
		lines = append(lines, fmt.Sprintf("| %s | %d | %d | %d | `%.12s` |", c.City, c.Participants, c.Relations, c.Differing, c.Digest))
	}
	return strings.Join(lines, "\n")
}
