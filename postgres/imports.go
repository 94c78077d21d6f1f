package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// ImportState is where an import stands.
type ImportState string

// States of an import.
const (
	ImportRunning   ImportState = "running"
	ImportCompleted ImportState = "completed"
	ImportFailed    ImportState = "failed"
	ImportCancelled ImportState = "cancelled"
)

// Import is one reading of a city's data sets. Counts are of the batches loaded so far.
type Import struct {
	City       city.ID
	ID         string
	Profile    string // mapping profile, name@version
	Datasets   []string
	Planned    int64 // rows that its files have, where somebody counted them; written once, for those who follow its progress
	State      ImportState
	Error      string
	Counts     ImportCounts
	StartedAt  time.Time
	FinishedAt *time.Time
}

// ImportCounts says what became of rows: Read is the sum of the others.
type ImportCounts struct {
	Read          int64 `json:"read"`
	Listing       int64 `json:"listing"`
	PlaceFact     int64 `json:"place_fact"`
	History       int64 `json:"history"`
	PriceEvidence int64 `json:"price_evidence"`
	Unchanged     int64 `json:"unchanged"`
	Rejected      int64 `json:"rejected"`
}

// Accepted is what was taken in, new or changed.
func (c ImportCounts) Accepted() int64 { return c.Listing + c.PlaceFact + c.History + c.PriceEvidence }

// StartImport records an import as running. The same import again is a success and changes nothing.
func (s *Store) StartImport(ctx context.Context, i Import) error {
	_, err := s.q.StartImport(ctx, gen.StartImportParams{
		City: string(i.City), ID: i.ID, Profile: i.Profile, Datasets: texts(i.Datasets), Planned: i.Planned,
	})
	return translate("start import "+i.ID, err)
}

// FinishImport ends an import and answers its counts; one that ended so already is a success.
func (s *Store) FinishImport(ctx context.Context, id city.ID, imp string, to ImportState, problem string) (Import, error) {
	err := s.write(ctx, "finish import "+imp, func(_ pgx.Tx, q *gen.Queries) error {
		state, err := q.ImportStateForUpdate(ctx, gen.ImportStateForUpdateParams{City: string(id), ID: imp})
		switch {
		case err != nil || state == string(to):
			return err
		case state != string(ImportRunning):
			return &StateError{Subject: "import " + imp, State: state, Wanted: string(to)}
		}
		return q.FinishImport(ctx, gen.FinishImportParams{City: string(id), ID: imp, State: string(to), Error: problem})
	})
	if err != nil {
		return Import{}, err
	}
	finished, err := s.Import(ctx, id, imp)
	if err != nil || finished.Counts.Listing == 0 {
		return finished, err
	}
	// A run often follows at once, before the server analyses by itself what an import filled.
	_, err = s.pool.Exec(ctx, "ANALYZE participant, listing")
	return finished, translate("analyse what import "+imp+" filled", err)
}

// Import reads one import.
func (s *Store) Import(ctx context.Context, id city.ID, imp string) (Import, error) {
	rows, err := s.q.Imports(ctx, gen.ImportsParams{City: string(id), ID: &imp, PageLimit: 1})
	if err != nil || len(rows) == 0 {
		return Import{}, found("read import "+imp, int64(len(rows)), err)
	}
	return importOf(rows[0]), nil
}

// ListImports reads a page of a city's imports, by id.
func (s *Store) ListImports(ctx context.Context, id city.ID, page Page) ([]Import, string, error) {
	p := gen.ImportsParams{City: string(id), PageLimit: int32(page.limit() + 1)}
	if err := page.read(&p.AfterID); err != nil {
		return nil, "", err
	}
	rows, err := s.q.Imports(ctx, p)
	imports := make([]Import, len(rows))
	for i, row := range rows {
		imports[i] = importOf(row)
	}
	imports, next := paged(imports, page, func(i Import) string { return cursor(i.ID) })
	return imports, next, translate("list imports", err)
}

func importOf(row gen.ImportsRow) Import {
	return Import{
		City: city.ID(row.City), ID: row.ID, Profile: row.Profile, Datasets: row.Datasets, State: ImportState(row.State),
		Error: row.Error, StartedAt: row.StartedAt, FinishedAt: row.FinishedAt,
		Counts: ImportCounts{
			Read: row.Read, Listing: row.Listing, PlaceFact: row.PlaceFact, History: row.History,
			PriceEvidence: row.PriceEvidence, Unchanged: row.Unchanged, Rejected: row.Rejected,
		},
	}
}

// RejectedRow is a row that was not taken in, and why.
type RejectedRow struct {
	Dataset string
	File    string
	Line    int64
	Key     string
	Reason  string
}

// RejectedRows reads a page of the rows that an import rejected, by data set, file and line. A later import of the same data set
// takes over the rows that it rejects again.
func (s *Store) RejectedRows(ctx context.Context, id city.ID, imp string, page Page) ([]RejectedRow, string, error) {
	p := gen.RejectedRowsParams{City: string(id), Import: imp, PageLimit: int32(page.limit() + 1)}
	if err := page.read(&p.AfterDataset, &p.AfterFile, &p.AfterLine, &p.AfterKey); err != nil {
		return nil, "", err
	}
	rows, err := s.q.RejectedRows(ctx, p)
	rejected := make([]RejectedRow, len(rows))
	for i, row := range rows {
		rejected[i] = RejectedRow(row)
	}
	rejected, next := paged(rejected, page, func(r RejectedRow) string { return cursor(r.Dataset, r.File, r.Line, r.Key) })
	return rejected, next, translate("list rejected rows", err)
}
