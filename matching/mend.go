package matching

import "math"

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
	level  []V // by id: the surplus of a need, the price of a resource
	spots  []spot[Q, V]
	shares []share[Q, V]

	queue   radix[V]
	near    []reached[V] // ends of the edges at hand
	reached []int32      // by the search
	wants   bool         // it began at a need
	goal    int32        // the nearest so far
	limit   V            // how far that is
	work    int64        // edges looked at, in all searches
}

// spot is what a search asks of a node, side by side in memory.
type spot[Q quantity, V value] struct {
	distance V     // farthest if the search did not come there
	via      int32 // how it came there: on the side where it began by a share, on the other from a node
	first    int32 // of its shares, or none
	left     Q     // what a need lacks, what a resource has left
}

// share is what a need gets of a resource, in a list of either.
type share[Q quantity, V value] struct {
	need, resource int32 // ids
	units          Q
	value          V
	next           [2]int32 // of the need, of the resource; or none
}

// budget is how much work a repair may be, in passes over the edges: so many at once, and so many by and by, a share of
// them for each node that has to be put right. So a repair that would be too long ends early.
type budget struct{ atOnce, byAndBy int64 }

// Beyond these so much has changed since the earlier run that another way is better.
const (
	mendAtOnce  = 8
	mendByAndBy = 12
)

// farthest is the largest number of a width, which no distance comes to.
func farthest[V value]() V {
	if v := int64(math.MaxInt64); int64(V(v)) == v {
		return V(v)
	}
	v := int64(math.MaxInt32)
	return V(v)
}

// add gives units to a pair.
func (d *mend[Q, V]) add(need, resource int32, units Q) {
	for k := d.spots[need].first; k != none; k = d.shares[k].next[0] {
		if d.shares[k].resource == resource {
			d.shares[k].units += units
			return
		}
	}
	d.append(need, resource, units)
}

// append gives units to a pair that has none.
func (d *mend[Q, V]) append(need, resource int32, units Q) {
	a, b := &d.spots[need], &d.spots[resource]
	d.shares = append(d.shares, share[Q, V]{
		need: need, resource: resource, units: units, value: d.level[need] + d.level[resource], next: [2]int32{a.first, b.first},
	})
	a.first, b.first = int32(len(d.shares)-1), int32(len(d.shares)-1)
}

// run puts right what does not fit, and leaves the potentials that belong to it. It reports false if that is too much
// work, or if the meter stopped it.
func (d *mend[Q, V]) run(m *meter, b budget) bool {
	done := d.searchAll(m, b)
	for x, level := range d.level {
		d.s.potential[x] = int64(level)
		if int32(x) < d.s.needs {
			d.s.potential[x] = -int64(level)
		}
	}
	return done
}

