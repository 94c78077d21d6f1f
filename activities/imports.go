package activities

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/outbound"
	"github.com/city-resource-graph/crg/postgres"
)

// ImportStore is where an import lands.
type ImportStore interface {
	InstallStore
	HostStore
	SourceStore
	kindReader
	StartImport(ctx context.Context, i postgres.Import) error
	HasRows(ctx context.Context, id city.ID, dataset string) (bool, error)
	LoadBatch(ctx context.Context, b postgres.Batch) (postgres.ImportCounts, error)
	FinishImport(ctx context.Context, id city.ID, importID string, to postgres.ImportState, problem string) (postgres.Import, error)
}

// ApplicantStarter starts the onboarding of an applicant who waits for a person. Starting twice is starting once.
type ApplicantStarter interface {
	ReviewApplicant(ctx context.Context, in ApplicantRef) (Execution, error)
}

// Imports reads a city's files into the database.
type Imports struct {
	Store   ImportStore
	Objects Objects
	Starter ApplicantStarter
	// Outbound fetches files from URLs; nil = this installation fetches nothing.
	Outbound *outbound.Client
	Now      func() time.Time

	readers importReaders
}

// PlanImport installs the city where it is new, passes over the files once, and stores the batches in which they will be
// loaded. Files that cannot be read as a whole refuse the import before anything is loaded.
func (i *Imports) PlanImport(ctx context.Context, in ImportRef) (ImportPlan, error) {
	defer beating(ctx)()
	plan, err := i.plan(ctx, in)
	return plan, classify(err)
}

func (i *Imports) plan(ctx context.Context, in ImportRef) (ImportPlan, error) {
	profile, host, err := i.openFor(ctx, in)
	if err != nil {
		return ImportPlan{}, err
	}
	folder := in.Source
	var from fetched
	if in.Upload != nil || IsURL(in.Source) {
		bring := i.fetch
		if in.Upload != nil {
			bring = i.unpack
		}
		if from, err = bring(ctx, in, profile); err != nil {
			return ImportPlan{}, err
		}
		defer from.remove()
		folder = from.folder
	}
	plan, err := i.install(ctx, in, profile, host, folder, from.source.Unchanged)
	if err != nil {
		return ImportPlan{}, err
	}
	from.stored.Plan = *plan
	planned, err := i.keep(ctx, in, from)
	if err != nil || len(plan.Batches) == 0 {
		return planned, err
	}
	return planned, i.remember(ctx, planned, profile, host, from.stored)
}

// install plans the import and writes what the city is. The database works at the wards' outlines while the files are
// passed over, and keeps nothing of a city whose files are refused.
func (i *Imports) install(
	ctx context.Context, in ImportRef, profile *ingest.City, host *ingest.Host, folder string, unchanged bool,
) (*ingest.Plan, error) {
	plan := &ingest.Plan{City: string(in.City)}
	var planning errgroup.Group
	planning.Go(func() (err error) {
		if unchanged {
			return nil
		}
		if plan, err = profile.Plan(ctx, folder, ingest.PlanOptions{Datasets: in.Datasets}); err != nil {
			return refused(ctx, err)
		}
		return nil
	})
	var installed error
	if host == nil {
		installed = installCityWhen(ctx, i.Store, profile, folder, in.TimeScale, i.Now(), func(context.Context) error { return planning.Wait() })
	}
	if err := planning.Wait(); err != nil {
		return nil, err
	}
	return plan, installed
}

// keep records the import and puts its plan where every worker finds it. An import from a URL without anything new has no
// data set to load.
func (i *Imports) keep(ctx context.Context, in ImportRef, from fetched) (ImportPlan, error) {
	plan := &from.stored.Plan
	result := ImportPlan{ImportRef: in, Rows: plan.Rows(), Datasets: datasetPlans(plan)}
	started := postgres.Import{City: in.City, ID: in.Import, Profile: in.Profile, Planned: result.Rows}
	for _, file := range plan.Files {
		started.Datasets = append(started.Datasets, file.Dataset)
	}
	if err := i.Store.StartImport(ctx, started); err != nil {
		return ImportPlan{}, err
	}
	if in.Upload == nil && IsURL(in.Source) {
		if err := i.Store.RecordSource(ctx, in.City, in.Import, from.source); err != nil {
			return ImportPlan{}, err
		}
	}
	var err error
	result.Blob, err = putJSON(ctx, i.Objects, fmt.Sprintf("%s/imports/%s/plan", in.City, in.Import), from.stored)
	return result, err
}

