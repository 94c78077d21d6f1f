package matching

// pivot lets one edge enter the basis: it closes a cycle with the tree, as much as possible is shifted around it, and
// the edge that is emptied leaves.
func (s *simplex[Q, V]) pivot(e entering) {
	leave, amount, headSide := s.leaving(e)
	if amount > 0 {
		s.augment(e, amount)
	} else {
		s.counters.Degenerate++
	}
	s.counters.Pivots++
	if headSide {
		s.rehang(e.head, e.tail, leave, amount)
		s.shift(e.head, e.gain)
	} else {
		s.rehang(e.tail, e.head, leave, amount)
		s.shift(e.tail, -e.gain)
	}
}

// leaving walks from both ends of the entering edge up to where their paths join. The edges that lose flow are those
// above resources on the head's path and those above needs on the tail's path. Ties go to the tail's path, there to
// the edge nearest the join; on the head's path to the edge nearest the head. That keeps the tree strongly feasible
// (no need hangs on an empty edge), so the method cannot cycle (Cunningham 1976).
func (s *simplex[Q, V]) leaving(e entering) (leave int32, amount Q, headSide bool) {
	nodes := s.nodes
	a, b := e.head, e.tail
	headLeave, tailLeave := none, none
	var headFlow, tailFlow Q
	for a != b {
		if nodes[a].depth >= nodes[b].depth {
			if a >= s.needs && (headLeave == none || nodes[a].flow < headFlow) {
				headLeave, headFlow = a, nodes[a].flow
			}
			a = nodes[a].parent
		} else {
			if b < s.needs && (tailLeave == none || nodes[b].flow <= tailFlow) {
				tailLeave, tailFlow = b, nodes[b].flow
			}
			b = nodes[b].parent
		}
	}
	if tailLeave != none && (headLeave == none || tailFlow <= headFlow) {
		return tailLeave, tailFlow, false
	}
	return headLeave, headFlow, true
}

// augment shifts the amount around the cycle of the entering edge.
func (s *simplex[Q, V]) augment(e entering, amount Q) {
	nodes := s.nodes
	a, b := e.head, e.tail
	for a != b {
		if nodes[a].depth >= nodes[b].depth {
			if a >= s.needs {
				nodes[a].flow -= amount
			} else {
				nodes[a].flow += amount
			}
			a = nodes[a].parent
		} else {
			if b < s.needs {
				nodes[b].flow -= amount
			} else {
				nodes[b].flow += amount
			}
			b = nodes[b].parent
		}
	}
}

// rehang cuts the subtree of leave off, makes its node top the new top, and hangs it below parent with the given
// flow. The nodes on the way from top to leave change places with their parents, each taking over the flow of the edge
// between them.
func (s *simplex[Q, V]) rehang(top, parent, leave int32, flow Q) {
	nodes := s.nodes
	for x := top; ; {
		n := &nodes[x]
		oldParent, oldFlow := n.parent, n.flow
		if n.prev != none {
			nodes[n.prev].next = n.next
		} else {
			nodes[oldParent].child = n.next
		}
		if n.next != none {
			nodes[n.next].prev = n.prev
		}
		p := &nodes[parent]
		n.parent, n.flow = parent, flow
		n.prev, n.next = none, p.child
		if p.child != none {
			nodes[p.child].prev = x
		}
		p.child = x
		if x == leave {
			return
		}
		parent, flow, x = x, oldFlow, oldParent
	}
}

// shift adds delta to the potentials of a whole subtree and renews its depths.
func (s *simplex[Q, V]) shift(top int32, delta int64) {
	nodes, price, needs := s.nodes, s.price, s.needs
	depth := nodes[nodes[top].parent].depth + 1
	moved := int64(0)
	for x := top; ; {
		n := &nodes[x]
		n.potential += delta
		n.depth = depth
		if x >= needs {
			price[x-needs] = n.potential
		}
		moved++
		if n.child != none {
			x = n.child
			depth++
			continue
		}
		for x != top && nodes[x].next == none {
			x = nodes[x].parent
			depth--
		}
		if x == top {
			break
		}
		x = nodes[x].next
	}
	s.counters.NodesMoved += moved
}
