package activities

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
)

// importReader is what the data sets of one import share: the profile with the wards, the plan, and the city clock.
type importReader struct {
	plan   *ingest.Plan
	reader *ingest.Reader
	clock  city.Clock
	guest  bool // the profile is read into a city that existed, whose dates are not shifted

	mutex  sync.Mutex // of the folder
	folder string     // of a file that was fetched from a URL; laid out while somebody reads
	stored storedPlan
}

// layOut puts a file that was fetched where the reader looks for it.
func (r *importReader) layOut(ctx context.Context, objects Objects) error {
	if r.folder == "" {
		return nil
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if _, err := os.Stat(r.folder); err == nil {
		return nil
	}
	content, err := objects.Get(ctx, *r.stored.Fetched)
	if err != nil {
		return err
	}
	return layOutIn(r.folder, r.stored.Name, content)
}

// close removes what reading took on disk. The reader can be used again.
func (r *importReader) close() {
	_ = r.reader.Close()
	if r.folder != "" {
		_ = os.RemoveAll(r.folder)
	}
}

// open reads what another process planned, or this one a while ago.
func (i *Imports) open(ctx context.Context, in LoadDatasetInput) (*importReader, error) {
	profile, host, err := i.openFor(ctx, in.ImportRef)
	if err != nil {
		return nil, err
	}
	var stored storedPlan
	if err := getJSON(ctx, i.Objects, in.Plan, &stored); err != nil {
		return nil, err
	}
	return i.reader(ctx, in.ImportRef, profile, host, stored)
}

// remember keeps what planning has read for the steps of loading that come to this process.
func (i *Imports) remember(ctx context.Context, plan ImportPlan, profile *ingest.City, host *ingest.Host, stored storedPlan) error {
	_, giveBack, err := i.readers.of(ctx, LoadDatasetInput{ImportRef: plan.ImportRef, Plan: plan.Blob},
		func(ctx context.Context, in LoadDatasetInput) (*importReader, error) {
			return i.reader(ctx, in.ImportRef, profile, host, stored)
		})
	if err == nil {
		giveBack()
	}
	return err
}

func (i *Imports) reader(
	ctx context.Context, in ImportRef, profile *ingest.City, host *ingest.Host, stored storedPlan,
) (*importReader, error) {
	from := &importReader{guest: host != nil, stored: stored}
	from.plan = &from.stored.Plan
	folder := in.Source
	if stored.Fetched != nil {
		from.folder = filepath.Join(os.TempDir(), "crg-fetched-"+strings.ToLower(rand.Text()[:16]))
		folder = from.folder
	}
	var err error
	if from.reader, err = profile.Reader(folder, from.plan); err != nil {
		return nil, refused(ctx, err)
	}
	row, err := i.Store.City(ctx, in.City)
	from.clock = row.Clock
	return from, err
}

// batches are those of some data sets, one after the other.
func (r *importReader) batches(datasets []string) (list []ingest.Batch) {
	for _, dataset := range datasets {
		for _, batch := range r.plan.Batches {
			if batch.Dataset == dataset {
				list = append(list, batch)
			}
		}
	}
	return list
}

// readBatch is a batch with its rows as the profile maps them.
type readBatch struct {
	batch ingest.Batch
	rows  []ingest.Row
	err   error // the last one's
}

// ahead reads batches, one of them while the one before is being loaded. The channel closes after the last, after an error,
// and when the reading is stopped.
func (r *importReader) ahead(ctx context.Context, batches []ingest.Batch) (<-chan readBatch, func()) {
	ctx, stop := context.WithCancel(ctx)
	read := make(chan readBatch)
	go func() {
		defer close(read)
		for _, batch := range batches {
			rows, err := r.reader.ReadBatch(ctx, batch)
			select {
			case read <- readBatch{batch, rows, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return read, stop
}

// importReaders remembers the readers of the last few imports, because a worker that loads one data set of an import
// soon loads the next. Who asks while another opens the same waits for it. What a reader unpacked goes when nobody uses it.
type importReaders struct {
	mutex sync.Mutex
	last  []*openedImport // the latest first
}

type openedImport struct {
	city   city.ID
	plan   string // the hash of its content
	reader *importReader
	users  int
}

// rememberedImports bounds the memory: a plan with its wards takes some megabytes.
const rememberedImports = 2

// of opens a reader, or takes the one that is open. The returned function gives it back.
func (r *importReaders) of(
	ctx context.Context, in LoadDatasetInput, open func(context.Context, LoadDatasetInput) (*importReader, error),
) (*importReader, func(), error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	i := slices.IndexFunc(r.last, func(o *openedImport) bool { return o.city == in.City && o.plan == in.Plan.SHA256 })
	if i < 0 {
		reader, err := open(ctx, in)
		if err != nil {
			return nil, nil, err
		}
		i, r.last = 0, slices.Insert(r.last, 0, &openedImport{city: in.City, plan: in.Plan.SHA256, reader: reader})
		r.last = r.last[:min(len(r.last), rememberedImports)]
	}
	opened := r.last[i]
	opened.users++
	return opened.reader, func() { r.giveBack(opened) }, nil
}

func (r *importReaders) giveBack(opened *openedImport) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if opened.users--; opened.users == 0 {
		opened.reader.close() // it can be used again, and unpacks again then
	}
}
