package matching

// mend brings an earlier optimum to a problem that differs a little. Flows and prices of the earlier one are kept where
// they still fit together; what does not is put right by shortest paths on reduced costs, one after the other, as in
// successive shortest paths (Jewell 1958) with Dijkstra's search ended at the nearest goal (Edmonds and Karp 1972).
//
// A change of one listing moves the prices of a neighbourhood. Pivots find those new prices edge by edge, and nearly all
// of them move no flow; a search finds them at once.
//
// Prices cover every edge from the start to the end, and every flow is on an edge that they cover exactly. So it ends
// with an optimum as soon as no need that lacks something has a surplus and no resource that has something left a price.
type mend[Q quantity, V value] struct {
	s      *simplex[Q, V]
	left   []Q // by id: what a need lacks, what a resource has left
	shares []share[Q]
	ofNode []int32 // by id: the first of its shares, or none

	nearest nearest
	via     []int32 // by id: how the search came there: on the side where it began by a share, on the other from a node
	reached []int32 // by the search
	wants   bool    // it began at a need
	goal    int32   // the nearest so far
	limit   int64   // how far that is
	work    int64   // edges looked at, in all searches
}

// share is what a need gets of a resource, in a list of either.
type share[Q quantity] struct {
	need, resource int32 // ids
	units          Q
	value          int64
	next           [2]int32 // of the need, of the resource; or none
}

// mendPasses is after how much work, in passes over the edges, so much has changed that pivots are the better way.
const mendPasses = 16

// newMend begins with the prices that the potentials of the resources hold, and with the allotments that fit to them.
func (s *simplex[Q, V]) newMend(earlier []allotment[Q]) *mend[Q, V] {
	d := &mend[Q, V]{
		s: s, left: append([]Q(nil), s.quantity...), shares: make([]share[Q], 0, len(earlier)+len(earlier)/8),
		ofNode: make([]int32, s.pool()), via: make([]int32, s.pool()),
	}
	for x := range d.ofNode {
		d.ofNode[x] = none
	}
	d.nearest.reset(int(s.pool()))
	for i := range s.needs {
		if s.meter.done(int64(len(s.row(i)))) {
			break
		}
		best := int64(0)
		for _, e := range s.row(i) {
			best = max(best, int64(e.value)-s.potential[e.resource])
		}
		s.potential[i] = -best
	}
	for _, g := range earlier {
		units := min(g.units, d.left[g.need], d.left[g.resource])
		if units > 0 && g.value == s.potential[g.resource]-s.potential[g.need] {
			d.append(g.need, g.resource, units, g.value) // of a pair there is one
			d.left[g.need] -= units
			d.left[g.resource] -= units
		}
	}
	return d
}

// add gives units to a pair.
func (d *mend[Q, V]) add(need, resource int32, units Q, value int64) {
	for k := d.ofNode[need]; k != none; k = d.shares[k].next[0] {
		if d.shares[k].resource == resource {
			d.shares[k].units += units
			return
		}
	}
	d.append(need, resource, units, value)
}

// append gives units to a pair that has none.
func (d *mend[Q, V]) append(need, resource int32, units Q, value int64) {
	d.shares = append(d.shares, share[Q]{
		need: need, resource: resource, units: units, value: value, next: [2]int32{d.ofNode[need], d.ofNode[resource]},
	})
	d.ofNode[need] = int32(len(d.shares) - 1)
	d.ofNode[resource] = int32(len(d.shares) - 1)
}

// run puts right what does not fit. It reports false if that is too much work, or if the meter stopped it.
func (d *mend[Q, V]) run(m *meter) bool {
	most := mendPasses * int64(len(d.s.arcs))
	for x := range d.s.pool() {
		for d.left[x] > 0 && d.s.potential[x] != 0 {
			d.search(x)
			if m.stopped {
				return false
			}
			d.reprice()
			if d.goal != x {
				d.pass(x)
			}
			if m.stop(d.s.counters.Pivots) || d.work > most {
				return false
			}
		}
	}
	return true
}

// searchSteps is what a search takes for a node besides looking at edges, in steps of the meter.
const searchSteps = 8

