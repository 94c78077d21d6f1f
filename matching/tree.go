package matching

// branch is what the basis tree is made of, by id: the parent of a need or resource, and the flow to it.
type branch[Q quantity] struct {
	parent int32
	flow   Q
}

// star makes the basis in which nothing is matched: everything hangs at the pool, with potential 0.
func (s *simplex[Q, V]) star() {
	pool := s.pool()
	s.nodes, s.place = grab(&s.nodes, int(pool+1)), grab(&s.place, int(pool+1))
	s.potential = grab(&s.potential, int(pool+1))
	s.nodes[0] = node[Q]{id: pool, parent: none, child: none, next: none, prev: none}
	// Needs and resources are numbered along the same way through the component; here they are merged.
	at, i, r := int32(0), int32(0), int32(0)
	for at < pool {
		id := i
		if i == s.needs || r < s.resources && int64(r)*int64(s.needs) < int64(i)*int64(s.resources) {
			id = s.needs + r
			r++
		} else {
			i++
		}
		at++
		s.place[id] = at
		s.nodes[at] = node[Q]{id: id, child: none, prev: at - 1, next: at + 1, depth: 1, flow: s.quantity[id]}
	}
	if pool > 0 {
		s.nodes[1].prev = none
		s.nodes[pool].next = none
		s.nodes[0].child = 1
	}
}

// settle gives the nodes of the tree new places (see plant). Pivots disturb their order slowly.
func (s *simplex[Q, V]) settle() {
	branches := s.branches()
	if !s.plant(branches) {
		s.left = s.allotted(branches)
	}
}

// branches takes the tree apart.
func (s *simplex[Q, V]) branches() []branch[Q] {
	branches := grab(&s.spare.branches, int(s.pool()))
	for _, n := range s.nodes[1:] {
		branches[n.id] = branch[Q]{parent: s.nodes[n.parent].id, flow: n.flow}
	}
	return branches
}

// allotted lists the flows of branches.
func (s *simplex[Q, V]) allotted(branches []branch[Q]) []allotment[Q] {
	list := s.spare.sold[:0]
	for id, b := range branches {
		switch id := int32(id); {
		case b.flow == 0 || b.parent == s.pool():
		case id < s.needs:
			list = append(list, allotment[Q]{need: id, resource: b.parent, units: b.flow})
		default:
			list = append(list, allotment[Q]{need: b.parent, resource: id, units: b.flow})
		}
	}
	s.spare.sold = list
	return list
}

// plant builds the tree from its branches. Each node is placed behind its parent, the largest subtree of a node first:
// so a subtree is one piece of memory, and the way from any node to the root a few pieces. It reports false, and there
// is no tree, if the search is stopped.
func (s *simplex[Q, V]) plant(branches []branch[Q]) bool {
	pool := s.pool()
	children, start := s.childrenOf(branches)
	order := append(s.spare.order[:0], pool) // ids, parents first
	for k := 0; k < len(order); k++ {
		if s.meter.done(placeSteps) {
			s.nodes = s.nodes[:0]
			return false
		}
		order = append(order, children[start[order[k]]:start[order[k]+1]]...)
	}
	s.spare.order = order
	size := grab(&s.spare.size, int(pool+1))
	for k := len(order) - 1; k > 0; k-- {
		size[order[k]]++
		size[branches[order[k]].parent] += size[order[k]]
	}
	s.nodes, s.place = grab(&s.nodes, int(pool+1)), grab(&s.place, int(pool+1))
	s.nodes[0] = node[Q]{id: pool, parent: none, child: none, next: none, prev: none}
	s.place[pool] = 0
	for _, id := range order {
		if s.meter.done(placeSteps) {
			s.nodes = s.nodes[:0]
			return false
		}
		s.placeChildren(s.place[id], children[start[id]:start[id+1]], branches, size)
	}
	return true
}

// placeChildren puts the children of a placed node behind it.
func (s *simplex[Q, V]) placeChildren(parent int32, children []int32, branches []branch[Q], size []int32) {
	if len(children) == 0 {
		return
	}
	heaviest := 0
	for k, id := range children {
		if size[id] > size[children[heaviest]] {
			heaviest = k
		}
	}
	children[0], children[heaviest] = children[heaviest], children[0]
	depth := s.nodes[parent].depth + 1
	s.nodes[parent].child = parent + 1
	at, prev := parent+1, none
	for k, id := range children {
		next := at + size[id]
		n := node[Q]{id: id, parent: parent, child: none, next: next, prev: prev, depth: depth, flow: branches[id].flow}
		if k == len(children)-1 {
			n.next = none
		}
		s.nodes[at] = n
		s.place[id] = at
		prev, at = at, next
	}
}

// childrenOf lists the children of every id: those of id are children[start[id]:start[id+1]].
func (s *simplex[Q, V]) childrenOf(branches []branch[Q]) (children, start []int32) {
	start = grab(&s.spare.start, len(branches)+3)
	for _, b := range branches {
		start[b.parent+2]++
	}
	for x := range len(branches) + 1 {
		start[x+2] += start[x+1]
	}
	children = grab(&s.spare.children, len(branches))
	for id, b := range branches {
		children[start[b.parent+1]] = int32(id)
		start[b.parent+1]++
	}
	return children, start
}

// firm makes the tree strongly feasible, so that the method ends whatever basis it began with: a need that hangs on an
// empty edge has a resource below it that takes its whole quantity or part of it; that resource moves to the pool with
// an empty edge, which is allowed, and the need below it. Their potentials start again from the pool's.
func (s *simplex[Q, V]) firm() {
	for at := int32(1); int(at) < len(s.nodes); at++ {
		n := &s.nodes[at]
		if n.id >= s.needs || n.flow > 0 {
			continue
		}
		c := n.child
		for s.nodes[c].flow == 0 {
			c = s.nodes[c].next
		}
		s.rehang(c, 0, at, 0)
		s.shift(c, -s.potential[s.nodes[c].id])
	}
	s.startPricing()
}
