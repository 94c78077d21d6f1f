package candidates

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/matching"
)

// CoverCut raises the price of each need to its bound on what was cut off, and the solution's bound with it. From then
// on the bound holds for the full graph, at the price of a gap where something might have been lost.
func (g *Graph) CoverCut(s *matching.Solution) {
	for i, bound := range g.CutBound {
		if lack := bound - s.NeedPrice[i]; lack > 0 {
			s.NeedPrice[i] = bound
			s.Bound += lack * g.NeedQuantity[i]
		}
	}
	s.Optimal = s.Value == s.Bound
}

// Violation is a pair outside the graph that is worth more than its two prices: the proof does not cover it.
type Violation struct {
	Need, Resource int32
	Worth          int64 // of a unit, after its spread trip charge
	NeedPrice      int64
	ResourcePrice  int64
}

// Error names the pair.
func (v *Violation) Error() string {
	return fmt.Sprintf("need %d and resource %d, a pair outside the graph, is worth %d a unit: more than its prices %d + %d",
		v.Need, v.Resource, v.Worth, v.NeedPrice, v.ResourcePrice)
}

// CheckCut proves that the prices of a solution hold for the full graph of the snapshot, or returns the first
// *Violation. It trusts no bound and no grid: it looks at every pair of accepted categories, so its time is that of
// needs x resources.
func (c *Index) CheckCut(ctx context.Context, s *matching.Solution) error {
	violations := make([]*Violation, len(c.wants))
	err := inParallel(ctx, workersFor(0, len(c.wants)), len(c.wants), func() func(int) {
		return func(i int) { violations[i] = c.violation(s, &c.wants[i]) }
	})
	if err != nil {
		return fmt.Errorf("check what was cut off: %w", err)
	}
	for _, v := range violations {
		if v != nil {
			return v
		}
	}
	return nil
}

func (c *Index) violation(s *matching.Solution, w *want) *Violation {
	if w.left == 0 || !w.located {
		return nil
	}
	for _, leaf := range w.leaves {
		offers := c.grids[leaf].offers
		for k := range offers {
			o := &offers[k]
			sp := c.special.find(w.need, o.resource)
			if _, rejected := c.firstFilter(w, leaf, o, sp); rejected {
				continue
			}
			worth := c.parts(w, &c.grids[leaf], o, sp).Amortised
			if prices := s.NeedPrice[w.need] + s.ResourcePrice[o.resource]; worth > prices {
				return &Violation{w.need, o.resource, worth, s.NeedPrice[w.need], s.ResourcePrice[o.resource]}
			}
		}
	}
	return nil
}

// Widen adds to a graph the pairs that were cut off and that are worth more than the prices of a solution: for each
// need the perNeed ones that exceed them most. It returns the graph itself and 0 when there is none: then the prices
// are proven on the full graph. Only needs whose price is below their bound are looked at.
func (c *Index) Widen(ctx context.Context, g *Graph, s *matching.Solution, perNeed int) (wider *Graph, added int, err error) {
	var open []int32
	for i, bound := range g.CutBound {
		if s.NeedPrice[i] < bound {
			open = append(open, int32(i))
		}
	}
	found := make([][]candidate, len(open))
	err = inParallel(ctx, workersFor(0, len(open)), len(open), func() func(int) {
		p := &pricer{c: c, resourcePrice: s.ResourcePrice}
		return func(k int) {
			w := &c.wants[open[k]]
			for _, key := range p.missing(g, w, s.NeedPrice[open[k]], perNeed) {
				found[k] = append(found[k], c.pairOf(w, int32(key>>32)))
			}
		}
	})
	if err != nil {
		return nil, 0, fmt.Errorf("price in what was cut off: %w", err)
	}
	rows := make(map[int32][]candidate, len(open))
	for k, i := range open {
		if len(found[k]) > 0 {
			rows[i] = found[k]
			added += len(found[k])
		}
	}
	if added == 0 {
		return g, 0, nil
	}
	return g.with(rows, added), added, nil
}

