package edgelist

import (
	"cmp"
	"slices"
	"sync"

	"github.com/city-resource-graph/crg/matching"
)

// arrange brings the edges into canonical order, one row per need, one edge per pair.
func arrange(pieces []piece, needs, workers int, charged bool) (start []int32, edges []matching.Edge, charges []int64) {
	start, edges, charges = scatter(pieces, needs, charged)
	kept := make([]int32, needs)
	inParallel(needs, workers, func(from, to int) {
		for i := from; i < to; i++ {
			row := edges[start[i]:start[i+1]]
			if charged {
				kept[i] = sortCharged(row, charges[start[i]:start[i+1]])
			} else {
				kept[i] = sortRow(row)
			}
		}
	})
	return compact(start, kept, edges, charges)
}

// scatter collects every need's edges from the pieces. If the file names the needs in canonical order and has one
// piece, its edges stay where they are.
func scatter(pieces []piece, needs int, charged bool) (start []int32, edges []matching.Edge, charges []int64) {
	start = make([]int32, needs+1)
	total := 0
	for k := range pieces {
		pieces[k].eachRun(func(need int32, from, to int32) { start[need+1] += to - from })
		total += len(pieces[k].edges)
	}
	for i := range needs {
		start[i+1] += start[i]
	}
	edges = make([]matching.Edge, total)
	if charged {
		charges = make([]int64, total)
	}
	next := slices.Clone(start)
	for k := range pieces {
		p := &pieces[k]
		p.eachRun(func(need int32, from, to int32) {
			at := next[need]
			copy(edges[at:], p.edges[from:to])
			if charged {
				copy(charges[at:], p.charges[from:to])
			}
			next[need] += to - from
		})
		p.edges, p.charges = nil, nil
	}
	return start, edges, charges
}

func (p *piece) eachRun(do func(need int32, from, to int32)) {
	for k, r := range p.runs {
		to := int32(len(p.edges))
		if k+1 < len(p.runs) {
			to = p.runs[k+1].start
		}
		do(r.need, r.start, to)
	}
}

// sortRow sorts a need's edges by resource, keeps the most valuable of each pair, and returns how many are left.
func sortRow(row []matching.Edge) int32 {
	sorted := true
	for k := 1; k < len(row) && sorted; k++ {
		sorted = row[k-1].Resource < row[k].Resource
	}
	if sorted {
		return int32(len(row))
	}
	slices.SortFunc(row, func(a, b matching.Edge) int {
		if a.Resource != b.Resource {
			return int(a.Resource) - int(b.Resource)
		}
		return cmp.Compare(b.Value, a.Value)
	})
	return int32(len(slices.CompactFunc(row, func(a, b matching.Edge) bool { return a.Resource == b.Resource })))
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
