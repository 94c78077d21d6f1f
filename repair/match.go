package repair

import (
	"context"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// RestartMatch starts the workflow of a match that has none, or leaves the one that runs. It goes on from the state in which
// the database has the match, and first of all does what its deadline brings.
func RestartMatch(ctx context.Context, store *postgres.Store, starter activities.MatchStarter, id city.ID, match city.MatchID) (activities.Execution, error) {
	m, err := store.Match(ctx, id, match)
	if err != nil {
		return activities.Execution{}, err
	}
	row, err := store.City(ctx, id)
	if err != nil {
		return activities.Execution{}, err
	}
	return starter.Match(ctx, activities.ProposalOf(m, row.Currency))
}
