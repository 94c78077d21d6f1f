package postgres

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
)

// Fact is a source row that is neither offer nor want: a place, something that happened, or a price.
type Fact struct {
	Key     string
	Kind    RowOutcome // RowPlaceFact, RowHistory or RowPriceEvidence
	Payload json.RawMessage
	Point   *city.Point
	Ward    string
}

// Facts reads a page of a data set's facts, by key.
func (s *Store) Facts(ctx context.Context, id city.ID, dataset string, page Page) ([]Fact, string, error) {
	var q query
	q.equal("city", string(id))
	q.equal("dataset", dataset)
	q.where = append(q.where, "payload IS NOT NULL")
	var after string
	if err := page.read(&after); err != nil {
		return nil, "", err
	}
	q.after("key", after)
	facts, err := list(ctx, s, &q, "key, outcome, payload, lon, lat, ward", "source_row", "key", page.limit()+1,
		func(row pgx.CollectableRow) (Fact, error) {
			var f Fact
			var lon, lat *float64
			err := row.Scan(&f.Key, &f.Kind, &f.Payload, &lon, &lat, &f.Ward)
			f.Point = point(lon, lat)
			return f, err
		})
	facts, next := paged(facts, page, func(f Fact) string { return cursor(f.Key) })
	return facts, next, translate("list facts", err)
}

// PastAttempt is a real attempt to fetch or hand over something, which an imported row records.
type PastAttempt struct {
	What      string // as the profile calls such attempts
	Leaf      city.Leaf
	Ward      string
	Succeeded bool
}

// PastAttempts reads a city's past attempts: all of a kind together, in the order in which their outcomes became known.
func (s *Store) PastAttempts(ctx context.Context, id city.ID) ([]PastAttempt, error) {
	rows, err := s.q.PastAttempts(ctx, string(id))
	attempts := make([]PastAttempt, len(rows))
	for i, row := range rows {
		attempts[i] = PastAttempt{What: row.What, Leaf: city.Leaf(row.Leaf), Ward: row.Ward, Succeeded: row.Succeeded}
	}
	return attempts, translate("list past attempts", err)
}
