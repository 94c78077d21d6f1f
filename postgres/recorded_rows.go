package postgres

import (
	"context"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// RecordedRow is what the last import that had a row says of it.
type RecordedRow struct {
	Digest  []byte
	Outcome RowOutcome
}

// RecordedRows finds rows of a data set by their keys. Keys that no import had are not in the answer.
func (s *Store) RecordedRows(ctx context.Context, id city.ID, dataset string, keys []string) (map[string]RecordedRow, error) {
	rows, err := s.q.RecordedRows(ctx, gen.RecordedRowsParams{Keys: keys, City: string(id), Dataset: dataset})
	recorded := make(map[string]RecordedRow, len(rows))
	for _, row := range rows {
		recorded[row.Key] = RecordedRow{Digest: row.Digest, Outcome: RowOutcome(row.Outcome)}
	}
	return recorded, translate("find recorded rows", err)
}
