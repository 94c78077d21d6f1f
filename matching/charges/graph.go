package charges

import "github.com/city-resource-graph/crg/matching"

// pair is an edge with the quantity that it carries at present.
type pair struct {
	need, resource int32
	value, charge  int64
	lot            int64 // least quantity if it is used at all
	quantity       int64
}

// graph is one component with its pairs seen from both sides. Pairs that were put aside are in no list.
type graph struct {
	pairs      []pair
	ofNeed     lists
	ofResource lists
}

// lists holds one list of pairs for each node, all in one array.
type lists struct {
	start []int32
	items []int32
}

func (l *lists) of(node int32) []int32 { return l.items[l.start[node]:l.start[node+1]] }

func newGraph(p *matching.Problem, lots []int64) *graph {
	g := &graph{pairs: make([]pair, len(p.Edges))}
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			e := p.Edges[k]
			g.pairs[k] = pair{need: int32(i), resource: e.Resource, value: e.Value, charge: p.Charges[k], lot: 1}
			if lots != nil {
				g.pairs[k].lot = lots[k]
			}
		}
	}
	return g
}

// restrict lists only the pairs that are worth keeping.
func (g *graph) restrict(needs, resources int, keep func(k int32) bool) {
	kept := make([]int32, 0, len(g.pairs))
	for k := range g.pairs {
		if keep(int32(k)) {
			kept = append(kept, int32(k))
		}
	}
	g.ofNeed = newLists(needs, kept, func(k int32) int32 { return g.pairs[k].need })
	g.ofResource = newLists(resources, kept, func(k int32) int32 { return g.pairs[k].resource })
}

func newLists(nodes int, items []int32, node func(k int32) int32) lists {
	l := lists{start: make([]int32, nodes+1), items: make([]int32, len(items))}
	for _, k := range items {
		l.start[node(k)+1]++
	}
	for n := range nodes {
		l.start[n+1] += l.start[n]
	}
	next := append([]int32(nil), l.start[:nodes]...)
	for _, k := range items {
		n := node(k)
		l.items[next[n]] = k
		next[n]++
	}
	return l
}
