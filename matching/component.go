package matching

import (
	"math"
	"slices"
)

// task is one component on its way through the solver: where its parts come from and where its results go. Components
// are disjoint, so tasks write into the shared slices without locks.
type task struct {
	problem *Problem
	needs   []int32 // the component's needs
	local   []int32 // a resource's number within its component, shared by all tasks; none before
	warm    *Basis
	tuning  tuning

	needPrice, resourcePrice []int64
	basis                    *Basis

	resources []int32 // the component's resources by their number in it
	flow      []EdgeFlow
	value     int64
	bound     int64
	finished  bool
	suggested []int64 // resource prices of an auction that was stopped, by number in the component
	counters  Counters
}

// tuning holds what tests set to reach every part of the solver with small problems.
type tuning struct {
	smallestAuction int  // edges
	alwaysFirm      bool // see simplex.firm
}

func usualTuning() tuning { return tuning{smallestAuction: smallestAuction} }

// solve numbers the component's resources, picks the width that holds its numbers, and runs the solver.
func (t *task) solve(m *meter) {
	narrow := t.number()
	orderTask(t)
	if narrow {
		solveTask[int32, int32](t, m)
	} else {
		solveTask[int64, int64](t, m)
	}
}

// number gives the component's resources their own numbers in order of first sight and reports whether all sums of
// quantities and all values fit into 32 bits.
func (t *task) number() bool {
	p := t.problem
	var wanted, offered, largest int64
	for _, i := range t.needs {
		wanted += p.NeedQuantity[i]
		for _, e := range p.Row(int(i)) {
			if e.Value <= 0 || p.ResourceQuantity[e.Resource] == 0 {
				continue
			}
			largest = max(largest, e.Value)
			if t.local[e.Resource] == none {
				t.local[e.Resource] = int32(len(t.resources))
				t.resources = append(t.resources, e.Resource)
				offered += p.ResourceQuantity[e.Resource]
			}
		}
	}
	return max(wanted, offered, 2*largest) <= math.MaxInt32
}

func solveTask[Q quantity, V value](t *task, m *meter) {
	s := load[Q, V](t)
	s.warmUp(t, m)
	t.finished = s.run(t.tuning, m)
	t.counters = s.counters
	collect(t, s)
}

// load copies the usable edges of a component into the solver's own layout.
func load[Q quantity, V value](t *task) *simplex[Q, V] {
	p := t.problem
	needs, resources := len(t.needs), len(t.resources)
	s := &simplex[Q, V]{
		needs:     int32(needs),
		resources: int32(resources),
		quantity:  make([]Q, needs+resources),
		start:     make([]int32, needs+1),
	}
	edges := 0
	for _, i := range t.needs {
		edges += int(p.RowStart[i+1] - p.RowStart[i])
	}
	s.arcs = make([]arc[V], 0, edges)
	for k, i := range t.needs {
		s.quantity[k] = Q(p.NeedQuantity[i])
		for _, e := range p.Row(int(i)) {
			if e.Value > 0 && p.ResourceQuantity[e.Resource] > 0 {
				s.arcs = append(s.arcs, arc[V]{resource: s.needs + t.local[e.Resource], value: V(e.Value)})
			}
		}
		s.start[k+1] = int32(len(s.arcs))
	}
	for k, r := range t.resources {
		s.quantity[needs+k] = Q(p.ResourceQuantity[r])
	}
	s.end = slices.Clone(s.start[1:])
	return s
}

// collect translates the basis tree back into the problem's flows, prices and basis.
func collect[Q quantity, V value](t *task, s *simplex[Q, V]) {
	for _, n := range s.nodes[1:] {
		parent, own := s.nodes[n.parent].id, s.potential[n.id]
		if n.id < s.needs {
			need := t.needs[n.id]
			t.needPrice[need], t.basis.NeedFlow[need] = max(0, -own), int64(n.flow)
			if parent != s.pool() {
				t.basis.NeedParent[need] = t.resources[parent-s.needs]
			}
			continue
		}
		resource := t.resources[n.id-s.needs]
		t.resourcePrice[resource], t.basis.ResourceFlow[resource] = max(0, own), int64(n.flow)
		if parent != s.pool() {
			t.basis.ResourceParent[resource] = t.needs[parent]
		}
	}
	t.flow = make([]EdgeFlow, 0, s.pool())
	found := make([]Q, s.resources) // of the need at hand, by resource
	for k := range t.needs {
		if left := s.flowsOf(int32(k), found); left > 0 {
			emit(t, s, int32(k), found, left)
		}
	}
	t.bound = t.value
	if !t.finished {
		t.improveBound()
	}
}

// flowsOf notes the flows on a need's tree edges by resource and returns how many there are.
func (s *simplex[Q, V]) flowsOf(need int32, found []Q) (count int) {
	note := func(resource int32, flow Q) {
		if flow > 0 {
			found[resource-s.needs] = flow
			count++
		}
	}
	n := &s.nodes[s.place[need]]
	if parent := s.nodes[n.parent].id; parent != s.pool() {
		note(parent, n.flow)
	}
	for c := n.child; c != none; c = s.nodes[c].next {
		note(s.nodes[c].id, s.nodes[c].flow)
	}
	return count
}

// emit records the flows of a need on the problem's edges: of several edges of a pair on the one with the tree's value.
func emit[Q quantity, V value](t *task, s *simplex[Q, V], id int32, found []Q, left int) {
	need, surplus := t.needs[id], -s.potential[id]
	start := t.problem.RowStart[need]
	for k, e := range t.problem.Row(int(need)) {
		if e.Value <= 0 || t.problem.ResourceQuantity[e.Resource] == 0 {
			continue
		}
		r := t.local[e.Resource]
		if found[r] == 0 || e.Value != surplus+s.potential[s.needs+r] {
			continue
		}
		t.flow = append(t.flow, EdgeFlow{Edge: start + int32(k), Need: need, Quantity: int64(found[r])})
		t.value += e.Value * int64(found[r])
		found[r] = 0
		if left--; left == 0 {
			return
		}
	}
	panic("matching: a basis edge has no edge in the problem")
}
