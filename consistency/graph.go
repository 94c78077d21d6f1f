package consistency

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/projection"
)

const (
	graphQuiet = 60 * time.Second // within which the graph is equal to the rows once nothing changes
	graphMost  = 20               // findings of one city
)

// checkGraph compares the graph with the rows of a city, again and again for as long as somebody may differ because a
// change is on its way: only who differs each time is a finding. A graph that was never projected is none.
func checkGraph(ctx context.Context, stores Stores, c postgres.City) ([]postgres.Finding, error) {
	if stores.Graph == nil {
		return nil, nil
	}
	cursor, err := stores.Database.Cursor(ctx, projection.Consumer)
	if err != nil || cursor == 0 {
		return nil, err
	}
	p := &projection.Projector{Store: stores.Database, Graph: stores.Graph}
	until := time.Now().Add(cmp.Or(stores.Quiet, graphQuiet))
	var always []city.ParticipantID
	for round := 0; ; round++ {
		_, differ, err := p.Compare(ctx, c.ID, func() {})
		if err == nil && len(differ) > 0 {
			differ, err = p.Differing(ctx, c.ID, differ)
		}
		if err != nil {
			return nil, err
		}
		if round == 0 {
			always = differ
		}
		always = slices.DeleteFunc(always, func(id city.ParticipantID) bool { return !slices.Contains(differ, id) })
		if len(always) == 0 {
			return nil, nil
		}
		if time.Now().After(until) {
			var found []postgres.Finding
			for _, id := range always[:min(len(always), graphMost)] {
				found = append(found, postgres.Finding{
					Invariant: graphEqualsRows, City: c.ID, Subject: "participant " + string(id),
					Detail: fmt.Sprintf("the graph holds something else, as of %d participants", len(always)),
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
