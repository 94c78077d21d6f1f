package matching

import "slices"

// scaling is the second way to an optimal allocation: cost scaling (Goldberg and Tarjan 1990) by short augmenting paths
// with global updates (Goldberg 1997, Kiraly and Kovacs 2012). Where the auction becomes a war of prices, and where
// pivots move half of the tree, it needs a few passes over the edges per scale.
//
// Units start at their need and, if more is offered than wanted, at the pool; they have to come to a resource or, if
// more is wanted than offered, to the pool. What is on its way is the excess of a node, what a node lacks is a negative
// excess. A node's level is its potential as in simplex, but scaled, and the pool has one, too. Passing a unit from a to
// b gains
//
//	value + level[a] - level[b]    along an edge, and to or from the pool, where the value is 0,
//	level[a] - level[b] - value    back along an edge, for what was passed along it.
//
// Within a scale nothing that can be passed gains more than epsilon. Units go where they gain, and a node from which
// they gain nowhere is lifted until they do. When all have arrived the allocation is right up to epsilon.
type scaling[Q quantity, V value] struct {
	s      *simplex[Q, V]
	shift  uint // scaled value = value << shift
	fine   uint // epsilon = 1 << fine
	level  []int64
	excess []Q
	idle   []Q // what a need or resource has at the pool

	parcels []parcel[Q, V]
	unused  int32   // the first parcel that is free
	parcel  []int32 // of each edge, or none
	first   []int32 // of each resource's parcels, or none

	active  waiting // nodes with excess
	cursor  int32   // where the pool's search for a way on continues
	path    []hop
	nearest nearest
	work    int64 // edges looked at since the last global update
	most    int64 // that they may be before the next
	widened bool  // pruning went wrong
	lost    bool  // a level left the range of numbers
}

// parcel is what a need has of a resource.
type parcel[Q quantity, V value] struct {
	need, edge int32
	next, prev int32 // of the same resource
	units      Q
	value      V
}

// Settings, measured on the families of the speed table; see the ADR on the second engine.
const (
	scaleBits    = 3  // each epsilon is an eighth of the one before
	firstShare   = 32 // the first is the mean spread of a row's values divided by this
	mostShift    = 12
	pruneBits    = 8 // edges that are 2^8 epsilons worse than a need's best choice leave the search
	updateEvery  = 2 // passes over the edges between two global updates
	mostLevel    = int64(1) << 60
	sendSteps    = 8 // what it takes to send units besides looking at edges, in steps of the meter
	levelReserve = 4 // the largest scaled value stays this factor, times the number of nodes, below mostLevel
)

// newScaling begins with nothing allotted and without prices.
func (s *simplex[Q, V]) newScaling(largest V) *scaling[Q, V] {
	nodes := int(s.pool()) + 1
	c := &scaling[Q, V]{
		s: s, shift: s.scalingShift(largest), level: make([]int64, nodes), excess: make([]Q, nodes), idle: make([]Q, nodes),
		parcel: make([]int32, len(s.arcs)), first: make([]int32, s.resources), unused: none,
	}
	for k := range c.parcel {
		c.parcel[k] = none
	}
	for r := range c.first {
		c.first[r] = none
	}
	pool := s.pool()
	for x, q := range s.quantity {
		if int32(x) < s.needs {
			c.excess[x] = q
			c.excess[pool] -= q
		} else {
			c.excess[x] = -q
			c.excess[pool] += q
		}
	}
	return c
}

// scalingShift is by how many bits values are scaled.
func (s *simplex[Q, V]) scalingShift(largest V) (shift uint) {
	nodes := int64(s.pool()) + 1
	for int64(1)<<shift < nodes && shift < mostShift && int64(largest)<<shift < mostLevel/levelReserve/nodes {
		shift++
	}
	return shift
}

// firstFine is the first epsilon, as a power of 2.
func firstFine[V value](spread V, shift uint) (fine uint) {
	for int64(1)<<fine < int64(spread)<<shift/firstShare {
		fine++
	}
	return fine
}

// scales is how many epsilons there are from the first to the last.
func (s *simplex[Q, V]) scales(v values[V]) int64 {
	return 1 + int64(firstFine(v.spread, s.scalingShift(v.largest))+scaleBits-1)/scaleBits
}

// refine makes an allocation that is right up to epsilon out of what there is. It reports false if the meter stopped it.
func (c *scaling[Q, V]) refine(m *meter) bool {
	c.begin()
	nodes := c.s.pool() + 1
	c.active.reset(int(nodes))
	for x := range nodes {
		if c.excess[x] > 0 {
			c.active.push(x)
		}
	}
	c.most = updateEvery * int64(len(c.s.pricing.columns)+int(nodes))
	for c.work = c.most; c.active.size > 0; {
		if c.work >= c.most {
			c.work = 0
			c.lift()
		}
		x := c.active.pop()
		for c.excess[x] > 0 && c.work < c.most && !c.lost && !m.stopped {
			before := c.work
			c.send(x)
			c.s.counters.EdgesPriced += c.work - before
			m.done(c.work - before + sendSteps)
		}
		if c.excess[x] > 0 {
			c.active.push(x)
		}
		if m.stopped || c.lost {
			return false
		}
	}
	return true
}

