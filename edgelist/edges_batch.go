package edgelist

import (
	"bytes"

	"github.com/city-resource-graph/crg/matching"
)

// batchRows is how many rows are looked up together: enough for their waits for memory to overlap, few enough to stay in
// the nearest cache.
const batchRows = 64

// batch are rows of a block that are read, and whose resources are still to be looked up.
type batch struct {
	er   *edgeReader
	b    *block
	t    *table
	n    int
	rows [batchRows]struct {
		at            int // byte in the block
		need          int32
		value, charge int64
	}
	resources [batchRows]lookup

	text []byte // need of the last row, as it stands there
	need int32  // -1: none was known yet
}

// readRows reads a block whatever its columns and ids. An edge's need is mostly that of the row before. Its resource may be
// any, and the tables that long ids are found in are larger than a core's cache: so they are looked up in batches.
func (er *edgeReader) readRows(b *block, t *table) error {
	w := &batch{er: er, b: b, t: t, need: -1}
	var r row
	for at := 0; at < len(t.data); {
		next, err := t.split(at, &r)
		if err != nil {
			return w.endWith(err)
		}
		if next < 0 {
			at = -next
			continue
		}
		if !w.take(at, &r) {
			return w.endWith(er.add(b, &r, func() int { return t.lineAt(at) }))
		}
		if w.n == batchRows {
			if err := w.flush(); err != nil {
				return err
			}
		}
		at = next
	}
	return w.flush()
}

// take notes a row; false if there is something wrong with it.
func (w *batch) take(at int, r *row) bool {
	if w.need < 0 || !bytes.Equal(r[0], w.text) {
		if w.need = w.er.needs.index.find(r[0]); w.need < 0 {
			return false
		}
		w.text = r[0]
	}
	p := &w.rows[w.n]
	p.at, p.need = at, w.need
	var ok bool
	if p.value, ok = number(r[2]); !ok {
		return false
	}
	if w.er.charged {
		if p.charge, ok = number(r[3]); !ok || p.charge < 0 {
			return false
		}
	}
	w.resources[w.n].id = r[1]
	w.n++
	return true
}

// flush appends the edges of the rows that were noted.
func (w *batch) flush() error {
	er, b := w.er, w.b
	er.resources.index.findAll(w.resources[:w.n])
	for k := range w.rows[:w.n] {
		p, resource := &w.rows[k], w.resources[k].place
		if resource < 0 {
			return w.explain(p.at)
		}
		if len(b.runs) == 0 || b.runs[len(b.runs)-1].need != p.need {
			b.runs = append(b.runs, run{need: p.need, start: int32(b.count)})
		}
		er.edges[b.at+b.count] = matching.Edge{Resource: resource, Value: p.value}
		if er.charged {
			er.charges[b.at+b.count] = p.charge
		}
		b.count++
	}
	w.n = 0
	return nil
}

// explain reads a row once more, to say what is wrong with it.
func (w *batch) explain(at int) error {
	var r row
	if _, err := w.t.split(at, &r); err != nil {
		return err
	}
	return w.er.add(w.b, &r, func() int { return w.t.lineAt(at) })
}

// endWith returns what is wrong with the row after those noted, unless one of them is wrong already.
func (w *batch) endWith(err error) error {
	if earlier := w.flush(); earlier != nil {
		return earlier
	}
	return err
}
