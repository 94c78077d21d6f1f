package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// LoadBatch takes one batch in. One look-up for all of its keys tells new, changed, unchanged and repeated rows apart by
// digest; what is new or changed is copied straight to where it stays, listings and their holders by way of staging
// tables and set-based statements. All in one transaction, and once: a batch that is loaded answers its recorded counts
// and changes nothing.
func (s *Store) LoadBatch(ctx context.Context, b Batch) (ImportCounts, error) {
	counts, err := s.loadBatch(ctx, b)
	if b.New && violates(err, "source_row_pkey") { // a key that is there already after all
		b.New = false
		return s.loadBatch(ctx, b)
	}
	return counts, err
}

// HasRows says whether a data set has rows, of whatever import.
func (s *Store) HasRows(ctx context.Context, id city.ID, dataset string) (bool, error) {
	some, err := s.q.DatasetHasRows(ctx, gen.DatasetHasRowsParams{City: string(id), Dataset: dataset})
	return some, translate("look for rows of "+dataset, err)
}

func (s *Store) loadBatch(ctx context.Context, b Batch) (ImportCounts, error) {
	doing := fmt.Sprintf("load batch %d of %s in import %s", b.Number, b.File, b.Import)
	l, err := newLoading(b)
	if err != nil {
		return ImportCounts{}, fmt.Errorf("%s: %w", doing, err)
	}
	var counts ImportCounts
	err = s.write(ctx, doing, func(tx pgx.Tx, q *gen.Queries) error {
		before, err := beginBatch(ctx, q, b)
		if err != nil || before != nil {
			if before != nil {
				counts = ImportCounts(*before)
			}
			return err
		}
		l.tx, l.q = tx, q
		counts, err = l.load(ctx)
		return err
	})
	return counts, err
}

// beginBatch waits for the data set's turn, and answers the counts of a batch that is loaded already.
func beginBatch(ctx context.Context, q *gen.Queries, b Batch) (*gen.BatchCountsRow, error) {
	if err := q.LockDataset(ctx, gen.LockDatasetParams{City: string(b.City), Dataset: b.Dataset}); err != nil {
		return nil, err
	}
	row, err := q.BatchCounts(ctx, gen.BatchCountsParams{
		City: string(b.City), Import: b.Import, Dataset: b.Dataset, File: b.File, Batch: int32(b.Number),
	})
	if !errors.Is(err, pgx.ErrNoRows) {
		return &row, err
	}
	state, err := q.ImportStateForShare(ctx, gen.ImportStateForShareParams{City: string(b.City), ID: b.Import})
	if err != nil {
		return nil, err
	}
	if state != string(ImportRunning) {
		return nil, &StateError{Subject: "import " + b.Import, State: state, Wanted: "loading a batch"}
	}
	return nil, nil //nolint:nilnil // no counts yet: go on
}

// loading is a batch on its way in.
type loading struct {
	Batch
	tx   pgx.Tx
	q    *gen.Queries
	rows []loadedRow
}

func newLoading(b Batch) (*loading, error) {
	l := &loading{Batch: b, rows: make([]loadedRow, len(b.Rows))}
	line := int64(-1)
	for i, r := range b.Rows {
		if r.Line <= line {
			return nil, fmt.Errorf("line %d after line %d: lines of a batch must rise: %w", r.Line, line, ErrInvalid)
		}
		line = r.Line
		if r.Key == "" || (r.Outcome == RowRejected) != (r.Reason != "") {
			return nil, fmt.Errorf("line %d: want a key, and a reason exactly when it is rejected: %w", r.Line, ErrInvalid)
		}
		l.rows[i] = loadedRow{ImportRow: r}
	}
	return l, nil
}

// load runs the steps. Their order matters: what is rejected is known before anything is written, and every table is
// locked in the order in which all writers lock it.
func (l *loading) load(ctx context.Context) (ImportCounts, error) {
	for _, step := range []struct {
		doing string
		do    func(context.Context) error
	}{
		{"compare with what is recorded", l.compare},
		{"load listings and their holders", l.listings},
		{"find the wards of facts", l.place},
		{"record the rows", l.record},
		{"record that rows were seen", l.see},
	} {
		if err := step.do(ctx); err != nil {
			return ImportCounts{}, fmt.Errorf("%s: %w", step.doing, err)
		}
	}
	counts := l.counts()
	return counts, l.q.InsertBatch(ctx, gen.InsertBatchParams{
		City: string(l.City), Import: l.Import, Dataset: l.Dataset, File: l.File, Batch: int32(l.Number),
		Read: counts.Read, Listing: counts.Listing, PlaceFact: counts.PlaceFact, History: counts.History,
		PriceEvidence: counts.PriceEvidence, Unchanged: counts.Unchanged, Rejected: counts.Rejected,
	})
}

func (l *loading) counts() ImportCounts {
	counts := ImportCounts{Read: int64(len(l.rows))}
	for i := range l.rows {
		switch row := &l.rows[i]; {
		case row.Outcome == RowRejected:
			counts.Rejected++
		case !row.fresh():
			counts.Unchanged++
		case row.Outcome == RowListing:
			counts.Listing++
		case row.Outcome == RowPlaceFact:
			counts.PlaceFact++
		case row.Outcome == RowHistory:
			counts.History++
		case row.Outcome == RowPriceEvidence:
			counts.PriceEvidence++
		}
	}
	return counts
}
