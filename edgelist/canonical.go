package edgelist

import (
	"cmp"
	"slices"
	"sync"

	"github.com/city-resource-graph/crg/matching"
)

// arrange brings the edges into canonical order, one row per need, one edge per pair.
func (er *edgeReader) arrange(blocks []block, workers int) *matching.Problem {
	needs := len(er.needs.ids)
	er.closeGaps(blocks)
	start := make([]int32, needs+1)
	eachRun(blocks, func(need int32, from, to int) { start[need+1] += int32(to - from) })
	for i := range needs {
		start[i+1] += start[i]
	}
	if !inPlace(blocks) {
		er.scatter(blocks, start)
	}
	kept := make([]int32, needs)
	inParallel(needs, workers, func(from, to int) {
		for i := from; i < to; i++ {
			row := er.edges[start[i]:start[i+1]]
			if er.charged {
				kept[i] = sortCharged(row, er.charges[start[i]:start[i+1]])
			} else {
				kept[i] = sortRow(row)
			}
		}
	})
	p := &matching.Problem{NeedQuantity: er.needs.quantity, ResourceQuantity: er.resources.quantity}
	p.RowStart, p.Edges, p.Charges = compact(start, kept, er.edges, er.charges)
	return p
}

// eachRun calls do with every run: its need, and the places of its edges.
func eachRun(blocks []block, do func(need int32, from, to int)) {
	for k := range blocks {
		b := &blocks[k]
		for j, r := range b.runs {
			to := b.count
			if j+1 < len(b.runs) {
				to = int(b.runs[j+1].start)
			}
			do(r.need, b.at+int(r.start), b.at+to)
		}
	}
}

// closeGaps moves the edges of the blocks together where empty lines had a place.
func (er *edgeReader) closeGaps(blocks []block) {
	at := 0
	for k := range blocks {
		b := &blocks[k]
		if b.at != at {
			copy(er.edges[at:], er.edges[b.at:b.at+b.count])
			if er.charged {
				copy(er.charges[at:], er.charges[b.at:b.at+b.count])
			}
			b.at = at
		}
		at += b.count
	}
	er.edges = er.edges[:at]
	if er.charged {
		er.charges = er.charges[:at]
	}
}

// inPlace reports whether every edge stands in its need's row already: most files name the needs in order.
func inPlace(blocks []block) bool {
	last, sorted := int32(0), true
	eachRun(blocks, func(need int32, _, _ int) {
		sorted = sorted && need >= last
		last = need
	})
	return sorted
}

// scatter moves every need's edges into its row.
func (er *edgeReader) scatter(blocks []block, start []int32) {
	edges, charges := make([]matching.Edge, len(er.edges)), []int64(nil)
	if er.charged {
		charges = make([]int64, len(er.edges))
	}
	next := slices.Clone(start)
	eachRun(blocks, func(need int32, from, to int) {
		copy(edges[next[need]:], er.edges[from:to])
		if er.charged {
			copy(charges[next[need]:], er.charges[from:to])
		}
		next[need] += int32(to - from)
	})
	er.edges, er.charges = edges, charges
}

// shortRow is up to how many edges a row is sorted by insertion, which is twice as fast there.
const shortRow = 64

// sortRow sorts a need's edges by resource, keeps the most valuable of each pair, and returns how many are left.
func sortRow(row []matching.Edge) int32 {
	if len(row) == 0 {
		return 0
	}
	if len(row) > shortRow {
		slices.SortFunc(row, func(a, b matching.Edge) int { return int(a.Resource) - int(b.Resource) })
	}
	for k := 1; k < len(row); k++ {
		e, at := row[k], k
		for ; at > 0 && row[at-1].Resource > e.Resource; at-- {
			row[at] = row[at-1]
		}
		row[at] = e
	}
	kept := 1
	for _, e := range row[1:] {
		if last := &row[kept-1]; e.Resource == last.Resource {
			last.Value = max(last.Value, e.Value)
			continue
		}
		row[kept] = e
		kept++
	}
	return int32(kept)
}

// sortCharged does the same where each edge has a charge; of equal values the one with the smaller charge is kept.
func sortCharged(row []matching.Edge, charges []int64) int32 {
	type charged struct {
		matching.Edge
		charge int64
	}
	joint := make([]charged, len(row))
	for k := range row {
		joint[k] = charged{row[k], charges[k]}
	}
	slices.SortFunc(joint, func(a, b charged) int {
		return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(b.Value, a.Value), cmp.Compare(a.charge, b.charge))
	})
	joint = slices.CompactFunc(joint, func(a, b charged) bool { return a.Resource == b.Resource })
	for k := range joint {
		row[k], charges[k] = joint[k].Edge, joint[k].charge
	}
	return int32(len(joint))
}

// compact closes the gaps that dropped duplicates left.
func compact(start, kept []int32, edges []matching.Edge, charges []int64) ([]int32, []matching.Edge, []int64) {
	at := int32(0)
	for i, n := range kept {
		from := start[i]
		start[i] = at
		if at != from {
			copy(edges[at:], edges[from:from+n])
			if charges != nil {
				copy(charges[at:], charges[from:from+n])
			}
		}
		at += n
	}
	start[len(kept)] = at
	if charges != nil {
		charges = charges[:at]
	}
	return start, edges[:at], charges
}

// inParallel divides 0..n among workers.
func inParallel(n, workers int, do func(from, to int)) {
	workers = min(max(workers, 1), n/1024+1)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { do(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
}
