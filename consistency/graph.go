package consistency

import (
	"context"
	"fmt"
	"time"

	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/projection"
)

const (
	graphQuiet = 60 * time.Second // within which the graph is equal to the rows once nothing changes
	graphMost  = 20               // findings of one city
)

// checkGraph compares the graph with the rows of a city. What is merely late gets its time; a graph that was never
// projected is no finding.
func checkGraph(ctx context.Context, stores Stores, c postgres.City) ([]postgres.Finding, error) {
	if stores.Graph == nil {
		return nil, nil
	}
	cursor, err := stores.Database.Cursor(ctx, projection.Consumer)
	if err != nil || cursor == 0 {
		return nil, err
	}
	p := &projection.Projector{Store: stores.Database, Graph: stores.Graph}
	until := time.Now().Add(graphQuiet)
	for {
		_, differ, err := p.Compare(ctx, c.ID, func() {})
		if err == nil && len(differ) > 0 {
			differ, err = p.Differing(ctx, c.ID, differ)
		}
		if err != nil || len(differ) == 0 {
			return nil, err
		}
		if time.Now().After(until) {
			var found []postgres.Finding
			for _, id := range differ[:min(len(differ), graphMost)] {
				found = append(found, postgres.Finding{
					Invariant: graphEqualsRows, City: c.ID, Subject: "participant " + string(id),
					Detail: fmt.Sprintf("the graph holds something else, as of %d participants", len(differ)),
				})
			}
			return found, nil
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
