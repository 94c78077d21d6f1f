package edgelist

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/city-resource-graph/crg/matching"
)

// edgeReader reads the table of edges. The file is read in blocks, on all cores, and twice: first to count lines, then
// into the place that is waiting for them. So no more of the file than a block per worker is ever in memory.
type edgeReader struct {
	table            *table // the header; of a file with quotes everything
	needs, resources *side
	charged          bool
	edges            []matching.Edge
	charges          []int64 // nil, or parallel to edges
}

// block is a part of the file that ends where a line ends, and what was read from it.
type block struct {
	from, to int64 // bytes
	lines    int
	line     int   // the number of the first one
	at       int   // where its edges go
	count    int   // how many there are; fewer than lines if some are empty
	runs     []run // consecutive rows of one need
	err      error
}

// run says that the edges from start on, counted within the block, are those of one need.
type run struct {
	need  int32
	start int32
}

const blockSize = 1 << 20 // bytes: a worker's block stays in its core's cache

// readEdges reads the file; blocks says which edges are whose.
func readEdges(path string, needs, resources *side, workers int) (er *edgeReader, blocks []block, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, &InputError{File: path, Problem: "cannot be read: " + cause(err)}
	}
	defer func() { _ = file.Close() }()
	er = &edgeReader{needs: needs, resources: resources}
	if er.table, blocks, err = surveyEdges(file, path, workers); err != nil {
		return nil, nil, err
	}
	er.charged = er.table.has(3)
	total := 0
	for k := range blocks {
		blocks[k].at, blocks[k].line = total, total+2
		total += blocks[k].lines
	}
	er.edges = make([]matching.Edge, total)
	if er.charged {
		er.charges = make([]int64, total)
	}
	if er.table.quoted {
		err = er.table.each(func(r *row, line func() int) error { return er.add(&blocks[0], r, line) })
		return er, blocks, err
	}
	eachBlock(len(blocks), workers, func(k int, buffer *[]byte) { er.readBlock(file, &blocks[k], buffer) })
	for k := range blocks {
		if blocks[k].err != nil {
			return nil, nil, blocks[k].err
		}
	}
	return er, blocks, nil
}

// eachBlock runs do for 0..n-1 on all workers, each with a buffer of its own.
func eachBlock(n, workers int, do func(k int, buffer *[]byte)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() {
			var buffer []byte
			for k := int(next.Add(1)) - 1; k < n; k = int(next.Add(1)) - 1 {
				do(k, &buffer)
			}
		})
	}
	wg.Wait()
}

// readAt fills the buffer with a part of the file.
func readAt(file *os.File, from, to int64, buffer *[]byte) ([]byte, error) {
	if int64(cap(*buffer)) < to-from {
		*buffer = make([]byte, to-from)
	}
	data := (*buffer)[:to-from]
	if _, err := file.ReadAt(data, from); err != nil {
		return nil, &InputError{File: file.Name(), Problem: "cannot be read: " + cause(err)}
	}
	return data, nil
}

func (er *edgeReader) readBlock(file *os.File, b *block, buffer *[]byte) {
	data, err := readAt(file, b.from, b.to, buffer)
	if err != nil {
		b.err = err
		return
	}
	t := &table{path: er.table.path, data: data, order: er.table.order, firstLine: b.line}
	if !er.needs.index.short() || !er.resources.index.short() || er.charged || !t.inOrder() {
		b.err = er.readRows(b, t)
		return
	}
	var r row
	for at := 0; at < len(data); {
		if at = er.readFast(b, data, at); at == len(data) {
			return
		}
		next, err := t.split(at, &r)
		if err != nil {
			b.err = err
			return
		}
		if next < 0 {
			at = -next
			continue
		}
		if b.err = er.add(b, &r, func() int { return t.lineAt(at) }); b.err != nil {
			return
		}
		at = next
	}
}

// inOrder reports whether the columns are need, resource, value.
func (t *table) inOrder() bool {
	return len(t.order) == 3 && t.order[0] == 0 && t.order[1] == 1 && t.order[2] == 2
}

