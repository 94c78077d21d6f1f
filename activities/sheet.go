package activities

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/ingest/source"
	"github.com/city-resource-graph/crg/postgres"
)

// SheetProfile is the mapping profile of the spreadsheets that people fill in.
const SheetProfile = "sheet"

// Unchanged is what becomes of a row that was imported before and says the same again.
const Unchanged ingest.Outcome = "unchanged"

// RecordedRowStore knows what earlier imports recorded, and what was decided on holders since.
type RecordedRowStore interface {
	kindReader
	RecordedRows(ctx context.Context, id city.ID, dataset string, keys []string) (map[string]postgres.RecordedRow, error)
}

// SheetStore is what trying out a spreadsheet reads.
type SheetStore interface {
	HostStore
	RecordedRowStore
}

// Told is a row of a file and what would become of it.
type Told struct {
	*ingest.Row

	Outcome ingest.Outcome // the row's own, or Unchanged
}

// TryOut reads a city's files as an import would and tells of each row, in the order of the files, what would become of it.
// Nothing is stored. Where recorded is nil nothing counts as imported before. A listing that an earlier one of the same id
// contradicts is found by the import alone.
func TryOut(ctx context.Context, profile *ingest.City, folder string, datasets []string, recorded RecordedRowStore, tell func(Told)) (ImportCounts, error) {
	var counts ImportCounts
	plan, err := profile.Plan(ctx, folder, ingest.PlanOptions{Datasets: datasets})
	if err != nil {
		return counts, err
	}
	reader, err := profile.Reader(folder, plan)
	if err != nil {
		return counts, err
	}
	defer func() { _ = reader.Close() }()
	asks, anew := asking{}, asking{} // anew: by rows that say something new
	for _, batch := range plan.Batches {
		rows, err := reader.ReadBatch(ctx, batch)
		if err != nil {
			return counts, err
		}
		known, err := recordedOf(ctx, recorded, profile.ID, batch.Dataset, rows)
		if err != nil {
			return counts, err
		}
		for i := range rows {
			told := Told{&rows[i], rows[i].Outcome}
			if was, found := known[rows[i].Key]; found && told.saysNothingNew(was) {
				told.Outcome = Unchanged
			}
			asks.row(told.Row)
			if told.Outcome != Unchanged {
				anew.row(told.Row)
			}
			counts = counts.Add(told.count())
			tell(told)
		}
	}
	counts.Flagged = int64(len(asks))
	if recorded == nil {
		return counts, nil
	}
	waiting, err := asks.waiting(ctx, recorded, profile.ID)
	if err != nil {
		return counts, err
	}
	counts.Flagged = int64(len(waiting))
	decided, err := anew.decided(ctx, recorded, profile.ID)
	for _, asked := range anew {
		if again(decided, &asked.holder, asked.why) != "" { // who was decided on is not waiting yet
			counts.Flagged++
		}
	}
	return counts, err
}

func recordedOf(ctx context.Context, store RecordedRowStore, id city.ID, dataset string, rows []ingest.Row) (map[string]postgres.RecordedRow, error) {
	if store == nil {
		return nil, nil
	}
	keys := make([]string, len(rows))
	for i := range rows {
		keys[i] = rows[i].Key
	}
	return store.RecordedRows(ctx, id, dataset, keys)
}

// saysNothingNew compares with what is recorded. A row that is rejected again is told again.
func (t Told) saysNothingNew(was postgres.RecordedRow) bool {
	return t.Outcome != ingest.Rejected && was.Outcome == postgres.RowOutcome(t.Outcome) && hex.EncodeToString(was.Digest) == t.Digest
}

func (t Told) count() ImportCounts {
	counts := ImportCounts{Read: 1}
	switch t.Outcome {
	case ingest.Listed:
		counts.Listing = 1
	case ingest.PlaceFact:
		counts.PlaceFact = 1
	case ingest.History:
		counts.History = 1
	case ingest.PriceEvidence:
		counts.PriceEvidence = 1
	case ingest.Rejected:
		counts.Rejected = 1
	case Unchanged:
		counts.Unchanged = 1
	}
	return counts
}

// ErrSheet says that a spreadsheet cannot be read as a whole; the message says what is wrong and what would be right.
var ErrSheet = errors.New("the spreadsheet is refused")

// TrySheet says of each row of a spreadsheet, listings.xlsx or listings.csv, what would become of it in a city.
func TrySheet(ctx context.Context, store SheetStore, id city.ID, now time.Time, name string, content []byte, tell func(Told)) (ImportCounts, error) {
	host, err := HostOf(ctx, store, id, now)
	if err != nil {
		return ImportCounts{}, err
	}
	if host == nil {
		return ImportCounts{}, fmt.Errorf("city %s: %w", id, postgres.ErrNotFound)
	}
	files, err := cities.Open(SheetProfile)
	if err != nil {
		return ImportCounts{}, err
	}
	profile, err := ingest.OpenFor(files, city.DefaultTaxonomy(), *host)
	if err != nil {
		return ImportCounts{}, err
	}
	folder, err := layOut(name, content)
	if err != nil {
		return ImportCounts{}, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	counts, err := TryOut(ctx, profile, folder, nil, store, tell)
	var fault *source.FileError
	if errors.As(err, &fault) {
		said := *fault
		said.Path = name // not where it lies on this disk
		return counts, fmt.Errorf("%w: %w", ErrSheet, &said)
	}
	return counts, err
}
