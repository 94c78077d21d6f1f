package findings

import (
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// plain is the problem without the bonuses of the run's floors: what an allocation is worth to the city.
func (s *Solved) plain() *matching.Problem {
	if len(s.Snapshot.Floors) == 0 {
		return &s.Graph.Problem
	}
	p := s.Graph.Problem
	p.Edges = slices.Clone(p.Edges)
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			for j := range s.Snapshot.Floors {
				f := &s.Snapshot.Floors[j]
				if f.For(&s.Snapshot.Needs[i], &s.Snapshot.Resources[p.Edges[k].Resource]) {
					p.Edges[k].Value -= f.Bonus
				}
			}
		}
	}
	return &p
}

// overshoot is what the allocation collects in bonuses beyond what its floors ask for: by so much a loss that is proven with
// bonuses may be more than what is lost without them.
func (s *Solved) overshoot() int64 {
	total := int64(0)
	for k := range s.Snapshot.Floors {
		f := &s.Snapshot.Floors[k]
		units := int64(0)
		for _, p := range s.Pairs() {
			if f.For(p.Need, p.Resource) {
				units += p.Quantity
			}
		}
		total += f.Bonus * (units - max(f.Least-f.Agreed(s.Snapshot), 0))
	}
	return total
}