// add checks one row and appends its edge to the block.
func (er *edgeReader) add(b *block, r *row, line func() int) error {
	need := er.needs.index.find(r[0])
	if need < 0 {
		return er.table.errorf(line(), "need %q is not in the table of needs", shorten(r[0]))
	}
	resource := er.resources.index.find(r[1])
	if resource < 0 {
		return er.table.errorf(line(), "resource %q is not in the table of resources", shorten(r[1]))
	}
	value, ok := number(r[2])
	if !ok {
		return er.table.errorf(line(), "%s", explain("value", r[2], -matching.MaxMagnitude))
	}
	if er.charged {
		charge, ok := number(r[3])
		if !ok || charge < 0 {
			return er.table.errorf(line(), "%s", explain("charge", r[3], 0))
		}
		er.charges[b.at+b.count] = charge
	}
	if len(b.runs) == 0 || b.runs[len(b.runs)-1].need != need {
		b.runs = append(b.runs, run{need: need, start: int32(b.count)})
	}
	er.edges[b.at+b.count] = matching.Edge{Resource: resource, Value: value}
	b.count++
	return nil
}

// surveyEdges reads the header, cuts the rest into blocks, and counts their lines. If there is a quote anywhere, a line
// may end within a field; then the table holds the whole file, and there is one block.
func surveyEdges(file *os.File, path string, workers int) (*table, []block, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, nil, &InputError{File: path, Problem: "cannot be read: " + cause(err)}
	}
	required, optional := []string{"need", "resource", "value"}, []string{"charge"}
	whole := func() (*table, []block, error) {
		t, err := openTable(path, required, optional)
		if err != nil {
			return nil, nil, err
		}
		t.quoted = true
		return t, []block{{lines: bytes.Count(t.data, []byte{'\n'}) + 1}}, nil
	}
	if !info.Mode().IsRegular() {
		return whole()
	}
	var buffer []byte
	head, err := readAt(file, 0, min(info.Size(), 1<<16), &buffer)
	if err != nil {
		return nil, nil, err
	}
	if bytes.IndexByte(head, '\n') < 0 {
		return whole()
	}
	t := &table{path: path, data: head, firstLine: 1}
	if err := t.readHeader(required, optional); err != nil {
		return nil, nil, err
	}
	blocks, plain, err := cut(file, int64(t.body), info.Size(), workers)
	switch {
	case err != nil:
		return nil, nil, err
	case !plain:
		return whole()
	}
	return t, blocks, nil
}

// cut divides the file from body on. It reports false if there are quotes or lines longer than a block.
func cut(file *os.File, body, size int64, workers int) (blocks []block, plain bool, err error) {
	if body == size {
		return nil, true, nil
	}
	blocks = make([]block, (size-body+blockSize-1)/blockSize)
	var strange atomic.Bool
	eachBlock(len(blocks), workers, func(k int, buffer *[]byte) {
		b := &blocks[k]
		b.from = body + int64(k)*blockSize
		data, err := readAt(file, b.from, min(b.from+blockSize, size), buffer)
		if err != nil {
			b.err = err
			return
		}
		b.lines = bytes.Count(data, []byte{'\n'})
		first := bytes.IndexByte(data, '\n')
		if bytes.IndexByte(data, '"') >= 0 || first < 0 && len(blocks) > 1 {
			strange.Store(true)
		}
		if k > 0 { // the line in which the block begins belongs to the one before
			b.from += int64(first) + 1
			b.lines--
		}
	})
	for k := range blocks {
		b := &blocks[k]
		if b.err != nil {
			return nil, false, fmt.Errorf("count lines: %w", b.err)
		}
		if b.to = size; k+1 < len(blocks) {
			b.to = blocks[k+1].from
		}
		b.lines++ // the line that the next block begins with, or a last one without an end
	}
	return blocks, !strange.Load(), nil
}
