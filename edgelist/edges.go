package edgelist

import (
	"bytes"
	"sync"

	"github.com/city-resource-graph/crg/matching"
)

// edgeReader reads the table of edges in pieces, all pieces at the same time.
type edgeReader struct {
	table            *table
	needs, resources *side
	charged          bool
}

// piece is a part of the file that ends at a line's end, and what was read from it.
type piece struct {
	from, to int
	runs     []run // consecutive rows of one need
	edges    []matching.Edge
	charges  []int64
	err      error
}

// run says that the edges from start on, counted within the piece, are those of one need.
type run struct {
	need  int32
	start int32
}

const smallestPiece = 1 << 20 // bytes; below that a goroutine costs more than it brings

// read returns the pieces of the file in order.
func (er *edgeReader) read(workers int) ([]piece, error) {
	pieces := er.cut(workers)
	var wg sync.WaitGroup
	for k := range pieces {
		wg.Go(func() { er.readPiece(&pieces[k]) })
	}
	wg.Wait()
	for k := range pieces {
		if pieces[k].err != nil {
			return nil, pieces[k].err
		}
	}
	return pieces, nil
}

func (er *edgeReader) cut(workers int) []piece {
	data, from := er.table.data, er.table.body
	size := max((len(data)-from)/max(workers, 1)+1, smallestPiece)
	if er.table.quoted {
		size = len(data) // a quoted field may hold a newline: no telling where a line ends
	}
	var pieces []piece
	for from < len(data) {
		to := min(from+size, len(data))
		if end := bytes.IndexByte(data[to:], '\n'); end >= 0 && to < len(data) {
			to += end + 1
		} else {
			to = len(data)
		}
		pieces = append(pieces, piece{from: from, to: to})
		from = to
	}
	return pieces
}

func (er *edgeReader) readPiece(p *piece) {
	lines := bytes.Count(er.table.data[p.from:p.to], []byte{'\n'})
	p.edges = make([]matching.Edge, 0, lines)
	if er.charged {
		p.charges = make([]int64, 0, lines)
	}
	if er.table.quoted {
		p.err = er.table.eachQuoted(func(r *row, line func() int) error { return er.add(p, r, line) })
		return
	}
	fast := er.needs.index.plain && er.resources.index.plain && !er.charged && er.inOrder()
	var r row
	for at := p.from; at < p.to && p.err == nil; {
		if fast {
			if at = er.readFast(p, at); at >= p.to {
				return
			}
		}
		next, err := er.table.split(at, &r)
		if err != nil {
			p.err = err
			return
		}
		if next < 0 {
			at = -next
			continue
		}
		p.err = er.add(p, &r, func() int { return er.table.lineAt(at) })
		at = next
	}
}

func (er *edgeReader) inOrder() bool {
	o := er.table.order
	return len(o) == 3 && o[0] == 0 && o[1] == 1 && o[2] == 2
}

// add checks one row and appends its edge.
func (er *edgeReader) add(p *piece, r *row, line func() int) error {
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
		p.charges = append(p.charges, charge)
	}
	if len(p.runs) == 0 || p.runs[len(p.runs)-1].need != need {
		p.runs = append(p.runs, run{need: need, start: int32(len(p.edges))})
	}
	p.edges = append(p.edges, matching.Edge{Resource: resource, Value: value})
	return nil
}