// begin gives every need the level at which its best choice gains nothing, and takes back what is not right up to
// epsilon.
func (c *scaling[Q, V]) begin() {
	s, epsilon := c.s, int64(1)<<c.fine
	pool := s.pool()
	for r := s.needs; r < pool; r++ {
		c.level[r] = max(c.level[r], c.level[pool])
		if c.level[pool]-c.level[r] < -epsilon {
			c.excess[pool] += c.idle[r]
			c.excess[r] -= c.idle[r]
			c.idle[r] = 0
		}
	}
	for i := range s.needs {
		if s.meter.done(int64(s.end[i] - s.start[i])) {
			return
		}
		level := c.level[pool]
		for _, e := range s.near(i) {
			level = min(level, c.level[e.resource]-int64(e.value)<<c.shift)
		}
		c.level[i] = level
		if level-c.level[pool] < -epsilon {
			c.excess[i] += c.idle[i]
			c.excess[pool] -= c.idle[i]
			c.idle[i] = 0
		}
	}
	for r, first := range c.first {
		id := s.needs + int32(r)
		for l := first; l != none; {
			p := c.parcels[l]
			if int64(p.value)<<c.shift+c.level[p.need]-c.level[id] < -epsilon {
				c.excess[p.need] += p.units
				c.excess[id] -= p.units
				c.take(id, l, p.units)
			}
			l = p.next
		}
	}
	c.prune()
}

// prune moves the edges that are far from being anybody's choice behind the end of their rows, if that is worth it.
func (c *scaling[Q, V]) prune() {
	s := c.s
	if c.widened || c.fine+pruneBits >= 60 {
		return
	}
	keep := func(i, k int32) bool {
		e := s.arcs[k]
		return c.level[e.resource]-int64(e.value)<<c.shift <= c.level[i]+1<<(c.fine+pruneBits) || c.parcel[k] != none
	}
	kept := 0
	for i := range s.needs {
		if s.meter.done(int64(s.end[i] - s.start[i])) {
			return
		}
		for k := s.start[i]; k < s.end[i]; k++ {
			if keep(i, k) {
				kept++
			}
		}
	}
	if 4*kept > 3*len(s.pricing.columns) {
		return
	}
	for i := range s.needs {
		if s.meter.done(int64(s.end[i] - s.start[i])) {
			return
		}
		n := s.start[i]
		for k := s.start[i]; k < s.end[i]; k++ {
			if !keep(i, k) {
				continue
			}
			s.arcs[k], s.arcs[n] = s.arcs[n], s.arcs[k]
			c.parcel[k], c.parcel[n] = c.parcel[n], c.parcel[k]
			if l := c.parcel[n]; l != none {
				c.parcels[l].edge = n
			}
			n++
		}
		s.end[i] = n
	}
	s.buildColumns()
}

// widen takes all edges back into the search.
func (c *scaling[Q, V]) widen() {
	s := c.s
	c.widened = true
	copy(s.end, s.start[1:])
	s.buildColumns()
}

// rescale finds an optimal allocation by cost scaling, and plants its tree. Where it does not come to an end that is proven,
// pivots go on from what it found; if it is stopped, from the allocation that was found before if that is worth more.
func (s *simplex[Q, V]) rescale(t *task, m *meter, found []allotment[Q]) {
	copy(s.end, s.start[1:])
	s.buildColumns()
	values := s.surveyValues()
	c := s.newScaling(values.largest)
	c.fine = firstFine(values.spread, c.shift)
	before := slices.Clone(found) // the best that there was, before this or at the end of a scale
	for scale := 1; c.refine(m) && scale != t.tuning.scales; scale++ {
		if now := c.sales(nil); !m.stopped && worth(now) > worth(before) {
			before = now
		}
		if c.fine <= c.shift {
			level := slices.Clone(c.level)
			roundLevels(level, c.shift, 1<<c.fine)
			switch s.plantExact(c.allotments(), level, m) {
			case proven:
				return
			case provenNear:
				c.widen()
			}
		}
		if c.fine == 0 {
			break
		}
		c.fine -= min(scaleBits, c.fine)
	}
	prices := make([]V, s.pool())
	for k := s.needs; k < s.pool(); k++ {
		prices[k] = V(max(0, min(c.level[k]-c.level[s.pool()], int64(values.largest)<<c.shift)) >> c.shift)
	}
	if m.stopped && len(before) > 0 {
		s.crash(before, prices, 0, 1)
		return
	}
	s.crash(c.allotments(), prices, 0, 1)
}

// allotments lists what the needs have.
func (c *scaling[Q, V]) allotments() []allotment[Q] {
	c.s.spare.sold = c.sales(c.s.spare.sold[:0])
	return c.s.tidy(c.s.spare.sold)
}

// sales appends what the needs have to a list, cut to what the resources have if the method was stopped.
func (c *scaling[Q, V]) sales(list []allotment[Q]) []allotment[Q] {
	s := c.s
	for r, first := range c.first {
		id := s.needs + int32(r)
		over := max(0, c.excess[id])
		for l := first; l != none; l = c.parcels[l].next {
			p := &c.parcels[l]
			cut := min(over, p.units)
			over -= cut
			if p.units > cut {
				list = append(list, allotment[Q]{need: p.need, resource: id, units: p.units - cut, value: int64(p.value)})
			}
		}
	}
	return list
}
