package postgres

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Alternative is the match that was recorded in place of another; false when there is none.
func (s *Store) Alternative(ctx context.Context, id city.ID, of city.MatchID) (city.MatchID, bool, error) {
	rows, err := s.q.AlternativeOf(ctx, gen.AlternativeOfParams{City: string(id), AlternativeOf: of.String()})
	if err != nil || len(rows) == 0 {
		return city.MatchID{}, false, translate(fmt.Sprintf("look for the alternative of match %s", of), err)
	}
	return city.MatchID{Run: of.Run, Leaf: city.Leaf(rows[0].Leaf), N: int(rows[0].N)}, true, nil
}
