package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

//go:embed staging.sql
var stagingTables string

// LoadBatch takes one batch in: COPY into staging tables, then set-based statements that reject repeated keys, tell
// new and changed rows from unchanged ones by digest, and write participants, listings, facts and the rows' outcomes.
// All in one transaction, and once: a batch that is loaded answers its recorded counts and changes nothing.
func (s *Store) LoadBatch(ctx context.Context, b Batch) (ImportCounts, error) {
	doing := fmt.Sprintf("load batch %d of %s in import %s", b.Number, b.File, b.Import)
	staged, err := stage(b)
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
		if _, err := tx.Exec(ctx, stagingTables); err != nil {
			return fmt.Errorf("make staging tables: %w", err)
		}
		if err := staged.copy(ctx, tx); err != nil {
			return err
		}
		if err := mergeBatch(ctx, q, b); err != nil {
			return err
		}
		row, err := q.CountBatch(ctx, gen.CountBatchParams{
			City: string(b.City), Import: b.Import, Dataset: b.Dataset, File: b.File, Batch: int32(b.Number),
		})
		counts = ImportCounts(row)
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
	state, err := q.ImportStateForUpdate(ctx, gen.ImportStateForUpdateParams{City: string(b.City), ID: b.Import})
	if err != nil {
		return nil, err
	}
	if state != string(ImportRunning) {
		return nil, &StateError{Subject: "import " + b.Import, State: state, Wanted: "loading a batch"}
	}
	return nil, nil //nolint:nilnil // no counts yet: go on
}

// mergeBatch runs the set-based statements over the staged rows. Their order matters: what is rejected is known before
// anything is written, and every table is locked in the order in which all writers lock it.
func mergeBatch(ctx context.Context, q *gen.Queries, b Batch) error {
	id := string(b.City)
	compared, err := q.CompareRows(ctx, gen.CompareRowsParams{City: id, Dataset: b.Dataset, Import: b.Import, File: b.File})
	if err != nil {
		return fmt.Errorf("compare with what is recorded: %w", err)
	}
	known := compared.Known
	if compared.Repeated > 0 {
		repeated, err := q.CompareRepeatedRows(ctx, gen.CompareRepeatedRowsParams{City: id, Dataset: b.Dataset})
		if err != nil {
			return fmt.Errorf("compare repeated rows with what is recorded: %w", err)
		}
		known += repeated
	}
	steps := []step{
		{"reject listings of another identity", func() error { return q.RejectOtherIdentity(ctx, id) }},
		{"load participants", func() error { return q.LoadParticipants(ctx, id) }},
		{"load listings", func() error { return q.LoadListings(ctx, id) }},
	}
	if known > 0 { // else there is nothing to change
		steps = append(steps, changes(ctx, q, b)...)
	}
	steps = append(steps, step{"record the rows", func() error {
		return q.LoadSourceRows(ctx, gen.LoadSourceRowsParams{City: id, Dataset: b.Dataset, File: b.File, Import: b.Import})
	}})
	for _, step := range steps {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.doing, err)
		}
	}
	return nil
}

type step struct {
	doing string
	do    func() error
}

// changes are the statements about rows that the data set had before.
func changes(ctx context.Context, q *gen.Queries, b Batch) []step {
	id := string(b.City)
	return []step{
		{"change participants", func() error { return q.ChangeParticipants(ctx, id) }},
		{"change listings", func() error { return q.ChangeListings(ctx, id) }},
		{"withdraw vanished listings", func() error {
			return q.WithdrawVanished(ctx, gen.WithdrawVanishedParams{City: id, Dataset: b.Dataset})
		}},
		{"record that rows were seen", func() error {
			return q.SeeSourceRows(ctx, gen.SeeSourceRowsParams{City: id, Dataset: b.Dataset, File: b.File, Import: b.Import})
		}},
	}
}

// staging is a batch as the rows of its three staging tables.
type staging struct {
	rows, participants, listings [][]any
}

func stage(b Batch) (staging, error) {
	var st staging
	line := int64(-1)
	for _, r := range b.Rows {
		if r.Line <= line {
			return st, fmt.Errorf("line %d after line %d: lines of a batch must rise: %w", r.Line, line, ErrInvalid)
		}
		line = r.Line
		if r.Key == "" || (r.Outcome == RowRejected) != (r.Reason != "") {
			return st, fmt.Errorf("line %d: want a key, and a reason exactly when it is rejected: %w", r.Line, ErrInvalid)
		}
		lon, lat := coordinates(r.Point)
		st.rows = append(st.rows, []any{r.Line, r.Key, r.Digest, string(r.Outcome), r.Reason, r.fact(), lon, lat, r.Ward})
		for _, p := range r.Participants {
			st.participants = append(st.participants, participantCopy(r.Line, p))
		}
		for _, l := range r.Listings {
			l.City, l.Source, l.SourceKey = b.City, b.Dataset, r.Key
			row, err := listingRowOf(l.Listing, l.ExpiresAt)
			if err != nil {
				return st, fmt.Errorf("line %d: %w", r.Line, err)
			}
			st.listings = append(st.listings, row.copy(r.Line))
		}
	}
	return st, nil
}

func (st staging) copy(ctx context.Context, tx pgx.Tx) error {
	for _, table := range []struct {
		name    string
		columns []string
		rows    [][]any
	}{
		{"staged_row", []string{"line", "key", "digest", "outcome", "reason", "payload", "lon", "lat", "ward"}, st.rows},
		{"staged_participant", participantCopyColumns(), st.participants},
		{"staged_listing", listingCopyColumns(), st.listings},
	} {
		if len(table.rows) == 0 {
			continue
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{table.name}, table.columns, pgx.CopyFromRows(table.rows)); err != nil {
			return fmt.Errorf("copy into %s: %w", table.name, err)
		}
	}
	// Nothing gathers statistics of a temporary table by itself, and without them the planner joins row by row.
	if _, err := tx.Exec(ctx, "ANALYZE staged_row (line, key), staged_participant (line, id), staged_listing (line, id)"); err != nil {
		return fmt.Errorf("analyse the staging tables: %w", err)
	}
	return nil
}

func participantCopyColumns() []string {
	return []string{
		"line", "id", "kind", "name", "email_domain", "address_id", "lon", "lat", "location_quality", "ward", "state",
		"origin", "source", "source_key",
	}
}

func participantCopy(line int64, p city.Participant) []any {
	lon, lat := coordinates(p.Point)
	return []any{
		line, string(p.ID), string(p.Kind), p.Name, p.EmailDomain, p.AddressID, lon, lat, string(p.LocationQuality),
		p.Ward, string(p.State), string(p.Origin), p.Source, p.SourceKey,
	}
}
