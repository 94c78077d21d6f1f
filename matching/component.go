package matching

import "math"

// task is one component on its way through the solver: where its parts come from and where its results go. Components
// are disjoint, so tasks write into the shared slices without locks.
type task struct {
	problem *Problem
	needs   []int32  // the component's needs
	near    []nearby // of every need of the problem
	local   []int32  // a resource's number within its component, shared by all tasks; none before; or closed
	number  int32    // of the component
	warm    *warmth  // nil: none
	rows    *rows    // loaded already; nil: not
	inVain  bool     // the warm start was given up
	tuning  tuning
	crew    *crew

	needPrice, resourcePrice []int64
	basis                    *Basis

	resources []int32 // the component's resources by their number in it
	flow      []pairFlow
	bound     int64
	finished  bool
	counters  Counters
}

// closed is the number of a resource that has nothing to offer.
const closed int32 = -2

// tuning holds what is the same for all components of a problem, and what tests set to reach every part of the solver
// with small problems.
type tuning struct {
	narrow          bool // the whole problem's numbers fit into 32 bits
	smallestAuction int  // edges
	alwaysFirm      bool // see simplex.firm
	alwaysWide      bool // 64 bits even where 32 are enough
	alwaysScale     bool // cost scaling at once
	handOver        bool // cost scaling after the first pivot
	scales          int  // if not 0, believe cost scaling after so many scales: a solver that is wrong
}

// solve solves the component, from the beginning if a warm start turns out to be the longer way.
func (t *task) solve(w *workspace, m *meter) {
	if t.attempt(w, m); t.inVain {
		for _, r := range t.resources {
			t.local[r] = none
		}
		t.resources, t.rows = t.resources[:0], nil
		t.attempt(w, m)
	}
}

// attempt orders the component, picks the width that holds its numbers, and runs the solver. A warm start looks at too
// little for an order to be worth its time.
func (t *task) attempt(w *workspace, m *meter) {
	switch {
	case m.done(lookEvery) || !t.startsWarm() && !w.ordering.sort(t, m):
		t.salvage()
	case t.rows != nil:
		takeRows(t, &w.narrow, m)
		solveTask(t, &w.narrow, m)
	case t.tuning.narrow || t.isNarrow(m):
		load(t, &w.narrow, m)
		solveTask(t, &w.narrow, m)
	default:
		load(t, &w.wide, m)
		solveTask(t, &w.wide, m)
	}
}

// startsWarm reports whether there is an earlier basis to start from, unless that was in vain.
func (t *task) startsWarm() bool { return t.warm != nil && !t.inVain }

// isNarrow reports whether all values and all sums of quantities fit into 32 bits, with room for an auction's scaling
// and bids. It numbers the resources, for it has to see them all.
func (t *task) isNarrow(m *meter) bool {
	p := t.problem
	var wanted, offered, largest int64
	for _, i := range t.needs {
		if m.done(int64(len(p.Row(int(i))))) {
			break
		}
		wanted += p.NeedQuantity[i]
		for _, e := range p.Row(int(i)) {
			if e.Value > 0 && t.local[e.Resource] != closed {
				largest = max(largest, e.Value)
				t.numberOf(e.Resource)
			}
		}
	}
	for _, r := range t.resources {
		offered += p.ResourceQuantity[r]
	}
	return fitsNarrow(wanted, offered, largest) && !t.tuning.alwaysWide
}

// numberOf gives a resource the next number in the component if it has none, and returns its number.
func (t *task) numberOf(resource int32) int32 {
	if t.local[resource] == none {
		t.local[resource] = int32(len(t.resources))
		t.resources = append(t.resources, resource)
	}
	return t.local[resource]
}

func fitsNarrow(wanted, offered, largest int64) bool {
	return max(wanted, offered) <= math.MaxInt32 && largest <= mostNarrow
}

func solveTask[Q quantity, V value](t *task, s *simplex[Q, V], m *meter) {
	givenUp := !s.warmUp(t, m)
	t.finished = !givenUp && s.run(t, m)
	t.counters = s.counters
	switch {
	case givenUp:
	case t.finished:
		collect(t, s)
	default:
		t.salvage(s.wishes(t)...)
	}
}

