package matching

import (
	"cmp"
	"slices"
	"sync/atomic"
)

// pairFlow is what a need gets of a resource, both by their index in the problem.
type pairFlow struct {
	need, resource int32
	quantity       int64
}

// gatherFlows puts the flows of all components on the problem's edges, in their order, and adds up what they are worth.
// Components look at the problem's rows in an order of their own, for which memory is slow; so this is left until all
// are done, and rows come one after the other.
func gatherFlows(p *Problem, tasks []task) (flows []EdgeFlow, value int64) {
	start := make([]int32, len(p.NeedQuantity)+2)
	for i := range tasks {
		for _, f := range tasks[i].flow {
			start[f.need+2]++
		}
	}
	for i := range p.NeedQuantity {
		start[i+2] += start[i+1]
	}
	flows = make([]EdgeFlow, start[len(start)-1])
	for i := range tasks {
		for _, f := range tasks[i].flow {
			flows[start[f.need+1]] = EdgeFlow{Edge: f.resource, Need: f.need, Quantity: f.quantity}
			start[f.need+1]++
		}
	}
	var total atomic.Int64
	inPieces(p, func(first, end int) {
		finder := edgeFinder{problem: p, slot: make([]int32, len(p.ResourceQuantity))}
		for i := first; i < end; i++ {
			if own := flows[start[i]:start[i+1]]; len(own) > 0 {
				finder.find(i, own)
			}
		}
		total.Add(finder.value)
	})
	return flows, total.Load()
}

// edgeFinder finds the edges of flows of which only the pairs are known.
type edgeFinder struct {
	problem *Problem
	slot    []int32 // of a resource: its place among the flows of the need at hand, + 1
	value   int64   // of all flows so far
}

// find replaces the resources, which stand in the place of edges, by the pairs' best edges, and sorts by those. Most
// edges of the row are not looked up: bit k of a sieve is set if a flow comes from a resource whose last bits are k.
func (f *edgeFinder) find(need int, flows []EdgeFlow) {
	sieve := uint64(0)
	for k := range flows {
		r := flows[k].Edge
		f.slot[r] = int32(k + 1)
		sieve |= 1 << (r & 63)
		flows[k].Edge = none
	}
	start, edges := f.problem.RowStart[need], f.problem.Edges
	for k, e := range f.problem.Row(need) {
		if sieve>>(e.Resource&63)&1 == 0 || f.slot[e.Resource] == 0 {
			continue
		}
		flow := &flows[f.slot[e.Resource]-1]
		if flow.Edge == none || e.Value > edges[flow.Edge].Value {
			flow.Edge = start + int32(k)
		}
	}
	for k := range flows {
		if flows[k].Edge == none {
			panic("matching: a basis edge has no edge in the problem")
		}
		edge := edges[flows[k].Edge]
		f.slot[edge.Resource] = 0
		f.value += edge.Value * flows[k].Quantity
	}
	if len(flows) > 1 {
		slices.SortFunc(flows, func(a, b EdgeFlow) int { return cmp.Compare(a.Edge, b.Edge) })
	}
}
