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

	needPrice, resourcePrice []int64
	basis                    *Basis

	resources []int32 // the component's resources by their number in it
	flow      []EdgeFlow
	value     int64
	bound     int64
	finished  bool
	counters  Counters
}

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
	s.warmUp(m)
	t.finished = s.run(m)
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
		above := s.potential[parent]
		if n.id < s.needs {
			need, resource := t.needs[n.id], Unmatched
			if parent != s.pool() {
				resource = t.resources[parent-s.needs]
				t.emit(need, resource, above-own, int64(n.flow))
			}
			t.needPrice[need] = max(0, -own)
			t.basis.NeedParent[need], t.basis.NeedFlow[need] = resource, int64(n.flow)
		} else {
			need, resource := Unmatched, t.resources[n.id-s.needs]
			if parent != s.pool() {
				need = t.needs[parent]
				t.emit(need, resource, own-above, int64(n.flow))
			}
			t.resourcePrice[resource] = max(0, own)
			t.basis.ResourceParent[resource], t.basis.ResourceFlow[resource] = need, int64(n.flow)
		}
	}
	t.bound = t.value
	if !t.finished {
		t.improveBound()
	}
}

// emit records a flow on the edge of the pair that has the given value.
func (t *task) emit(need, resource int32, value, quantity int64) {
	if quantity == 0 {
		return
	}
	start := t.problem.RowStart[need]
	for k, e := range t.problem.Row(int(need)) {
		if e.Resource == resource && e.Value == value {
			t.flow = append(t.flow, EdgeFlow{Edge: start + int32(k), Need: need, Quantity: quantity})
			t.value += value * quantity
			return
		}
	}
	panic("matching: a basis edge has no edge in the problem")
}
