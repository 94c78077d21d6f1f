package matching

// exact finds the prices, in units of value, that prove an allocation optimal, and the tree that belongs to them,
// starting from levels that are nearly right.
type exact[Q quantity, V value] struct {
	s     *simplex[Q, V]
	given []allotment[Q]
	start []int32 // of each resource's allotments in list
	list  []int32
	idle  []Q
	level []int64 // by id

	active  waiting
	nearest nearest
	parent  []treeEdge[Q]
}

// settlePasses is after how many passes over the edges, in work, an allocation is thought not to be optimal.
const settlePasses = 4

func (s *simplex[Q, V]) newExact(given []allotment[Q], level []int64) *exact[Q, V] {
	x := &exact[Q, V]{
		s: s, given: given, level: level,
		start: make([]int32, s.resources+2), list: make([]int32, len(given)), idle: append([]Q(nil), s.quantity...),
	}
	for _, g := range given {
		x.start[g.resource-s.needs+2]++
		x.idle[g.need] -= g.units
		x.idle[g.resource] -= g.units
	}
	for r := range s.resources {
		x.start[r+2] += x.start[r+1]
	}
	for k, g := range given {
		at := &x.start[g.resource-s.needs+1]
		x.list[*at] = int32(k)
		*at++
	}
	return x
}

// steps calls do for all that a unit can do at a node: go where, along or back along an edge of which value.
func (x *exact[Q, V]) steps(a int32, do func(b int32, value int64)) {
	s := x.s
	pool := s.pool()
	switch {
	case a < s.needs:
		do(pool, 0)
		s.meter.done(int64(s.end[a] - s.start[a]))
		for _, e := range s.near(a) {
			do(e.resource, int64(e.value))
		}
	case a < pool:
		if x.idle[a] > 0 {
			do(pool, 0)
		}
		r := a - s.needs
		s.meter.done(int64(x.start[r+1] - x.start[r] + 1))
		for _, k := range x.list[x.start[r]:x.start[r+1]] {
			do(x.given[k].need, -x.given[k].value)
		}
	default:
		s.meter.done(int64(pool))
		for b := range pool {
			if b >= s.needs || x.idle[b] > 0 {
				do(b, 0)
			}
		}
	}
}

// settle lifts whatever a step would gain at until none gains (Bellman and Ford). There is no end to it if and only if
// the allocation is not optimal, so it gives up after a while.
func (x *exact[Q, V]) settle(m *meter) bool {
	nodes := x.s.pool() + 1
	x.active.reset(int(nodes))
	for a := range nodes {
		x.active.push(a)
	}
	work, most := int64(0), settlePasses*int64(len(x.s.arcs)+int(nodes))
	for x.active.size > 0 && work < most && !m.stopped {
		a := x.active.pop()
		own := x.level[a]
		x.steps(a, func(b int32, value int64) {
			if own+value > x.level[b] {
				x.level[b] = own + value
				x.active.push(b)
			}
			work++
		})
	}
	x.s.counters.EdgesPriced += work
	return x.active.size == 0 && !m.stopped
}

// hang finds the shortest ways from the pool to everything; their last steps gain nothing once all levels are lowered
// by the distances, so a tree of such steps and of all edges with flow has the lowest prices that are right.
func (x *exact[Q, V]) hang() {
	s, q := x.s, &x.nearest
	pool := s.pool()
	q.reset(int(pool) + 1)
	x.parent = grab(&x.parent, int(pool))
	q.reach(pool, 0)
	for a := q.next(); a != none && !s.meter.stopped; a = q.next() {
		own := x.level[a]
		x.steps(a, func(b int32, value int64) {
			if q.done[b] || !q.reach(b, q.distance[a]+x.level[b]-own-value) {
				return
			}
			x.parent[b] = treeEdge[Q]{a: b, b: a, value: max(value, -value)}
			if a < s.needs {
				x.parent[b] = treeEdge[Q]{a: a, b: b, value: value}
			}
		})
	}
}

// proof says how it went to prove that an allocation is optimal.
type proof int

const (
	unproven   proof = iota // it does not seem to be
	provenNear              // it is on the edges that were not pruned, but not on all
	proven
)

// plantExact builds the tree of an allocation if it can prove it optimal. Thereafter no edge is pruned, unless it is
// unproven.
func (s *simplex[Q, V]) plantExact(given []allotment[Q], level []int64, m *meter) proof {
	x := s.newExact(given, level)
	if !x.settle(m) {
		return unproven
	}
	copy(s.end, s.start[1:])
	if !x.settle(m) {
		return provenNear
	}
	x.hang()
	if m.stopped {
		return unproven
	}
	f, cyclic := s.frame(given)
	for b := range s.pool() {
		f.link(x.parent[b])
	}
	s.complete(f, cyclic)
	if m.stopped {
		return unproven
	}
	return proven
}

// roundLevels brings scaled levels, right up to a scaled epsilon, to units of value. A level may only fall on the wrong
// side of one that it is tied to if its remainder lies within epsilon of where rounding cuts; so the cut is made where
// the fewest remainders are. If there are fewer nodes than remainders and epsilon is 1, there is a cut at which the
// rounded levels are right.
func roundLevels(level []int64, shift uint, epsilon int64) {
	scale := int64(1) << shift
	if epsilon >= scale || shift > 24 {
		for k := range level {
			level[k] >>= shift
		}
		return
	}
	count := make([]int32, scale)
	for _, l := range level {
		count[l&(scale-1)]++
	}
	inside := int32(0)
	for k := range epsilon {
		inside += count[k]
	}
	cut, fewest := int64(0), inside
	for k := range scale - 1 {
		inside += count[(k+epsilon)&(scale-1)] - count[k]
		if inside < fewest {
			cut, fewest = k+1, inside
		}
	}
	for k := range level {
		level[k] = (level[k] - cut) >> shift
	}
}
