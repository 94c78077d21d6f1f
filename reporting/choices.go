package reporting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/findings"
	"github.com/city-resource-graph/crg/postgres"
)

// ErrNotReady says that a run's files are being read; ask again in a moment.
var ErrNotReady = errors.New("the run is being prepared for questions")

// ErrTooLarge says that a run is too large to be kept in memory for questions.
var ErrTooLarge = errors.New("the run is too large for questions while it is served")

const (
	keptRuns       = 2         // in memory, the last asked ones
	mostCandidates = 3_000_000 // of a run that is kept: about 200 bytes each
	loadTime       = 2 * time.Minute
)

// Choices answers what choices against runs' proposals cost, from the runs' files. A run is read once and kept while it
// is asked about; it never changes. Safe for concurrent use.
type Choices struct {
	store   *postgres.Store
	objects activities.Objects

	mu   sync.Mutex
	runs []*keptRun // the last asked one first
}

// keptRun is a run that is ready, or will be when done is closed.
type keptRun struct {
	city    city.ID
	run     city.RunID
	done    chan struct{}
	choices *findings.Choices
	err     error
}

// NewChoices answers from the given stores.
func NewChoices(store *postgres.Store, objects activities.Objects) *Choices {
	return &Choices{store: store, objects: objects}
}

// Of prepares a run, or finds it prepared. It waits as long as ctx lets it; what takes longer goes on, and later callers
// find it.
func (c *Choices) Of(ctx context.Context, id city.ID, run city.RunID) (*findings.Choices, error) {
	kept := c.keep(ctx, id, run)
	select {
	case <-kept.done:
		return kept.choices, kept.err
	case <-ctx.Done():
		return nil, fmt.Errorf("run %s: %w", run, ErrNotReady)
	}
}

func (c *Choices) keep(ctx context.Context, id city.ID, run city.RunID) *keptRun {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := slices.IndexFunc(c.runs, func(k *keptRun) bool { return k.city == id && k.run == run }); at >= 0 {
		kept := c.runs[at]
		c.runs = slices.Insert(slices.Delete(c.runs, at, at+1), 0, kept)
		return kept
	}
	kept := &keptRun{city: id, run: run, done: make(chan struct{})}
	c.runs = slices.Insert(c.runs, 0, kept)[:min(len(c.runs)+1, keptRuns)]
	go c.load(context.WithoutCancel(ctx), kept)
	return kept
}

// load reads a run. A failure is not kept: the next caller tries again.
func (c *Choices) load(ctx context.Context, kept *keptRun) {
	ctx, cancel := context.WithTimeout(ctx, loadTime)
	defer cancel()
	kept.choices, kept.err = c.read(ctx, kept.city, kept.run)
	if kept.err != nil {
		c.mu.Lock()
		c.runs = slices.DeleteFunc(c.runs, func(k *keptRun) bool { return k == kept })
		c.mu.Unlock()
	}
	close(kept.done)
}

func (c *Choices) read(ctx context.Context, id city.ID, run city.RunID) (*findings.Choices, error) {
	record, err := c.store.Run(ctx, id, run)
	if err != nil {
		return nil, err
	}
	if number(record.Candidates) > mostCandidates {
		return nil, fmt.Errorf("run %s with %d candidates: %w", run, number(record.Candidates), ErrTooLarge)
	}
	solved, _, err := readRun(ctx, c.objects, record, nil)
	if err != nil {
		return nil, err
	}
	return solved.Choices(ctx)
}

// readRun reads back what a run found.
func readRun(ctx context.Context, objects activities.Objects, record postgres.Run, wards []findings.Ward) (*findings.Solved, activities.RunFiles, error) {
	files, err := activities.ReadRunFiles(ctx, objects, record)
	if err != nil {
		return nil, files, err
	}
	prices := map[city.ListingID]int64{}
	for _, list := range [][]activities.Price{files.Certificate.NeedPrices, files.Certificate.ResourcePrices} {
		for _, price := range list {
			prices[price.Listing] = price.Minor
		}
	}
	flows := make([]findings.Flow, 0, len(files.Proposals))
	for _, p := range files.Proposals {
		flows = append(flows, findings.Flow{Need: p.Need, Resource: p.Resource, Quantity: p.Quantity})
	}
	solved, err := findings.Load(ctx, files.Snapshot, flows, prices, wards)
	return solved, files, err
}
