package matching

// crash makes a basis around a given allocation, of which there is at most one allotment per pair.
//
// Tree edges are chosen as by Kruskal (1956): first the pool's edges with flow, then the allotments, then edges without
// flow that the prices call nearly tight, tightest first, then the pool again. An allotment that would close a cycle is
// pushed around it, in the direction that does not lose value, until an edge of the cycle is empty.
//
// If the search is stopped there is no basis, but the allocation and the prices are kept.
func (s *simplex[Q, V]) crash(given []allotment[Q], price []V, shift uint, tolerance V) {
	if s.leave(given, price, shift) {
		return
	}
	f, cyclic := s.frame(given)
	s.linkTight(f, price, shift, tolerance)
	if !s.meter.stopped {
		s.complete(f, cyclic)
	}
	s.leave(given, price, shift)
}

// frame links the edges that have flow, and returns the allotments that would close a cycle.
func (s *simplex[Q, V]) frame(given []allotment[Q]) (f *forest[Q], cyclic []allotment[Q]) {
	pool := s.pool()
	rest := append(s.spare.rest[:0], s.quantity...)
	s.spare.rest = rest
	for _, g := range given {
		rest[g.need] -= g.units
		rest[g.resource] -= g.units
	}
	f = &forest[Q]{sets: grab(&s.spare.sets, int(pool)+1), edges: grab(&s.spare.edges, int(pool))[:0]}
	f.sets.reset()
	for x := range pool {
		if rest[x] > 0 {
			f.link(treeEdge[Q]{a: x, b: pool, flow: rest[x]})
		}
	}
	for _, g := range given {
		if !f.link(treeEdge[Q]{a: g.need, b: g.resource, flow: g.units, value: g.value}) {
			cyclic = append(cyclic, g)
		}
	}
	return f, cyclic
}

// span hangs what is loose at the pool.
func (s *simplex[Q, V]) span(f *forest[Q]) *sketch[Q] {
	for x := range s.pool() {
		f.link(treeEdge[Q]{a: x, b: s.pool()})
	}
	return s.sketch(f)
}

// complete is span, brings the cyclic allotments into the tree, and builds it, unless the search is stopped.
func (s *simplex[Q, V]) complete(f *forest[Q], cyclic []allotment[Q]) {
	sk := s.span(f)
	for _, g := range cyclic {
		if s.meter.done(sk.absorb(g)) {
			return
		}
	}
	if !s.plant(sk.branches) {
		return
	}
	s.potential = grab(&s.potential, int(s.pool()+1))
	for _, n := range s.nodes[1:] { // parents come first
		above := s.potential[s.nodes[n.parent].id]
		if n.id < s.needs {
			s.potential[n.id] = above - sk.value[n.id]
		} else {
			s.potential[n.id] = above + sk.value[n.id]
		}
	}
}

// linkTight adds edges without flow whose slack is at most the tolerance, in steps of slack.
func (s *simplex[Q, V]) linkTight(f *forest[Q], price []V, shift uint, tolerance V) {
	const steps = 16
	var count [steps + 1]int
	step := tolerance/steps + 1
	each := func(do func(step V, e treeEdge[Q])) {
		for i := range s.needs {
			if s.meter.done(2 * int64(s.end[i]-s.start[i])) {
				return
			}
			best := V(0)
			for _, e := range s.near(i) {
				best = max(best, e.value<<shift-price[e.resource])
			}
			if best <= tolerance {
				do(best/step, treeEdge[Q]{a: i, b: s.pool()})
			}
			for _, e := range s.near(i) {
				if slack := best - (e.value<<shift - price[e.resource]); slack <= tolerance {
					do(slack/step, treeEdge[Q]{a: i, b: e.resource, value: int64(e.value)})
				}
			}
		}
		for r := s.needs; r < s.pool(); r++ {
			if price[r] <= tolerance {
				do(price[r]/step, treeEdge[Q]{a: r, b: s.pool()})
			}
		}
	}
	total := 0
	each(func(k V, _ treeEdge[Q]) { count[k]++; total++ })
	at := 0
	for k, n := range count {
		count[k], at = at, at+n
	}
	sorted := grab(&s.spare.sorted, total)
	each(func(k V, e treeEdge[Q]) { sorted[count[k]] = e; count[k]++ })
	for _, e := range sorted {
		if s.meter.done(linkSteps) {
			return
		}
		f.link(e)
	}
}

// linkSteps is what it takes to see whether an edge would close a cycle, in steps of the meter.
const linkSteps = 4

// forest collects the edges of a basis tree.
type forest[Q quantity] struct {
	sets  unionFind
	edges []treeEdge[Q]
}

// treeEdge joins two ids; a is the need, or the resource if b is the pool.
type treeEdge[Q quantity] struct {
	a, b  int32
	flow  Q
	value int64
}

// link adds an edge unless it would close a cycle.
func (f *forest[Q]) link(e treeEdge[Q]) bool {
	x, y := f.sets.find(e.a), f.sets.find(e.b)
	if x == y {
		return false
	}
	f.sets[max(x, y)] = min(x, y)
	f.edges = append(f.edges, e)
	return true
}