// searchAll is run in levels.
func (d *mend[Q, V]) searchAll(m *meter, b budget) bool {
	edges := int64(len(d.s.arcs))
	most, share := b.atOnce*edges, b.byAndBy*edges/int64(max(1, d.wrong()))
	for x := range d.s.pool() {
		if d.spots[x].left > 0 && d.level[x] != 0 {
			most += share
		}
		for d.spots[x].left > 0 && d.level[x] != 0 {
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
	s := d.s
	d.wants, d.goal, d.limit = from < s.needs, none, farthest[V]()
	d.reach(from, 0, none)
	for r := d.queue.pop(); r.node != none && r.distance < d.limit && !s.meter.stopped; r = d.queue.pop() {
		a, at := r.node, r.distance
		switch {
		case at > d.spots[a].distance: // a shorter way was found
		case (a < s.needs) != d.wants:
			d.follow(a, at)
		case d.wants:
			row := s.row(a)
			d.reachAll(a, len(row), nearInRow(d.room(len(row)), row, d.level, at+d.level[a], d.limit))
		default:
			p := &s.pricing
			column := p.columns[p.columnStart[a-s.needs]:p.columnStart[a-s.needs+1]]
			d.reachAll(a, len(column), nearInColumn(d.room(len(column)), column, d.level, at+d.level[a], d.limit))
		}
	}
}

// room returns memory for the ends of so many edges.
func (d *mend[Q, V]) room(edges int) []reached[V] {
	if len(d.near) < edges {
		d.near = make([]reached[V], 2*edges)
	}
	return d.near
}

// nearInRow lists the resources in a row that are nearer than the limit: it is worth a look whether that is news. A fifth
// of them are, in no order that a processor could guess, and what it guessed wrong it would see after a wait for memory. So
// there is no branch; for the compiler to manage without one the loop has a function of its own, as in bestTwo.
//
//go:noinline
func nearInRow[V value](near []reached[V], row []arc[V], level []V, base, limit V) []reached[V] {
	n := 0
	for k := range row {
		to := base + level[row[k].resource] - row[k].value
		near[n] = reached[V]{to, row[k].resource}
		next := n
		if to < limit {
			next++
		}
		n = next
	}
	return near[:n]
}

// nearInColumn is nearInRow for the needs in a column.
//
//go:noinline
func nearInColumn[V value](near []reached[V], column []column[V], level []V, base, limit V) []reached[V] {
	n := 0
	for k := range column {
		to := base + level[column[k].need] - column[k].value
		near[n] = reached[V]{to, column[k].need}
		next := n
		if to < limit {
			next++
		}
		n = next
	}
	return near[:n]
}

// reachAll goes on from a node, at which so many edges were looked at, to those that are near.
func (d *mend[Q, V]) reachAll(a int32, edges int, near []reached[V]) {
	for _, r := range near {
		d.reach(r.node, r.distance, a)
	}
	d.work += int64(edges)
	d.s.meter.done(int64(edges) + searchSteps)
}

// follow goes on from a node of the other side to those with which it shares: they could give way.
func (d *mend[Q, V]) follow(a int32, at V) {
	side := 1
	if a < d.s.needs {
		side = 0
	}
	for k := d.spots[a].first; k != none; k = d.shares[k].next[side] {
		if h := &d.shares[k]; h.units > 0 {
			d.reach(h.need+h.resource-a, at, k)
		}
		d.work++
	}
}

// reach notes a way to a node, and that it may be the goal.
func (d *mend[Q, V]) reach(x int32, distance V, via int32) {
	n := &d.spots[x]
	if distance >= n.distance || distance >= d.limit {
		return
	}
	if n.distance == farthest[V]() {
		d.reached = append(d.reached, x)
	}
	n.distance, n.via = distance, via
	d.queue.push(reached[V]{distance, x})
	end := distance
	switch {
	case (x < d.s.needs) == d.wants:
		end += d.level[x]
	case n.left == 0:
		return
	}
	if end < d.limit {
		d.goal, d.limit = x, end
	}
}

// reprice moves what is nearer than the goal, so that the way to it costs nothing, and forgets the search.
func (d *mend[Q, V]) reprice() {
	for _, x := range d.reached {
		n := &d.spots[x]
		if by := d.limit - n.distance; by > 0 {
			if (x < d.s.needs) == d.wants {
				by = -by
			}
			d.level[x] += by
		}
		n.distance = farthest[V]()
	}
	d.s.counters.NodesMoved += int64(len(d.reached))
	d.reached = d.reached[:0]
	d.queue.empty()
}

// pass moves as much as possible along the way that was found.
func (d *mend[Q, V]) pass(from int32) {
	goal := d.goal
	own := func(x int32) bool { return (x < d.s.needs) == d.wants }
	amount := d.spots[from].left
	if !own(goal) {
		amount = min(amount, d.spots[goal].left)
	}
	for x := goal; x != from; {
		via := d.spots[x].via
		if !own(x) {
			x = via
			continue
		}
		h := &d.shares[via]
		amount = min(amount, h.units)
		x = h.need + h.resource - x
	}
	d.spots[from].left -= amount
	if own(goal) {
		d.spots[goal].left += amount
	} else {
		d.spots[goal].left -= amount
	}
	for x := goal; x != from; {
		via := d.spots[x].via
		if own(x) {
			h := &d.shares[via]
			h.units -= amount
			x = h.need + h.resource - x
			continue
		}
		d.add(min(x, via), max(x, via), amount)
		x = via
	}
	d.s.counters.Pivots++
}

// allotments lists what the needs have got, by need.
func (d *mend[Q, V]) allotments() []allotment[Q] {
	list := grab(&d.s.spare.byNeed, len(d.shares))[:0]
	for i := range d.s.needs {
		for k := d.spots[i].first; k != none; k = d.shares[k].next[0] {
			if h := &d.shares[k]; h.units > 0 {
				list = append(list, allotment[Q]{need: i, resource: h.resource, units: h.units, value: int64(h.value)})
			}
		}
	}
	return list
}
