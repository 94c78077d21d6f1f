package matching

// hop is a step of a path.
type hop struct {
	from, to int32
	at       int32 // the edge; the parcel on the way back; none to and from the pool
}

// longestPath is after how many steps units are passed on wherever they are: longer ones were slower.
const longestPath = 2

// send passes units of a node on along a short path that gains at every step.
func (c *scaling[Q, V]) send(start int32) {
	path, tip := c.path[:0], start
	for len(path) < longestPath && c.excess[tip] >= 0 && c.work < c.most {
		h, gain := c.best(tip)
		if gain > 0 {
			path = append(path, h)
			tip = h.to
			continue
		}
		c.level[tip] += int64(1)<<c.fine - gain
		if c.level[tip] > mostLevel {
			c.lost = true
			return
		}
		if len(path) > 0 {
			tip = path[len(path)-1].from
			path = path[:len(path)-1]
		}
	}
	c.path = path
	for _, h := range path {
		c.pass(h)
	}
}

// best returns the step from a node that gains most. The pool, which has very many, takes any that gains.
func (c *scaling[Q, V]) best(x int32) (h hop, gain int64) {
	s, level, pool := c.s, c.level, c.s.pool()
	switch {
	case x < s.needs:
		h = hop{from: x, to: pool, at: none}
		top := -level[pool]
		row := s.near(x)
		for k := range row {
			if w := int64(row[k].value)<<c.shift - level[row[k].resource]; w > top {
				top, h.to, h.at = w, row[k].resource, s.start[x]+int32(k)
			}
		}
		c.work += int64(len(row))
		return h, top + level[x]
	case x < pool:
		h = hop{from: x, to: none, at: none}
		top := -tooFar
		if c.idle[x] > 0 {
			h.to, top = pool, -level[pool]
		}
		for l := c.first[x-s.needs]; l != none; {
			p := &c.parcels[l]
			if w := -int64(p.value)<<c.shift - level[p.need]; w > top {
				top, h.to, h.at = w, p.need, l
			}
			c.work++
			l = p.next
		}
		return h, top + level[x]
	default:
		return c.fromPool()
	}
}

// fromPool looks for a resource, or for a need that has units at the pool, where units from the pool gain.
func (c *scaling[Q, V]) fromPool() (h hop, gain int64) {
	pool := c.s.pool()
	h = hop{from: pool, to: none, at: none}
	lowest := tooFar
	for range pool {
		x := c.cursor
		if (x >= c.s.needs || c.idle[x] > 0) && c.level[x] < lowest {
			if lowest, h.to = c.level[x], x; lowest < c.level[pool] {
				break
			}
		}
		if c.cursor++; c.cursor == pool {
			c.cursor = 0
		}
		c.work++
	}
	return h, c.level[pool] - lowest
}

// pass moves what there is at the beginning of a step, as far as there is room.
func (c *scaling[Q, V]) pass(h hop) {
	needs, pool := c.s.needs, c.s.pool()
	units := c.excess[h.from]
	if units <= 0 {
		return
	}
	switch {
	case h.to == pool && h.from < needs:
		c.idle[h.from] += units
	case h.to == pool:
		units = min(units, c.idle[h.from])
		c.idle[h.from] -= units
	case h.from == pool && h.to >= needs:
		c.idle[h.to] += units
	case h.from == pool:
		units = min(units, c.idle[h.to])
		c.idle[h.to] -= units
	case h.from < needs:
		c.give(h, units)
	default:
		units = min(units, c.parcels[h.at].units)
		c.take(h.from, h.at, units)
	}
	c.excess[h.from] -= units
	c.excess[h.to] += units
	for _, x := range [2]int32{h.to, h.from} {
		if c.excess[x] > 0 {
			c.active.push(x)
		}
	}
}

// give lets a need have units of a resource.
func (c *scaling[Q, V]) give(h hop, units Q) {
	if l := c.parcel[h.at]; l != none {
		c.parcels[l].units += units
		return
	}
	l := c.unused
	if l == none {
		l = int32(len(c.parcels))
		c.parcels = append(c.parcels, parcel[Q, V]{})
	} else {
		c.unused = c.parcels[l].next
	}
	first := &c.first[h.to-c.s.needs]
	c.parcels[l] = parcel[Q, V]{
		need: h.from, edge: h.at, next: *first, prev: none, units: units, value: c.s.arcs[h.at].value,
	}
	if *first != none {
		c.parcels[*first].prev = l
	}
	*first = l
	c.parcel[h.at] = l
}

// take takes units of a parcel back to its resource.
func (c *scaling[Q, V]) take(resource, l int32, units Q) {
	p := &c.parcels[l]
	if p.units -= units; p.units > 0 {
		return
	}
	if p.prev != none {
		c.parcels[p.prev].next = p.next
	} else {
		c.first[resource-c.s.needs] = p.next
	}
	if p.next != none {
		c.parcels[p.next].prev = p.prev
	}
	c.parcel[p.edge] = none
	p.next = c.unused
	c.unused = l
}

// lift is the global update: every node rises by its distance, in epsilons, to where units are missing, so that from
// wherever there are too many a way begins on which every step gains.
func (c *scaling[Q, V]) lift() {
	q := &c.nearest
	nodes := c.s.pool() + 1
	q.reset(int(nodes))
	left := 0
	for x := range nodes {
		if c.excess[x] < 0 {
			q.reach(x, 0)
		} else if c.excess[x] > 0 {
			left++
		}
	}
	last := int64(0)
	for left > 0 {
		x := q.next()
		if x == none {
			break
		}
		if c.s.meter.stopped {
			return
		}
		last = q.distance[x]
		if c.excess[x] > 0 {
			left--
		}
		c.reachFrom(x, last)
	}
	for x := range nodes {
		up := last
		if q.done[x] {
			up = q.distance[x]
		}
		if up > (mostLevel-c.level[x])>>c.fine {
			c.lost = true
			return
		}
		c.level[x] += up << c.fine
	}
}

// reachFrom continues the global update to whatever can pass units to a node.
func (c *scaling[Q, V]) reachFrom(x int32, distance int64) {
	s, q, level, pool := c.s, &c.nearest, c.level, c.s.pool()
	own := level[x]
	reach := func(y int32, gain int64) {
		if !q.done[y] {
			q.reach(y, distance+(-gain>>c.fine)+1)
		}
	}
	switch {
	case x < s.needs:
		if c.idle[x] > 0 {
			reach(pool, level[pool]-own)
		}
		for k := s.start[x]; k < s.end[x]; k++ {
			if c.parcel[k] != none {
				e := s.arcs[k]
				reach(e.resource, level[e.resource]-own-int64(e.value)<<c.shift)
			}
		}
		s.counters.EdgesPriced += int64(s.end[x] - s.start[x])
		s.meter.done(int64(s.end[x] - s.start[x]))
	case x < pool:
		reach(pool, level[pool]-own)
		p, r := &s.pricing, x-s.needs
		column := p.columns[p.columnStart[r]:p.columnStart[r+1]]
		for _, e := range column {
			reach(e.need, int64(e.value)<<c.shift+level[e.need]-own)
		}
		s.counters.EdgesPriced += int64(len(column))
		s.meter.done(int64(len(column)))
	default:
		for y := range pool {
			if y < s.needs || c.idle[y] > 0 {
				reach(y, level[y]-own)
			}
		}
	}
}