// search finds the nearest place for a unit that a node has left, or lacks: a node of the other side that lacks one, or
// has one left, or a node of its own side that gives way, at the cost of its surplus or price.
func (d *mend[Q, V]) search(from int32) {
	s, q := d.s, &d.nearest
	d.wants, d.goal, d.limit = from < s.needs, none, tooFar
	d.reach(from, 0, none)
	for a := q.next(); a != none && q.distance[a] < d.limit && !s.meter.stopped; a = q.next() {
		at := q.distance[a]
		switch {
		case (a < s.needs) != d.wants:
			d.follow(a, at)
		case d.wants:
			row := s.row(a)
			base := at - s.potential[a]
			for k := range row {
				e := &row[k]
				if to := base + s.potential[e.resource] - int64(e.value); to < d.limit {
					d.reach(e.resource, to, a)
				}
			}
			d.work += int64(len(row))
			s.meter.done(int64(len(row)) + searchSteps)
		default:
			p := &s.pricing
			column := p.columns[p.columnStart[a-s.needs]:p.columnStart[a-s.needs+1]]
			base := at + s.potential[a]
			for k := range column {
				e := &column[k]
				if to := base - s.potential[e.need] - int64(e.value); to < d.limit {
					d.reach(e.need, to, a)
				}
			}
			d.work += int64(len(column))
			s.meter.done(int64(len(column)) + searchSteps)
		}
	}
}

// follow goes on from a node of the other side to those with which it shares: they could give way.
func (d *mend[Q, V]) follow(a int32, at int64) {
	side := 1
	if a < d.s.needs {
		side = 0
	}
	for k := d.ofNode[a]; k != none; k = d.shares[k].next[side] {
		if h := &d.shares[k]; h.units > 0 {
			d.reach(h.need+h.resource-a, at, k)
		}
		d.work++
	}
}

// reach notes a way to a node, and that it may be the goal.
func (d *mend[Q, V]) reach(x int32, distance int64, via int32) {
	q := &d.nearest
	fresh := q.distance[x] == tooFar
	if distance >= d.limit || !q.reach(x, distance) {
		return
	}
	if fresh {
		d.reached = append(d.reached, x)
	}
	d.via[x] = via
	end := distance
	switch {
	case (x < d.s.needs) == d.wants:
		end += max(d.s.potential[x], -d.s.potential[x])
	case d.left[x] == 0:
		return
	}
	if end < d.limit {
		d.goal, d.limit = x, end
	}
}

// reprice moves what is nearer than the goal, so that the way to it costs nothing, and forgets the search.
func (d *mend[Q, V]) reprice() {
	q := &d.nearest
	for _, x := range d.reached {
		if by := d.limit - q.distance[x]; by > 0 {
			if !d.wants {
				by = -by
			}
			d.s.potential[x] += by
		}
		q.distance[x], q.done[x] = tooFar, false
	}
	d.s.counters.NodesMoved += int64(len(d.reached))
	d.reached = d.reached[:0]
	q.empty()
}

// pass moves as much as possible along the way that was found.
func (d *mend[Q, V]) pass(from int32) {
	s, goal := d.s, d.goal
	amount := d.left[from]
	own := func(x int32) bool { return (x < s.needs) == d.wants }
	if !own(goal) {
		amount = min(amount, d.left[goal])
	}
	for x := goal; x != from; {
		if !own(x) {
			x = d.via[x]
			continue
		}
		h := &d.shares[d.via[x]]
		amount = min(amount, h.units)
		x = h.need + h.resource - x
	}
	d.left[from] -= amount
	if own(goal) {
		d.left[goal] += amount
	} else {
		d.left[goal] -= amount
	}
	for x := goal; x != from; {
		if own(x) {
			h := &d.shares[d.via[x]]
			h.units -= amount
			x = h.need + h.resource - x
			continue
		}
		need, resource := min(x, d.via[x]), max(x, d.via[x])
		d.add(need, resource, amount, s.potential[resource]-s.potential[need])
		x = d.via[x]
	}
	s.counters.Pivots++
}

// allotments lists what the needs have got, by need.
func (d *mend[Q, V]) allotments() []allotment[Q] {
	list := make([]allotment[Q], 0, len(d.shares))
	for i := range d.s.needs {
		for k := d.ofNode[i]; k != none; k = d.shares[k].next[0] {
			if h := &d.shares[k]; h.units > 0 {
				list = append(list, allotment[Q]{need: i, resource: h.resource, units: h.units, value: h.value})
			}
		}
	}
	return list
}
