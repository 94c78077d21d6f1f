package activities

import (
	"context"
	"slices"
	"sync"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
)

// importReader is what the data sets of one import share: the profile with the wards, the plan, and the city clock.
type importReader struct {
	plan   *ingest.Plan
	reader *ingest.Reader
	clock  city.Clock
}

// open reads it.
func (i *Imports) open(ctx context.Context, in LoadDatasetInput) (*importReader, error) {
	profile, err := openProfile(in.ImportRef)
	if err != nil {
		return nil, err
	}
	from := &importReader{plan: &ingest.Plan{}}
	if err := getJSON(ctx, i.Objects, in.Plan, from.plan); err != nil {
		return nil, err
	}
	if from.reader, err = profile.Reader(in.Source, from.plan); err != nil {
		return nil, refused(ctx, err)
	}
	row, err := i.Store.City(ctx, in.City)
	from.clock = row.Clock
	return from, err
}

// importReaders remembers the readers of the last few imports, because a worker that loads one data set of an import
// soon loads the next. Who asks while another opens the same waits for it.
type importReaders struct {
	mutex sync.Mutex
	last  []openedImport // the latest first
}

type openedImport struct {
	city   city.ID
	plan   string // the hash of its content
	reader *importReader
}

// rememberedImports bounds the memory: a plan with its wards takes some megabytes.
const rememberedImports = 2

func (r *importReaders) of(
	ctx context.Context, in LoadDatasetInput, open func(context.Context, LoadDatasetInput) (*importReader, error),
) (*importReader, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, known := range r.last {
		if known.city == in.City && known.plan == in.Plan.SHA256 {
			return known.reader, nil
		}
	}
	reader, err := open(ctx, in)
	if err != nil {
		return nil, err
	}
	r.last = slices.Insert(r.last, 0, openedImport{in.City, in.Plan.SHA256, reader})
	r.last = r.last[:min(len(r.last), rememberedImports)]
	return reader, nil
}
