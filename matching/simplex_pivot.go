package matching

// pivot lets one edge enter the basis: it closes a cycle with the tree, as much as possible is shifted around it, and
// the edge that is emptied leaves. It returns the amount.
func (s *simplex[Q, V]) pivot(e entering) Q {
	leave, amount, headSide := s.leaving(e)
	if amount > 0 {
		s.augment(e, amount)
	} else {
		s.counters.Degenerate++
	}
	s.enter(e, leave, amount, headSide)
	return amount
}

// enter puts the edge with its flow into the basis in the place of the one above leave.
func (s *simplex[Q, V]) enter(e entering, leave int32, flow Q, headSide bool) {
	s.counters.Pivots++
	tail, head := s.place[e.tail], s.place[e.head]
	if headSide {
		s.rehang(head, tail, leave, flow)
		s.shift(head, e.gain)
	} else {
		s.rehang(tail, head, leave, flow)
		s.shift(tail, -e.gain)
	}
}

// leaving walks from both ends of the entering edge up to where their paths join. The edges that lose flow are those
// above resources on the head's path and those above needs on the tail's path. Ties go to the tail's path, there to
// the edge nearest the join; on the head's path to the edge nearest the head.
//
// That is why pivots come to an end (Cunningham 1976). Call a tree strongly feasible if no need hangs on an empty edge:
// then some flow can be sent from the pool down to every node, along an edge to a resource, for it has no capacity, or
// against the flow of an edge from a need. The cycle of a pivot begins at the join, goes down to the tail, over the
// entering edge, and from the head up; of the edges that are emptied the rule takes the first.
//
//   - The tree stays strongly feasible. Nodes before the leaving edge are reached in the direction of the cycle: the
//     edges there are emptied later or not at all. Nodes behind it are reached against it, over edges that now carry the
//     amount; if that is 0, they hang where they hung.
//   - If the amount is 0 the leaving edge is on the head's path, for on the tail's the edges that lose flow are those
//     above needs, which are not empty. So the subtree of the head rises by the gain, and no potential falls: the sum of
//     all potentials rises with every pivot that moves nothing, and no tree comes twice.
//   - A pivot that moves something raises the value. There are finitely many trees.
//
// The star is strongly feasible; the tree of an auction need not be. After a long run of pivots that move nothing firm
// makes it so.
func (s *simplex[Q, V]) leaving(e entering) (leave int32, amount Q, headSide bool) {
	nodes := s.nodes
	a, b := s.place[e.head], s.place[e.tail]
	headLeave, tailLeave := none, none
	var headFlow, tailFlow Q
	for a != b {
		if n := &nodes[a]; n.depth >= nodes[b].depth {
			if n.id >= s.needs && (headLeave == none || n.flow < headFlow) {
				headLeave, headFlow = a, n.flow
			}
			a = n.parent
		} else {
			n := &nodes[b]
			if n.id < s.needs && (tailLeave == none || n.flow <= tailFlow) {
				tailLeave, tailFlow = b, n.flow
			}
			b = n.parent
		}
	}
	way := int64(nodes[s.place[e.head]].depth + nodes[s.place[e.tail]].depth - 2*nodes[a].depth)
	s.walked += way
	s.meter.count(way)
	if tailLeave != none && (headLeave == none || tailFlow <= headFlow) {
		return tailLeave, tailFlow, false
	}
	return headLeave, headFlow, true
}

// augment shifts the amount around the cycle of the entering edge.
func (s *simplex[Q, V]) augment(e entering, amount Q) {
	nodes := s.nodes
	for a, b := s.place[e.head], s.place[e.tail]; a != b; {
		if n := &nodes[a]; n.depth >= nodes[b].depth {
			if n.id >= s.needs {
				n.flow -= amount
			} else {
				n.flow += amount
			}
			a = n.parent
		} else {
			n := &nodes[b]
			if n.id < s.needs {
				n.flow -= amount
			} else {
				n.flow += amount
			}
			b = n.parent
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

// shift adds delta to the potentials of a whole subtree, renews its depths, and marks whose edges have to be priced
// again: needs if surpluses fall, resources if prices fall.
func (s *simplex[Q, V]) shift(top int32, delta int64) {
	nodes, potential, marks := s.nodes, s.potential, s.pricing.marks
	depth := nodes[nodes[top].parent].depth + 1
	moved := int64(0)
	for x := top; ; {
		n := &nodes[x]
		potential[n.id] += delta
		n.depth = depth
		moved++
		if (n.id < s.needs) == (delta > 0) {
			marks[n.id>>6] |= 1 << (n.id & 63)
		}
		if n.child != none {
			x = n.child
			depth++
			continue
		}
		for x != top && n.next == none {
			x = n.parent
			n = &nodes[x]
			depth--
		}
		if x == top {
			break
		}
		x = n.next
	}
	s.counters.NodesMoved += moved
	s.meter.count(moved)
}