// sketch directs the edges of a spanning tree towards the pool.
func (s *simplex[Q, V]) sketch(f *forest[Q]) *sketch[Q] {
	pool := s.pool()
	start := grab(&s.spare.start, int(pool)+3)
	for _, e := range f.edges {
		start[e.a+2]++
		start[e.b+2]++
	}
	for x := range pool + 1 {
		start[x+2] += start[x+1]
	}
	ends := grab(&s.spare.ends, 2*len(f.edges))
	for k, e := range f.edges {
		for _, x := range [2]int32{e.a, e.b} {
			ends[start[x+1]] = int32(k)
			start[x+1]++
		}
	}
	sk := &sketch[Q]{
		needs: s.needs, pool: pool, branches: grab(&s.spare.branches, int(pool)),
		value: grab(&s.spare.value, int(pool)), seen: grab(&s.spare.seen, int(pool+1)),
	}
	queue := append(s.spare.order[:0], pool)
	for at := 0; at < len(queue); at++ {
		x := queue[at]
		for _, k := range ends[start[x]:start[x+1]] {
			e := &f.edges[k]
			y := e.a + e.b - x
			if x != pool && sk.branches[x].parent == y {
				continue
			}
			sk.branches[y], sk.value[y] = branch[Q]{parent: x, flow: e.flow}, e.value
			queue = append(queue, y)
		}
	}
	s.spare.order = queue
	return sk
}

// sketch is a basis tree that knows no more than each node's parent, its flow, and the value of the edge to it.
type sketch[Q quantity] struct {
	needs, pool int32
	branches    []branch[Q]
	value       []int64
	seen        []int32 // the last round in which a node was on the way to the root
	round       int32
}

// absorb brings an allotment that is not in the tree into it, or empties it. As in a pivot, more of the edge means less
// on the edges above resources on the way from its resource to where the ways join, and above needs on the way from its
// need; less of it means less on the others. It returns its steps.
func (sk *sketch[Q]) absorb(g allotment[Q]) (steps int64) {
	join, steps := sk.join(g.resource, g.need)
	if sk.gain(g, join) >= 0 {
		leave, amount, fromResource := sk.blocking(g, join, true)
		sk.push(g, join, amount)
		g.units += amount
		sk.enter(g, leave, fromResource)
		return steps
	}
	leave, amount, fromResource := sk.blocking(g, join, false)
	if leave == none || amount >= g.units {
		sk.push(g, join, -g.units)
		return steps
	}
	sk.push(g, join, -amount)
	g.units -= amount
	sk.enter(g, leave, fromResource)
	return steps
}

// join returns where the ways of two nodes to the root meet, and how long they are.
func (sk *sketch[Q]) join(a, b int32) (join int32, steps int64) {
	sk.round++
	for ; a != sk.pool; a = sk.branches[a].parent {
		sk.seen[a] = sk.round
		steps++
	}
	for b != sk.pool && sk.seen[b] != sk.round {
		b = sk.branches[b].parent
		steps++
	}
	return b, steps
}

// gain is what a unit more on the edge would be worth, with all that it displaces.
func (sk *sketch[Q]) gain(g allotment[Q], join int32) int64 {
	gain := g.value
	for _, from := range [2]int32{g.resource, g.need} {
		for x := from; x != join; x = sk.branches[x].parent {
			if (x < sk.needs) == (from == g.need) {
				gain -= sk.value[x]
			} else {
				gain += sk.value[x]
			}
		}
	}
	return gain
}

// blocking returns the edge that is emptied first when more, or less, flows on the edge.
func (sk *sketch[Q]) blocking(g allotment[Q], join int32, more bool) (leave int32, amount Q, fromResource bool) {
	leave = none
	for _, from := range [2]int32{g.resource, g.need} {
		for x := from; x != join; x = sk.branches[x].parent {
			loses := ((x < sk.needs) == (from == g.need)) == more
			if loses && (leave == none || sk.branches[x].flow < amount) {
				leave, amount, fromResource = x, sk.branches[x].flow, from == g.resource
			}
		}
	}
	return leave, amount, fromResource
}

// push shifts an amount around the cycle of the edge.
func (sk *sketch[Q]) push(g allotment[Q], join int32, amount Q) {
	for _, from := range [2]int32{g.resource, g.need} {
		for x := from; x != join; x = sk.branches[x].parent {
			if (x < sk.needs) == (from == g.need) {
				sk.branches[x].flow -= amount
			} else {
				sk.branches[x].flow += amount
			}
		}
	}
}

// enter puts the edge in the place of the one above leave.
func (sk *sketch[Q]) enter(g allotment[Q], leave int32, fromResource bool) {
	x, next := g.need, branch[Q]{parent: g.resource, flow: g.units}
	if fromResource {
		x, next.parent = g.resource, g.need
	}
	value := g.value
	for {
		old, oldValue := sk.branches[x], sk.value[x]
		sk.branches[x], sk.value[x] = next, value
		if x == leave {
			return
		}
		next, value = branch[Q]{parent: x, flow: old.flow}, oldValue
		x = old.parent
	}
}
