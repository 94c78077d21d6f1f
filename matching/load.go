package matching

import (
	"context"
	"slices"
)

// rows are a component's rows in the solver's layout.
type rows struct {
	arcs  []arc[int32]
	start []int32
}

// filled is how far the rows of a component are loaded.
type filled struct{ needs, arcs int32 }

// loadInOrder loads the components of a problem that fits into 32 bits, all of them before one is solved, in the order of
// the problem's rows: who reads the rows of one component after the other waits for memory at each of them. A component that
// is put into an order of its own has to be read so; a warm start leaves needs and resources in the problem's order.
//
// Some consecutive rows are a piece, and pieces are loaded side by side. A piece begins where those before it would end if
// all their edges were usable; what is empty between them is closed in the end. If the context ends before, nothing is
// loaded.
func loadInOrder(ctx context.Context, p *Problem, tasks []task, w *warmth) {
	numberResources(tasks, w)
	reserveRows(p, tasks)
	pieces := piecesOf(p)
	each := len(p.NeedQuantity)/pieces + 1
	begins, ends := make([][]filled, pieces), make([][]filled, pieces)
	at := make([]filled, len(tasks))
	for k := range pieces {
		begins[k], ends[k] = slices.Clone(at), slices.Clone(at)
		for i := k * each; i < min((k+1)*each, len(w.component)); i++ {
			if c := w.component[i]; c != none {
				at[c].needs++
				at[c].arcs += p.RowStart[i+1] - p.RowStart[i]
			}
		}
	}
	stopped := make([]bool, pieces)
	inParallel(pieces, func(k int) {
		m := meter{ctx: ctx}
		for i := k * each; i < min((k+1)*each, len(w.component)); i++ {
			if c := w.component[i]; c != none {
				tasks[c].loadRow(p.Row(i), &ends[k][c])
			}
			if m.done(int64(len(p.Row(i)))) {
				stopped[k] = true
				return
			}
		}
	})
	if slices.Contains(stopped, true) {
		for c := range tasks {
			tasks[c].rows = nil
		}
		return
	}
	for c := range tasks {
		r, length := tasks[c].rows, int32(0)
		for k := range pieces {
			length = r.close(length, begins[k][c], ends[k][c])
		}
		r.arcs = r.arcs[:length]
	}
}

// numberResources numbers the resources of each component in the problem's order.
func numberResources(tasks []task, w *warmth) {
	for r, c := range w.resource {
		if c != none {
			tasks[c].numberOf(int32(r))
		}
	}
}

// reserveRows gives each component room for all its edges.
func reserveRows(p *Problem, tasks []task) {
	arcs, start := make([]arc[int32], len(p.Edges)), make([]int32, len(p.NeedQuantity)+len(tasks))
	for c := range tasks {
		needs, edges := len(tasks[c].needs)+1, int32(0)
		for _, i := range tasks[c].needs {
			edges += p.RowStart[i+1] - p.RowStart[i]
		}
		tasks[c].rows = &rows{arcs: arcs[:edges:edges], start: start[:needs:needs]}
		arcs, start = arcs[edges:], start[needs:]
	}
}

// loadRow copies the usable edges of the next need.
func (t *task) loadRow(row []Edge, at *filled) {
	arcs, needs := t.rows.arcs, int32(len(t.needs))
	for _, e := range row {
		if e.Value > 0 && t.local[e.Resource] >= 0 {
			arcs[at.arcs] = arc[int32]{resource: needs + t.local[e.Resource], value: int32(e.Value)}
			at.arcs++
		}
	}
	at.needs++
	t.rows.start[at.needs] = at.arcs
}

// close moves the rows of a piece to the end of those before it, and returns where it ends then.
func (r *rows) close(end int32, from, to filled) int32 {
	if by := from.arcs - end; by > 0 {
		copy(r.arcs[end:], r.arcs[from.arcs:to.arcs])
		for n := from.needs; n < to.needs; n++ {
			r.start[n+1] -= by
		}
	}
	return end + to.arcs - from.arcs
}
