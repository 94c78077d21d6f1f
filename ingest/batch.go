package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/city-resource-graph/crg/ingest/source"
)

// Reader maps the batches of a plan.
type Reader struct {
	city  *City
	dir   string
	plan  *Plan
	areas *Areas
}

// Reader opens the data folder of a plan. Several may work on one plan at the same time.
func (c *City) Reader(dir string, plan *Plan) (*Reader, error) {
	if plan.City != string(c.ID) {
		return nil, fmt.Errorf("the plan is for city %q, not %q", plan.City, c.ID)
	}
	areas, err := c.readWards(dir)
	if err != nil {
		return nil, err
	}
	return &Reader{city: c, dir: dir, plan: plan, areas: areas}, nil
}

// ErrChanged says that a file is not the one that was planned.
var ErrChanged = errors.New("the file has changed since the import was planned: plan it again")

// ReadBatch maps the rows of one batch. It gives the same rows each time, in the order of the file.
func (r *Reader) ReadBatch(ctx context.Context, batch Batch) ([]Row, error) {
	d, err := r.city.find(batch.Dataset)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(r.dir, filepath.FromSlash(batch.File))
	if err := r.unchanged(path, batch.File); err != nil {
		return nil, err
	}
	file, err := source.Open(path, d.options, batch.Cursor)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	m := &mapper{dataset: d, areas: r.areas, state: r.plan.State, covered: r.plan.State.recorded(d.ID)}
	rows := make([]Row, 0, batch.Rows)
	for len(rows) < batch.Rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		record, err := file.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s ends after %d of %d rows of batch %d: %w", path, len(rows), batch.Rows, batch.Number, ErrChanged)
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", path, err)
		}
		row, err := m.row(&record)
		if err != nil {
			return nil, fmt.Errorf("mapping %s, line %d: %w", path, record.Line, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (r *Reader) unchanged(path, name string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("looking at %s: %w", path, err)
	}
	for _, file := range r.plan.Files {
		if file.Path == name && file.Size != info.Size() {
			return fmt.Errorf("%s has %d bytes, planned were %d: %w", path, info.Size(), file.Size, ErrChanged)
		}
	}
	return nil
}