// with returns the graph with more pairs in some rows.
func (g *Graph) with(rows map[int32][]candidate, added int) *Graph {
	wider := *g
	wider.RowStart = make([]int32, len(g.RowStart))
	wider.Edges = make([]matching.Edge, 0, len(g.Edges)+added)
	wider.Charges = make([]int64, 0, len(g.Edges)+added)
	wider.Lots = nil
	for i := range g.NeedQuantity {
		row, charges := g.Row(i), g.Charges[g.RowStart[i]:g.RowStart[i+1]]
		var lots []int64
		if g.Lots != nil {
			lots = g.Lots[g.RowStart[i]:g.RowStart[i+1]]
		}
		for _, c := range rows[int32(i)] { // both ascending by resource
			k := 0
			for k < len(row) && row[k].Resource < c.resource {
				k++
			}
			wider.Edges = append(append(wider.Edges, row[:k]...), matching.Edge{Resource: c.resource, Value: c.score})
			wider.Charges = append(append(wider.Charges, charges[:k]...), c.charge)
			row, charges = row[k:], charges[k:]
			if g.Lots != nil {
				wider.Lots = append(append(wider.Lots, lots[:k]...), c.lot)
				lots = lots[k:]
			}
		}
		wider.Edges = append(wider.Edges, row...)
		wider.Charges = append(wider.Charges, charges...)
		wider.Lots = append(wider.Lots, lots...)
		wider.RowStart[i+1] = int32(len(wider.Edges))
	}
	return &wider
}

// pricer finds the pairs of a need that are missing in the graph and worth more than their prices.
type pricer struct {
	c             *Index
	resourcePrice []int64
	best          best // ranked by what exceeds the resource's price

	g         *Graph
	w         *want
	grid      *grid
	leaf      int32
	needPrice int64
}

func (p *pricer) missing(g *Graph, w *want, needPrice int64, perNeed int) []uint64 {
	p.best.reset(perNeed, needPrice)
	p.g, p.w, p.needPrice = g, w, needPrice
	for _, leaf := range w.leaves {
		p.grid, p.leaf = &p.c.grids[leaf], leaf
		for k := range p.grid.layers {
			p.searchLayer(&p.grid.layers[k])
		}
	}
	list := p.c.special.of(w.need)
	for k := range list {
		p.trySpecial(&list[k])
	}
	return p.best.ascending()
}

func (p *pricer) searchLayer(l *layer) {
	w := p.w
	top := rate{weight: w.weight, success: p.grid.success}.score(l.mostWorth, l.leastCost) + w.bonusOf(p.leaf)
	most, reach := min(l.mostLeft, w.left), min(w.reach, l.mostReach)
	x, y := l.column(w.at), l.row(w.at)
	for r := l.firstRing(x, y); r <= l.lastRing(x, y); r++ {
		gap := l.gap(w.at, x, y, r)
		if gap > reach || top-p.grid.charge.over(metres(gap))/most <= p.needPrice {
			return
		}
		l.scanRing(w.at, x, y, r, reach, p)
	}
}

func (p *pricer) scan(from, to int32) {
	run := p.grid.offers[from:to]
	for k := range run {
		o := &run[k]
		if o.at.squared(p.w.at) <= min(p.w.reach, o.reach) && p.c.special.find(p.w.need, o.resource) == nil {
			p.try(o, nil)
		}
	}
}

func (p *pricer) trySpecial(sp *special) {
	if at := p.c.spots[sp.resource]; at.grid >= 0 {
		p.grid, p.leaf = &p.c.grids[at.grid], at.grid
		p.try(&p.grid.offers[at.slot], sp)
	}
}

func (p *pricer) try(o *offer, sp *special) {
	parts := p.c.parts(p.w, p.grid, o, sp)
	exceeds := parts.Amortised - p.resourcePrice[o.resource]
	if exceeds <= p.best.threshold {
		return
	}
	if _, inGraph := p.g.Edge(p.w.need, o.resource); inGraph {
		return
	}
	if _, rejected := p.c.firstFilter(p.w, p.leaf, o, sp); rejected {
		return
	}
	p.best.add(ranked{worth: exceeds, resource: o.resource})
}
