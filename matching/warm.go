package matching

import "slices"

// warmth is what all tasks know of an earlier basis.
type warmth struct {
	basis     *Basis
	component []int32 // of each need
	resource  []int32 // the component of each resource
	place     []int32 // of each need in its component; a task reads and writes only those of its own
}

// newWarmth returns nil if there is no earlier basis, or if it is not of this problem's size.
func newWarmth(p *Problem, b *Basis, split *components) *warmth {
	if b == nil || len(b.NeedParent) != len(p.NeedQuantity) || len(b.ResourceParent) != len(p.ResourceQuantity) ||
		len(b.NeedFlow) != len(b.NeedParent) || len(b.ResourceFlow) != len(b.ResourceParent) {
		return nil
	}
	return &warmth{
		basis: b, component: split.member, resource: split.ofResources(), place: make([]int32, len(split.member)),
	}
}

// warmStart makes a first basis out of an earlier one. Flows are cut to the quantities there are now, edges that are
// gone are left out, and the rest of the tree is kept as far as it still is one. It reports whether there was anything
// to start from.
func (s *simplex[Q, V]) warmStart(t *task, m *meter) bool {
	b := t.warm.basis
	earlier := s.earlierBranches(t, b)
	if len(b.ResourcePrice) == len(b.ResourceParent) && len(earlier) > 0 {
		s.mendEarlier(t, m, earlier)
		return true
	}
	if earlier = s.tidy(earlier); len(earlier) == 0 || m.stopped {
		return m.stopped
	}
	rest := slices.Clone(s.quantity)
	given, empty := earlier[:0:0], earlier[:0:0]
	for _, g := range earlier {
		g.units = max(0, min(g.units, rest[g.need], rest[g.resource])) // of a basis that makes no sense a sum may have wrapped
		rest[g.need] -= g.units
		rest[g.resource] -= g.units
		if g.units > 0 {
			given = append(given, g)
		} else {
			empty = append(empty, g)
		}
	}
	f, cyclic := s.frame(given)
	for _, g := range empty {
		f.link(treeEdge[Q]{a: g.need, b: g.resource, value: g.value})
	}
	for k, i := range t.needs {
		if b.NeedParent[i] == Unmatched {
			f.link(treeEdge[Q]{a: int32(k), b: s.pool()})
		}
	}
	for k, r := range t.resources {
		if b.ResourceParent[r] == Unmatched {
			f.link(treeEdge[Q]{a: s.needs + int32(k), b: s.pool()})
		}
	}
	s.complete(f, cyclic)
	if m.stopped {
		s.nodes = s.nodes[:0]
		return true
	}
	s.keepNear()
	return true
}

// mendEarlier starts from the flows and prices of an earlier solution, by a repair that ends with an optimum. If that is too
// much work a large component is solved from the beginning, for pivots from there take longer than an auction, and in a
// small one pivots do the rest.
func (s *simplex[Q, V]) mendEarlier(t *task, m *meter, earlier []allotment[Q]) {
	largest := int64(0)
	for _, e := range s.arcs {
		largest = max(largest, int64(e.value))
	}
	s.potential = grab(&s.potential, int(s.pool()+1))
	for k, r := range t.resources {
		s.potential[s.needs+int32(k)] = min(max(0, t.warm.basis.ResourcePrice[r]), largest)
	}
	s.buildColumns()
	d := s.newMend(earlier)
	if m.stopped {
		return
	}
	mended := d.run(m, budget{atOnce: mendAtOnce, byAndBy: mendByAndBy})
	s.counters.EdgesPriced += d.work
	given := d.allotments()
	switch {
	case mended:
		s.keepProven(given, s.potential)
	case len(s.arcs) >= t.tuning.smallestAuction && !m.stopped:
		t.inVain = true
	default:
		s.crash(given, d.level, 0, V(largest/lastEpsilon))
		s.keepNear()
	}
}

// earlierBranches lists the branches of an earlier basis whose ends are both in this component.
func (s *simplex[Q, V]) earlierBranches(t *task, b *Basis) []allotment[Q] {
	out := grab(&s.spare.sold, int(s.pool()))[:0]
	add := func(need, resource int32, flow int64) {
		units := Q(max(0, min(flow, int64(s.quantity[need]))))
		out = append(out, allotment[Q]{need: need, resource: resource, units: units})
	}
	for k, i := range t.needs {
		if r := b.NeedParent[i]; r >= 0 && int(r) < len(t.warm.resource) && t.warm.resource[r] == t.number {
			add(int32(k), s.needs+t.local[r], b.NeedFlow[i])
		}
		t.warm.place[i] = int32(k)
	}
	for k, r := range t.resources {
		if i := b.ResourceParent[r]; i >= 0 && int(i) < len(t.warm.component) && t.warm.component[i] == t.number {
			add(t.warm.place[i], s.needs+int32(k), b.ResourceFlow[r])
		}
	}
	return out
}

// nearShare is how much worse than a need's best choice an edge may be, as a share of the largest value, to be priced
// from the start of a warm run.
const nearShare = 16

// keepNear moves the edges that are far from being anybody's choice at the tree's prices behind the end of their rows.
func (s *simplex[Q, V]) keepNear() {
	largest := int64(0)
	for _, e := range s.arcs {
		largest = max(largest, int64(e.value))
	}
	for i := range s.needs {
		row := s.row(i)
		if s.meter.done(2 * int64(len(row))) {
			return
		}
		best := int64(0)
		for _, e := range row {
			best = max(best, int64(e.value)-s.potential[e.resource])
		}
		n := 0
		for k := range row {
			if int64(row[k].value)-s.potential[row[k].resource] >= best-largest/nearShare {
				row[k], row[n] = row[n], row[k]
				n++
			}
		}
		s.end[i] = s.start[i] + int32(n)
	}
}
