package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// Installation is what a city is before its first row. Its boundary is that of its wards.
type Installation struct {
	City       City
	Wards      []Ward
	Categories []Category
	Rules      []city.Rule
}

// InstallCity writes a city with all that it is in one transaction, or, when accepted fails, nothing of it. Accepted is
// asked when the wards' outlines are in, which takes long: whoever decides has that long to come to a decision.
func (s *Store) InstallCity(ctx context.Context, in Installation, accepted func(context.Context) error) error {
	row, err := cityParams(in.City)
	if err != nil {
		return err
	}
	id := in.City.ID
	return s.write(ctx, "install city "+string(id), func(_ pgx.Tx, q *gen.Queries) error {
		if err := q.UpsertCity(ctx, row); err != nil {
			return err
		}
		changed, err := upsertWards(ctx, q, id, in.Wards)
		if err == nil && changed > 0 {
			err = q.JoinWards(ctx, string(id))
		}
		if err != nil {
			return err
		}
		if err := accepted(ctx); err != nil {
			return err
		}
		// All cities share the categories: they are locked last, and for no longer than it takes to write them.
		if err := upsertRules(ctx, q, id, in.Rules); err != nil {
			return err
		}
		return upsertCategories(ctx, q, in.Categories)
	})
}