// openProfile reads the profile for the city that imports by it.
func openProfile(in ImportRef) (*ingest.City, error) {
	folder, err := cities.Open(in.Profile)
	if err != nil {
		return nil, fmt.Errorf("%w: profile: %w", errInvalid, err)
	}
	profile, err := ingest.OpenAs(folder, city.DefaultTaxonomy(), in.City)
	if err != nil {
		return nil, fmt.Errorf("%w: profile %s: %w", errInvalid, in.Profile, err)
	}
	return profile, nil
}

// refused marks what is wrong with files as final; a cancelled reading is not.
func refused(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", errInvalid, err)
}

// progress is how far a step of loading came.
type progress struct {
	Next   int          `json:"next"` // batch within the step
	Counts ImportCounts `json:"counts"`
}

// LoadDataset loads the batches of a data set, or of several small ones, in their order, each in one transaction, and starts an onboarding for
// each participant whom a person has to look at. A repeated attempt goes on from the last batch that was reported; a
// batch that was loaded already changes nothing.
func (i *Imports) LoadDataset(ctx context.Context, in LoadDatasetInput) (ImportCounts, error) {
	counts, err := i.load(ctx, in)
	return counts, classify(err)
}

func (i *Imports) load(ctx context.Context, in LoadDatasetInput) (ImportCounts, error) {
	from, giveBack, err := i.readers.of(ctx, in, i.open)
	if err != nil {
		return ImportCounts{}, err
	}
	defer giveBack()
	if err := from.layOut(ctx, i.Objects); err != nil {
		return ImportCounts{}, err
	}
	pulse := startPulse(ctx)
	defer pulse.stop()
	at, _ := position[progress](ctx)
	batches := from.batches(append([]string{in.Dataset}, in.And...))
	ahead, stop := from.ahead(ctx, batches[min(at.Next, len(batches)):])
	defer stop()
	isNew := false // the data set of which batches are being loaded
	for read := range ahead {
		if read.err != nil {
			return ImportCounts{}, refused(ctx, read.err)
		}
		if read.batch.Number == 0 {
			some, err := i.Store.HasRows(ctx, in.City, read.batch.Dataset)
			if err != nil {
				return ImportCounts{}, err
			}
			isNew = !some
		}
		counts, err := i.batch(ctx, in, from, read, isNew)
		if err != nil {
			return ImportCounts{}, err
		}
		at = progress{Next: at.Next + 1, Counts: at.Counts.Add(counts)}
		pulse.reached(at)
	}
	if err := ctx.Err(); err != nil {
		return ImportCounts{}, err
	}
	return at.Counts, nil
}

func (i *Imports) batch(ctx context.Context, in LoadDatasetInput, from *importReader, read readBatch, isNew bool) (ImportCounts, error) {
	batch, rows := read.batch, read.rows
	load := postgres.Batch{
		City: in.City, Import: in.Import, Dataset: batch.Dataset, File: batch.File, Number: batch.Number,
		New: isNew, Rows: make([]postgres.ImportRow, 0, len(rows)),
	}
	asks := asking{}
	for r := range rows {
		if !from.guest { // whose dates are the city's own
			rows[r].Shift(from.clock)
		}
		row, err := importRow(&rows[r])
		if err != nil {
			return ImportCounts{}, err
		}
		load.Rows = append(load.Rows, row)
		asks.row(&rows[r])
	}
	decided, err := asks.decided(ctx, i.Store, in.City)
	if err != nil {
		return ImportCounts{}, err
	}
	for r := range rows {
		load.Rows[r].Again = again(decided, rows[r].Participant, rows[r].Review)
	}
	counts, err := i.Store.LoadBatch(ctx, load)
	if err != nil {
		return ImportCounts{}, err
	}
	waiting, err := asks.waiting(ctx, i.Store, in.City)
	if err != nil {
		return ImportCounts{}, err
	}
	for _, id := range waiting {
		if _, err := i.Starter.ReviewApplicant(ctx, ApplicantRef{City: in.City, Participant: id, Flag: asks[id].why}); err != nil {
			return ImportCounts{}, err
		}
	}
	return countsOf(counts, len(waiting)), nil
}

func countsOf(c postgres.ImportCounts, flagged int) ImportCounts {
	return ImportCounts{
		Read: c.Read, Listing: c.Listing, PlaceFact: c.PlaceFact, History: c.History, PriceEvidence: c.PriceEvidence,
		Unchanged: c.Unchanged, Rejected: c.Rejected, Flagged: int64(flagged),
	}
}

// FinishImport says in the import's row how it ended. One that never came to have a row has nothing to finish.
func (i *Imports) FinishImport(ctx context.Context, in FinishImportInput) (ImportCounts, error) {
	finished, err := i.Store.FinishImport(ctx, in.City, in.Import, postgres.ImportState(in.State), in.Reason)
	if isNotFound(err) {
		err = nil
	}
	return countsOf(finished.Counts, 0), classify(err)
}
