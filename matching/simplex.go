package matching

// quantity and value are the two widths in which a component is solved: 32 bits where its numbers fit, for they halve
// the memory that the solver waits for, else 64.
type (
	quantity interface{ ~int32 | ~int64 }
	value    interface{ ~int32 | ~int64 }
)

// arc is an edge of a component: its resource in the component's own numbering, and its value.
type arc[V value] struct {
	resource int32
	value    V
}

// node is a need, a resource or the pool of the unmatched (the root) in the basis tree. With 32-bit quantities it
// fills half a cache line; the solver's time is mostly the wait for these lines.
//
// The potential is the price of a resource, minus the surplus of a need, 0 for the pool: with these signs both ends of
// every tree edge move by the same amount when a subtree is shifted, whatever its nodes are.
//
// The flow is the one on the edge to the parent. Its direction follows from the node: a need sends its flow up to its
// parent, a resource receives its flow down from its parent.
type node[Q quantity] struct {
	potential int64
	parent    int32
	child     int32 // first child
	next      int32 // siblings, in both directions
	prev      int32
	depth     int32
	flow      Q
}

const none int32 = -1

// simplex is the primal network simplex on one component, in the form that the matching problem allows:
//
//   - The pool of the unmatched is the root of the basis tree, so "nothing is matched" is a feasible basis and there
//     is no artificial phase.
//   - No edge has a capacity (the quantities of its ends bind first), so every non-basic edge has flow 0: no state per
//     edge, no bound flips, and flows live on the tree alone.
//
// Nodes are numbered needs first, then resources, then the pool.
type simplex[Q quantity, V value] struct {
	needs, resources int32
	start            []int32 // row starts of the needs
	arcs             []arc[V]
	nodes            []node[Q]
	price            []int64 // the potentials of the resources again, dense, for pricing

	pricing  pricing
	counters Counters
}

func (s *simplex[Q, V]) root() int32 { return s.needs + s.resources }

// star makes the basis in which nothing is matched.
func (s *simplex[Q, V]) star() {
	root := s.root()
	for i := range s.nodes {
		n := &s.nodes[i]
		n.potential, n.parent, n.child, n.depth = 0, root, none, 1
		n.prev, n.next = int32(i)-1, int32(i)+1
	}
	s.nodes[root] = node[Q]{parent: none, child: 0, next: none, prev: none}
	s.nodes[root-1].next = none
	clear(s.price)
}

// run pivots until no edge improves the allocation, or until the meter says stop; it reports whether it finished.
func (s *simplex[Q, V]) run(m *meter) bool {
	s.pricing.reset(len(s.arcs))
	for {
		e, ok := s.findEntering()
		if !ok {
			return true
		}
		s.pivot(e)
		if m.stop(s.counters.Pivots) {
			return false
		}
	}
}

// entering is an edge that improves the allocation: from tail (a need, or the pool) to head (a resource, or the pool).
type entering struct {
	tail, head int32
	gain       int64 // value - surplus - price > 0
}