// load copies the usable edges of a component into the solver's own layout.
func load[Q quantity, V value](t *task, s *simplex[Q, V], m *meter) {
	p := t.problem
	edges := 0
	for _, i := range t.needs {
		edges += int(p.RowStart[i+1] - p.RowStart[i])
	}
	s.begin(t, m)
	s.start = grab(&s.start, len(t.needs)+1)
	arcs := grab(&s.arcs, edges)[:0]
	for k, i := range t.needs {
		if k%touched == 0 {
			touchRows(p, t.needs[k:min(k+touched, len(t.needs))])
		}
		if m.done(int64(len(p.Row(int(i))))) {
			return
		}
		for _, e := range p.Row(int(i)) {
			if e.Value > 0 && t.local[e.Resource] != closed {
				arcs = append(arcs, arc[V]{resource: s.needs + t.numberOf(e.Resource), value: V(e.Value)})
			}
		}
		s.start[k+1] = int32(len(arcs))
	}
	s.arcs = arcs
	s.setQuantities(t)
}

// touched is how many rows are touched at a time: enough to keep memory busy, few enough to be still in the cache when they
// are read.
const touched = 16

// touchRows reads something of each cache line of some rows that lie anywhere, so that the waits for them overlap. The
// rows are read right after. What it returns is of no use; it keeps the compiler from leaving the reads out.
//
//go:noinline
func touchRows(p *Problem, needs []int32) (read int64) {
	const lineOf = 64 / 16 // edges
	for _, i := range needs {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k += lineOf {
			read |= p.Edges[k].Value
		}
	}
	return read
}

// takeRows is load for a component whose rows are loaded.
func takeRows(t *task, s *simplex[int32, int32], m *meter) {
	s.begin(t, m)
	s.arcs, s.start = t.rows.arcs, t.rows.start
	s.setQuantities(t)
}

// begin forgets the component before.
func (s *simplex[Q, V]) begin(t *task, m *meter) {
	s.needs, s.counters, s.proven, s.left, s.meter = int32(len(t.needs)), t.counters, nil, nil, m
	s.walked, s.wary, s.unruly, s.found = 0, false, false, nil
	s.nodes = s.nodes[:0]
}

// setQuantities sets what is known when all rows are there.
func (s *simplex[Q, V]) setQuantities(t *task) {
	p := t.problem
	s.resources = int32(len(t.resources))
	s.end = append(s.end[:0], s.start[1:]...)
	s.quantity = grab(&s.quantity, int(s.pool()))
	for k, i := range t.needs {
		s.quantity[k] = Q(p.NeedQuantity[i])
	}
	for k, r := range t.resources {
		s.quantity[len(t.needs)+k] = Q(p.ResourceQuantity[r])
	}
}

// collect translates the basis back into the problem's flows, prices and basis.
func collect[Q quantity, V value](t *task, s *simplex[Q, V]) {
	t.flow = make([]pairFlow, 0, s.pool())
	for id, b := range s.proven {
		collectBranch(t, s, int32(id), b)
	}
	if s.proven == nil {
		for _, n := range s.nodes[1:] {
			collectBranch(t, s, n.id, branch[Q]{parent: s.nodes[n.parent].id, flow: n.flow})
		}
	}
}

// collectBranch translates what is known of one need or resource. An edge with flow has no slack, so in an optimum, which
// is on the best edge of each pair, the potentials say what the flow is worth.
func collectBranch[Q quantity, V value](t *task, s *simplex[Q, V], id int32, b branch[Q]) {
	own, need, resource := s.potential[id], id, b.parent
	if id < s.needs {
		i := t.needs[id]
		t.needPrice[i], t.basis.NeedFlow[i] = max(0, -own), int64(b.flow)
		if b.parent != s.pool() {
			t.basis.NeedParent[i] = t.resources[b.parent-s.needs]
		}
	} else {
		need, resource = b.parent, id
		r := t.resources[id-s.needs]
		t.resourcePrice[r], t.basis.ResourceFlow[r] = max(0, own), int64(b.flow)
		if b.parent != s.pool() {
			t.basis.ResourceParent[r] = t.needs[b.parent]
		}
	}
	if b.flow > 0 && b.parent != s.pool() {
		t.flow = append(t.flow, pairFlow{t.needs[need], t.resources[resource-s.needs], int64(b.flow)})
		t.bound += (s.potential[resource] - s.potential[need]) * int64(b.flow)
	}
}
