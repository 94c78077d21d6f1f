package matching

import "math"

// quantity and value are the two widths in which a component is solved: 32 bits where its numbers fit, for they halve
// the memory that the solver waits for, else 64.
type (
	quantity interface{ ~int32 | ~int64 }
	value    interface{ ~int32 | ~int64 }
)

// arc is an edge of a component: the id of its resource, and its value.
type arc[V value] struct {
	resource int32
	value    V
}

// node is a need, a resource or the pool of the unmatched (the root) in the basis tree.
//
// The flow is the one on the edge to the parent. Its direction follows from the node: a need sends its flow up to its
// parent, a resource receives its flow down from its parent.
type node[Q quantity] struct {
	id     int32
	parent int32
	child  int32 // first child
	next   int32 // siblings, in both directions
	prev   int32
	depth  int32
	flow   Q
}

const none int32 = -1

// simplex is the primal network simplex on one component, in the form that the matching problem allows:
//
//   - The pool of the unmatched is the root of the basis tree, so "nothing is matched" is a feasible basis and there
//     is no artificial phase.
//   - No edge has a capacity (the quantities of its ends bind first), so every non-basic edge has flow 0: no state per
//     edge, no bound flips, and flows live on the tree alone.
//
// A need, a resource or the pool has an id: needs first, then resources, then the pool. Rows and potentials go by id.
// The nodes of the tree have places of their own, the pool at 0, every other behind its parent: the solver's time is
// mostly the wait for memory, and in this order a subtree and the way to the root are few cache lines (see settle).
type simplex[Q quantity, V value] struct {
	needs, resources int32
	quantity         []Q     // by id
	start            []int32 // row starts of the needs
	end              []int32 // where the part of each row ends that is priced; the rest is far from mattering
	arcs             []arc[V]

	// potential is, by id, the price of a resource, minus the surplus of a need, and 0 for the pool: with these signs
	// both ends of every tree edge move by the same amount when a subtree is shifted, whatever its nodes are.
	potential []int64
	nodes     []node[Q]
	place     []int32 // of each id

	pricing  pricing[V]
	spare    spare[Q, V]
	counters Counters
	walked   int64 // steps on the ways from an entering edge to where they join
	meter    *meter
	wary     bool           // values are such that bids and pivots from an auction's basis are likely to lead nowhere
	unruly   bool           // bids or pivots from an auction's basis led nowhere
	found    []allotment[Q] // the best allocation before the search began anew, in memory of its own
	left     []allotment[Q] // what was allotted when the search was stopped before there was a tree
	proven   []branch[Q]    // by id: the first basis, if it is optimal by prices that are not those of its tree; else nil
}

// pool returns the id of the pool of the unmatched.
func (s *simplex[Q, V]) pool() int32 { return s.needs + s.resources }

func (s *simplex[Q, V]) row(need int32) []arc[V] { return s.arcs[s.start[need]:s.start[need+1]] }

// near is the part of a row that is priced.
func (s *simplex[Q, V]) near(need int32) []arc[V] { return s.arcs[s.start[need]:s.end[need]] }

// run pivots until no edge improves the allocation, or until the meter says stop; it reports whether it finished.
func (s *simplex[Q, V]) run(t *task, m *meter) bool {
	if s.proven != nil {
		return true
	}
	if len(s.nodes) == 0 || m.stopped {
		return false
	}
	if t.tuning.scales > 0 {
		return true
	}
	s.startPricing()
	w := s.newWatch(t)
	settleAt := s.counters.Pivots + int64(len(s.nodes))/2
	idle, patience := int64(0), idleLimit*int64(len(s.nodes)) // pivots since flow was moved, and how many there may be
	if t.tuning.alwaysFirm {
		patience = 1
	}
	for {
		if m.stop(s.counters.Pivots) {
			return false
		}
		e, ok := s.findEntering()
		if m.stopped {
			return false
		}
		if !ok {
			if s.widen() {
				continue
			}
			return true
		}
		if idle++; s.pivot(e) > 0 {
			idle = 0
		}
		if idle > patience {
			s.firm()
			idle, patience = 0, math.MaxInt64 // once is enough
		}
		if s.work() > w.next && !s.goesOn(&w) {
			if s.goAnotherWay(t, m, &w); len(s.nodes) == 0 {
				return false
			}
		}
		if s.counters.Pivots > settleAt {
			s.settle()
			settleAt = s.counters.Pivots + int64(len(s.nodes))/2
		}
	}
}

// work counts edges looked at, nodes moved and steps in the tree, which cost about the same.
func (s *simplex[Q, V]) work() int64 {
	return s.counters.EdgesPriced + s.counters.NodesMoved + s.walked
}

// allotments lists the flows of the tree.
func (s *simplex[Q, V]) allotments() []allotment[Q] { return s.tidy(s.allotted(s.branches())) }

// leave keeps what was allotted, and the prices, if the search was stopped before there is a tree. It reports whether it
// was.
func (s *simplex[Q, V]) leave(given []allotment[Q], price []V, shift uint) bool {
	if !s.meter.stopped {
		return false
	}
	s.nodes, s.left = s.nodes[:0], given
	s.potential = grab(&s.potential, int(s.pool()+1))
	for r := s.needs; r < s.pool(); r++ {
		s.potential[r] = int64(price[r] >> shift)
	}
	return true
}

// wishes lists what was allotted when the search was stopped, and what was found before it began anew, and leaves the prices of
// that moment with the task.
func (s *simplex[Q, V]) wishes(t *task) (lists [][]wish) {
	given := s.left
	if len(s.nodes) > 0 {
		given = s.allotted(s.branches())
	}
	if given != nil {
		for k, r := range t.resources {
			t.resourcePrice[r] = max(0, s.potential[s.needs+int32(k)])
		}
	}
	for _, allotments := range [][]allotment[Q]{given, s.found} {
		list := make([]wish, len(allotments))
		for k, g := range allotments {
			list[k] = wish{need: g.need, resource: g.resource - s.needs, units: int64(g.units)}
		}
		lists = append(lists, list)
	}
	return lists
}

// idleLimit is how many pivots per node may go by without moving any flow before the basis is made firm.
const idleLimit = 32

// entering is an edge that improves the allocation: from tail (a need, or the pool) to head (a resource, or the pool).
type entering struct {
	tail, head int32 // ids
	gain       int64 // value - surplus - price > 0
}
