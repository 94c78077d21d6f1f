package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/city-resource-graph/crg/ingest/source"
)

// Bounds of a batch: what one write to a database holds, and what a process holds in memory.
const (
	batchRows  = 4000
	batchBytes = 4 << 20
)

// Plan is how a city's files are read in batches. It is plain JSON, so that it can be kept and handed to other processes.
type Plan struct {
	City    string  `json:"city"`
	Files   []File  `json:"files"`
	Batches []Batch `json:"batches"` // of one data set in the order of its file
	State   *State  `json:"state"`
}

// File is one file of the plan.
type File struct {
	Dataset string `json:"dataset"`
	Path    string `json:"path"` // in the data folder
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
	Rows    int64  `json:"rows"`
}

// Batch is a range of rows of one file.
type Batch struct {
	Dataset string        `json:"dataset"`
	File    string        `json:"file"`
	Number  int           `json:"number"` // in its data set, from 0
	Cursor  source.Cursor `json:"cursor"` // where its first row starts
	Rows    int           `json:"rows"`
}

// Rows counts the rows of all files.
func (p *Plan) Rows() int64 {
	var rows int64
	for _, file := range p.Files {
		rows += file.Rows
	}
	return rows
}

// PlanOptions narrows a plan.
type PlanOptions struct {
	Datasets []string                      // empty = all
	Progress func(file string, rows int64) // called every few thousand rows; may be nil
}

// Plan passes over the files once. What makes a file unreadable as a whole is an error that names every such file, and
// nothing has been loaded then; what is wrong with single rows is told when they are read.
func (c *City) Plan(ctx context.Context, dir string, options PlanOptions) (*Plan, error) {
	areas, err := c.placing(dir)
	if err != nil {
		return nil, err
	}
	wanted, err := c.wanted(options.Datasets)
	if err != nil {
		return nil, err
	}
	files := newFiles(dir)
	defer func() { _ = files.Close() }()
	p := &planner{
		city: c, files: files, areas: areas, progress: func(string, int64) {}, groups: map[string]*sites{}, seed: maphash.MakeSeed(),
		plan: &Plan{City: string(c.ID), State: newState()},
	}
	if report := options.Progress; report != nil {
		p.progress = func(file string, rows int64) {
			p.mutex.Lock()
			defer p.mutex.Unlock()
			report(file, rows)
		}
	}
	surveys, err := p.surveys(ctx, wanted)
	if err != nil {
		return nil, err
	}
	for _, s := range surveys {
		s.keep(p.plan.State)
		if wanted[s.dataset.ID] {
			p.plan.Files = append(p.plan.Files, s.file)
			p.plan.Batches = append(p.plan.Batches, s.batches...)
		}
	}
	for _, s := range surveys { // in the order of the profile: of two sites side by side the earlier one counts
		if s.dataset.hasNear {
			if err := p.near(ctx, s.dataset, files.of(s.dataset)); err != nil {
				return nil, fmt.Errorf("planning data set %s: %w", s.dataset.ID, err)
			}
		}
	}
	return p.plan, nil
}

func (c *City) wanted(ids []string) (map[string]bool, error) {
	wanted := map[string]bool{}
	if len(ids) == 0 {
		ids = c.Datasets()
	}
	for _, id := range ids {
		if _, err := c.find(id); err != nil {
			return nil, err
		}
		wanted[id] = true
	}
	return wanted, nil
}

// feeds reports whether a data set that is not wanted itself is needed by one that is: for a set, or for its sites.
func (c *City) feeds(d *dataset, wanted map[string]bool) bool {
	for _, set := range c.profile.Sets {
		if set.Dataset == d.ID {
			return true
		}
	}
	if !d.hasNear {
		return false
	}
	for _, other := range c.datasets {
		if other.hasNear && wanted[other.ID] {
			return true
		}
	}
	return false
}

// planner makes a plan.
type planner struct {
	city     *City
	files    *files
	areas    *Areas
	plan     *Plan
	progress func(string, int64)
	mutex    sync.Mutex // of who is told of the progress
	groups   map[string]*sites
	seed     maphash.Seed
}

// surveys passes over the files that are wanted, and over those that rules about them need, several at a time. They come
// in the order of the profile; the error names every file that cannot be read as a whole.
func (p *planner) surveys(ctx context.Context, wanted map[string]bool) ([]*survey, error) {
	var list []*survey
	for _, d := range p.city.datasets {
		if d.MissingFile == "skip" && !exists(p.files.of(d)) {
			continue
		}
		if wanted[d.ID] || p.city.feeds(d, wanted) {
			list = append(list, newSurvey(d, p.seed, p.areas))
		}
	}
	failures := make([]error, len(list))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, i := range p.largestFirst(list) {
		group.Go(func() error {
			failures[i] = p.survey(ctx, list[i], p.files.of(list[i].dataset))
			return nil
		})
	}
	_ = group.Wait() // the failures are told apart below
	var broken []error
	for i, err := range failures {
		var file *source.FileError
		if errors.As(err, &file) {
			broken = append(broken, err)
		} else if err != nil {
			return nil, fmt.Errorf("planning data set %s: %w", list[i].dataset.ID, err)
		}
	}
	return list, errors.Join(broken...)
}

// largestFirst orders the files by size, so that none is left to the end that takes long. It gives their places in the list.
func (p *planner) largestFirst(list []*survey) []int {
	sizes, order := make([]int64, len(list)), make([]int, len(list))
	for i, s := range list {
		order[i] = i
		if size, err := p.files.size(s.dataset); err == nil { // one that is not there is named when it is opened
			sizes[i] = size
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	return order
}

// each visits the records of a data set's file.
func (p *planner) each(ctx context.Context, d *dataset, path string, visit func(*source.File, source.Cursor, *source.Record) error) error {
	file, err := p.files.open(d, source.Cursor{})
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if file.Header != nil {
		if err := d.checkHeader(path, file.Header); err != nil {
			return err
		}
	}
	for n := int64(1); ; n++ {
		at := file.Cursor()
		record, err := file.Next()
		if errors.Is(err, io.EOF) {
			p.progress(d.File, n-1)
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		if err := visit(file, at, &record); err != nil {
			return err
		}
		if n%4096 == 0 {
			p.progress(d.File, n)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
}
