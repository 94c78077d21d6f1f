package matching

// solveMirrored solves a component with the roles of needs and resources exchanged: each resource bids for the needs that
// it could serve. The problem is the same, and so are its prices. Where a few needs want thousands of resources each,
// a need that looks for the best of them has to look at all its row for every one, and a pivot that moves its price as
// well; a resource has a few edges.
func (s *simplex[Q, V]) solveMirrored(t *task, m *meter) {
	s.buildColumns()
	o := &simplex[Q, V]{needs: s.resources, resources: s.needs, meter: m}
	o.start = s.pricing.columnStart[: s.resources+1 : s.resources+1]
	o.end = append(o.end, o.start[1:]...)
	o.arcs = make([]arc[V], len(s.pricing.columns))
	for k, c := range s.pricing.columns {
		o.arcs[k] = arc[V]{resource: o.needs + c.need, value: c.value}
	}
	o.quantity = append(append(o.quantity, s.quantity[s.needs:]...), s.quantity[:s.needs]...)
	o.holdAuction(t, m)
	finished := o.run(t, m)
	s.counters = o.counters
	s.mirror(o, finished)
}

// mirror takes over what the simplex of the mirrored component has found.
func (s *simplex[Q, V]) mirror(o *simplex[Q, V], finished bool) {
	own := func(id int32) int32 {
		switch {
		case id < o.needs:
			return s.needs + id
		case id < o.pool():
			return id - o.needs
		default:
			return s.pool()
		}
	}
	s.nodes = s.nodes[:0]
	if !finished {
		o.priceNeeds()
	}
	if len(o.nodes) > 0 || o.proven != nil || o.left != nil {
		s.potential = grab(&s.potential, int(s.pool()+1))
		for id := range o.pool() {
			s.potential[own(id)] = -o.potential[id]
		}
	}
	branches := o.proven
	if branches == nil && len(o.nodes) > 0 {
		branches = o.branches()
	}
	switch {
	case finished:
		s.proven = make([]branch[Q], s.pool())
		for id, b := range branches {
			s.proven[own(int32(id))] = branch[Q]{parent: own(b.parent), flow: b.flow}
		}
	case branches != nil:
		s.left = o.allotted(branches)
	default:
		s.left = o.left
	}
	s.found = o.found
	for _, list := range [][]allotment[Q]{s.left, s.found} {
		for k, g := range list {
			list[k].need, list[k].resource = own(g.resource), own(g.need)
		}
	}
}

// priceNeeds gives every need what the prices of the resources leave it.
func (s *simplex[Q, V]) priceNeeds() {
	if len(s.potential) != int(s.pool())+1 {
		return // there are no prices
	}
	for i := range s.needs {
		s.potential[i] = 0
		for _, e := range s.row(i) {
			s.potential[i] = min(s.potential[i], max(0, s.potential[e.resource])-int64(e.value))
		}
	}
}
