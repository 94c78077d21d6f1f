package findings

import (
	"cmp"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/report"
)

// ByLeaf counts offers, needs, candidate pairs and proposals by the resource's category.
func (s *Solved) ByLeaf() []report.LeafCount {
	counts := map[city.Leaf]*report.LeafCount{}
	of := func(leaf city.Leaf, unit city.Unit) *report.LeafCount {
		count, known := counts[leaf]
		if !known {
			count = &report.LeafCount{Leaf: string(leaf), Unit: string(unit)}
			counts[leaf] = count
		}
		return count
	}
	for i := range s.Snapshot.Resources {
		r := &s.Snapshot.Resources[i]
		count := of(r.Leaf, r.Quantity.Unit)
		count.Resources++
		count.Offered += r.Left
	}
	for i := range s.Snapshot.Needs {
		n := &s.Snapshot.Needs[i]
		count := of(n.Leaf, n.Quantity.Unit)
		count.Needs++
		count.Asked += n.Left
	}
	for _, edge := range s.Graph.Edges {
		r := &s.Snapshot.Resources[edge.Resource]
		of(r.Leaf, r.Quantity.Unit).Edges++
	}
	for _, p := range s.Pairs() {
		count := of(p.Resource.Leaf, p.Resource.Quantity.Unit)
		count.Proposals++
		count.Allocated += p.Quantity
	}
	sorted := make([]report.LeafCount, 0, len(counts))
	for _, count := range counts {
		sorted = append(sorted, *count)
	}
	slices.SortFunc(sorted, func(a, b report.LeafCount) int { return cmp.Compare(a.Leaf, b.Leaf) })
	return sorted
}
