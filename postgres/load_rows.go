package postgres

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/postgres/gen"
)

// loadedRow is a row as it will be recorded: with its final key, outcome, reason and ward.
type loadedRow struct {
	ImportRow
	known     bool // the data set had a row of this key before
	unchanged bool // with the same digest and outcome
}

func (r *loadedRow) fresh() bool   { return !r.unchanged }
func (r *loadedRow) changed() bool { return r.known && !r.unchanged }

// reject takes back what the mapping made of a row.
func (r *loadedRow) reject(reason string) {
	r.Outcome, r.Reason, r.Payload, r.Participants, r.Listings = RowRejected, reason, nil, nil, nil
}

func (r *loadedRow) mark(was gen.RecordedRowsRow, known bool) {
	r.known = known
	r.unchanged = known && bytes.Equal(was.Digest, r.Digest) && was.Outcome == string(r.Outcome)
}

// compare marks what the data set knows. Of two rows with one key in an import the earlier stays; the later is rejected
// and recorded under a key of its own, by which it is known the next time.
func (l *loading) compare(ctx context.Context) error {
	recorded, err := l.recorded(ctx, l.keys(func(r *loadedRow) bool { return !l.New || r.Outcome == RowRejected }))
	if err != nil {
		return err
	}
	first, repeated := make(map[string]int64, len(l.rows)), map[string]*loadedRow{}
	for i := range l.rows {
		row := &l.rows[i]
		was, known := recorded[row.Key]
		line, file := row.Line, l.File
		if known && was.Import == l.Import {
			line, file = was.Line, was.File
		} else if before, here := first[row.Key]; here {
			line = before
		} else {
			first[row.Key] = row.Line
		}
		if line == row.Line && file == l.File {
			row.mark(was, known)
			continue
		}
		row.reject(fmt.Sprintf("same key as line %d of %s", line, file))
		row.Key = fmt.Sprintf("%s#%d", row.Key, row.Line)
		repeated[row.Key] = row
	}
	if len(repeated) == 0 {
		return nil
	}
	recorded, err = l.recorded(ctx, slices.Sorted(maps.Keys(repeated)))
	for key, row := range repeated {
		was, known := recorded[key]
		row.mark(was, known)
	}
	return err
}

func (l *loading) recorded(ctx context.Context, keys []string) (map[string]gen.RecordedRowsRow, error) {
	if len(keys) == 0 {
		return nil, nil //nolint:nilnil // nothing to look up
	}
	rows, err := l.q.RecordedRows(ctx, gen.RecordedRowsParams{Keys: keys, City: string(l.City), Dataset: l.Dataset})
	recorded := make(map[string]gen.RecordedRowsRow, len(rows))
	for _, row := range rows {
		recorded[row.Key] = row
	}
	return recorded, err
}

// keys lists the keys of some of the rows, in their order.
func (l *loading) keys(of func(*loadedRow) bool) []string {
	keys := make([]string, 0, len(l.rows))
	for i := range l.rows {
		if of(&l.rows[i]) {
			keys = append(keys, l.rows[i].Key)
		}
	}
	return keys
}

// place finds the wards of facts that have a point and bring no ward.
func (l *loading) place(ctx context.Context) error {
	p := gen.WardsAtParams{City: string(l.City)}
	for i := range l.rows {
		row := &l.rows[i]
		if row.fresh() && row.Ward == "" && row.Point != nil && row.fact() != nil {
			p.N, p.Lon, p.Lat = append(p.N, int32(i)), append(p.Lon, row.Point.Lon), append(p.Lat, row.Point.Lat)
		}
	}
	if len(p.N) == 0 {
		return nil
	}
	found, err := l.q.WardsAt(ctx, p)
	for _, at := range found {
		l.rows[at.N].Ward = at.Ward
	}
	return err
}

// record copies what is new or changed to where it stays.
func (l *loading) record(ctx context.Context) error {
	if changed := l.keys((*loadedRow).changed); len(changed) > 0 {
		if _, err := l.tx.Exec(ctx, forgetRows, string(l.City), l.Dataset, changed); err != nil {
			return err
		}
	}
	city, next := string(l.City), 0
	_, err := l.tx.CopyFrom(ctx, pgx.Identifier{"source_row"}, []string{
		"city", "dataset", "key", "file", "line", "digest", "outcome", "reason", "import", "payload", "lon", "lat", "ward",
	}, pgx.CopyFromFunc(func() ([]any, error) {
		for ; next < len(l.rows); next++ {
			if row := &l.rows[next]; row.fresh() {
				next++
				lon, lat := coordinates(row.Point)
				return []any{
					city, l.Dataset, row.Key, l.File, row.Line, row.Digest, string(row.Outcome), row.Reason, l.Import,
					row.fact(), lon, lat, row.Ward,
				}, nil
			}
		}
		return nil, nil
	}))
	return err
}

// see notes the line at which an unchanged row stands now, and that this import saw it.
func (l *loading) see(ctx context.Context) error {
	var keys []string
	var at []int64
	for i := range l.rows {
		if row := &l.rows[i]; row.unchanged {
			keys, at = append(keys, row.Key), append(at, row.Line)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	_, err := l.tx.Exec(ctx, seeRows, string(l.City), l.Dataset, keys, at, l.File, l.Import)
	return err
}

// Rows are found as in RecordedRows, by one look-up each, and then taken by their place on disk, which stays for the length
// of the transaction because the data set is locked. sqlc does not know the column ctid.
const (
	forgetRows = `DELETE FROM source_row r USING (
			SELECT o.at FROM unnest($3::text[]) k CROSS JOIN LATERAL (
				SELECT f.ctid AS at FROM source_row f WHERE f.city = $1 AND f.dataset = $2 AND f.key = k OFFSET 0) o) s
		WHERE r.ctid = s.at`
	seeRows = `UPDATE source_row r SET file = $5, line = s.line, import = $6 FROM (
			SELECT k.line, o.at FROM unnest($3::text[], $4::bigint[]) k (key, line) CROSS JOIN LATERAL (
				SELECT f.ctid AS at FROM source_row f WHERE f.city = $1 AND f.dataset = $2 AND f.key = k.key OFFSET 0) o) s
		WHERE r.ctid = s.at`
)
