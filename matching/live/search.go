package live

import "math"

// node is a need or a resource.
type node struct {
	index int32
	need  bool
}

func (l *Live) sideOf(n node) *side {
	if n.need {
		return &l.needs
	}
	return &l.resources
}

// search is the state of Dijkstra's algorithm. Marks carry the number of the search, so that nothing is cleared.
type search struct {
	number   int32
	needs    []mark
	resource []mark
	heap     []label
	settled  []node
}

type mark struct {
	number  int32
	settled bool
	via     int32 // edge by which the node was reached
	dist    int64
}

type label struct {
	dist int64
	node node
}

func (s *search) grow(nodes int) {
	s.needs, s.resource = make([]mark, nodes), make([]mark, nodes)
}

func (s *search) mark(n node) *mark {
	if n.need {
		return &s.needs[n.index]
	}
	return &s.resource[n.index]
}

func (s *search) begin() {
	s.number++
	s.heap, s.settled = s.heap[:0], s.settled[:0]
}

// reach offers a node a distance.
func (s *search) reach(n node, dist int64, via int32) {
	m := s.mark(n)
	if m.number == s.number && m.dist <= dist {
		return
	}
	*m = mark{number: s.number, via: via, dist: dist}
	s.push(label{dist, n})
}

// before orders by distance; ties by side and index, so that answers do not depend on chance.
func (a label) before(b label) bool {
	switch {
	case a.dist != b.dist:
		return a.dist < b.dist
	case a.node.need != b.node.need:
		return a.node.need
	}
	return a.node.index < b.node.index
}

func (s *search) push(l label) {
	s.heap = append(s.heap, l)
	for k := len(s.heap) - 1; k > 0; {
		parent := (k - 1) / 2
		if !s.heap[k].before(s.heap[parent]) {
			return
		}
		s.heap[k], s.heap[parent] = s.heap[parent], s.heap[k]
		k = parent
	}
}

func (s *search) pop() label {
	top := s.heap[0]
	last := len(s.heap) - 1
	s.heap[0] = s.heap[last]
	s.heap = s.heap[:last]
	for k := 0; ; {
		child := 2*k + 1
		if child >= last {
			return top
		}
		if child+1 < last && s.heap[child+1].before(s.heap[child]) {
			child++
		}
		if !s.heap[child].before(s.heap[k]) {
			return top
		}
		s.heap[k], s.heap[child] = s.heap[child], s.heap[k]
		k = child
	}
}

// settle finds homes for what is left of a node whose price is above 0, by as many shortest paths as it takes. In the
// end nothing is left of it, or its price is 0.
func (l *Live) settle(n node) {
	s := l.sideOf(n)
	for s.left[n.index] > 0 && s.price[n.index] > 0 {
		goal, dist := l.shortest(n)
		l.reprice(dist)
		if goal != n {
			l.augment(n, goal)
		}
	}
}

// shortest finds the cheapest end of a path from a node: a node of the other side with something left, or a node of the
// own side that gives way, at the cost of its price.
func (l *Live) shortest(from node) (goal node, dist int64) {
	s := &l.search
	s.begin()
	s.reach(from, 0, -1)
	dist = math.MaxInt64
	for len(s.heap) > 0 {
		top := s.pop()
		if top.dist >= dist {
			break
		}
		m := s.mark(top.node)
		if m.settled || m.dist != top.dist {
			continue
		}
		m.settled = true
		s.settled = append(s.settled, top.node)
		own := l.sideOf(top.node)
		switch {
		case top.node.need == from.need:
			if end := top.dist + own.price[top.node.index]; end < dist {
				goal, dist = top.node, end
			}
			l.relaxAll(top)
		case own.left[top.node.index] > 0:
			// Something left means price 0, and nothing beyond can be nearer.
			return top.node, top.dist
		default:
			l.relaxUsed(top)
		}
	}
	return goal, dist
}

// relaxAll follows every edge of a node on the side where the search began: it could take from there.
func (l *Live) relaxAll(at label) {
	s := l.sideOf(at.node)
	for _, edge := range s.edgesOf(at.node.index) {
		l.relax(at, edge)
	}
	for _, edge := range s.extra[at.node.index] {
		l.relax(at, edge)
	}
}

func (s *side) edgesOf(k int32) []int32 {
	if int(k) >= len(s.edges.start)-1 {
		return nil // added by a question: all its edges are extra
	}
	return s.edges.items[s.edges.start[k]:s.edges.start[k+1]]
}

func (l *Live) relax(at label, edge int32) {
	if l.value[edge] <= 0 {
		return
	}
	other := node{l.res[edge], false}
	if !at.node.need {
		other = node{l.need[edge], true}
	}
	l.search.reach(other, at.dist+l.reduced(edge), edge)
}

// relaxUsed follows the flows of a node on the far side: whoever uses it may give way.
func (l *Live) relaxUsed(at label) {
	for _, edge := range l.sideOf(at.node).used[at.node.index] {
		other := node{l.need[edge], true}
		if at.node.need {
			other = node{l.res[edge], false}
		}
		l.search.reach(other, at.dist, edge)
	}
}

// reprice moves the prices of all nodes that are nearer than the goal: down on the side where the search began, up on
// the other.
func (l *Live) reprice(dist int64) {
	from := l.search.settled[0].need
	for _, n := range l.search.settled {
		delta := dist - l.search.mark(n).dist
		if delta <= 0 {
			continue
		}
		if n.need == from {
			delta = -delta
		}
		l.setPrice(n, l.sideOf(n).price[n.index]+delta)
	}
}

// augment moves as much as fits along the path from a node to the goal.
func (l *Live) augment(from, goal node) {
	amount := l.sideOf(from).left[from.index]
	if goal.need != from.need {
		amount = min(amount, l.sideOf(goal).left[goal.index])
	}
	for n := goal; n != from; {
		edge := l.search.mark(n).via
		if n.need == from.need { // reached by giving way
			amount = min(amount, l.flow[edge])
		}
		n = l.across(n, edge)
	}
	for n := goal; n != from; {
		edge := l.search.mark(n).via
		if n.need == from.need {
			l.addFlow(edge, -amount)
		} else {
			l.addFlow(edge, amount)
		}
		n = l.across(n, edge)
	}
}

func (l *Live) across(n node, edge int32) node {
	if n.need {
		return node{l.res[edge], false}
	}
	return node{l.need[edge], true}
}
