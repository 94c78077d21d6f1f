package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Reader maps the batches of a plan.
type Reader struct {
	city  *City
	files *files
	plan  *Plan
	areas *Areas
}

// Reader opens the data folder of a plan. Several may work on one plan at the same time. Whoever opens it closes it.
func (c *City) Reader(dir string, plan *Plan) (*Reader, error) {
	if plan.City != string(c.ID) {
		return nil, fmt.Errorf("the plan is for city %q, not %q", plan.City, c.ID)
	}
	areas, err := c.placing(dir)
	if err != nil {
		return nil, err
	}
	return &Reader{city: c, files: newFiles(dir), plan: plan, areas: areas}, nil
}

// Close removes what was unpacked for reading.
func (r *Reader) Close() error { return r.files.Close() }

// ErrChanged says that a file is not the one that was planned.
var ErrChanged = errors.New("the file has changed since the import was planned: plan it again")

// ReadBatch maps the rows of one batch. It gives the same rows each time, in the order of the file.
func (r *Reader) ReadBatch(ctx context.Context, batch Batch) ([]Row, error) {
	d, err := r.city.find(batch.Dataset)
	if err != nil {
		return nil, err
	}
	path := r.files.of(d)
	if err := r.unchanged(d); err != nil {
		return nil, err
	}
	file, err := r.files.open(d, batch.Cursor)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	m := &mapper{dataset: d, file: r.files.name(d), areas: r.areas, state: r.plan.State, covered: r.plan.State.recorded(d.ID)}
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

func (r *Reader) unchanged(d *dataset) error {
	size, err := r.files.size(d)
	if err != nil {
		return err
	}
	for _, file := range r.plan.Files {
		if file.Dataset == d.ID && file.Size != size {
			return fmt.Errorf("%s has %d bytes, planned were %d: %w", r.files.path(d.File), size, file.Size, ErrChanged)
		}
	}
	return nil
}
