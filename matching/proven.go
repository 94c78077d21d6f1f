package matching

// keepProven makes a basis of an allocation that is proven by these levels, not by those of the tree. Nobody pivots in it,
// so it stays a list of branches.
func (s *simplex[Q, V]) keepProven(given []allotment[Q], level []int64) {
	f, cyclic := s.frame(given)
	s.proven = s.span(f, cyclic).branches
	s.potential = append(s.potential[:0], level...)
}

// collectProven is collect for a component whose rows are still in the order of the problem. The flows are looked for in
// the solver's rows, which lie side by side; to look into the problem's takes as long as a third of a warm start.
func collectProven[Q quantity, V value](t *task, s *simplex[Q, V]) {
	for k, need := range t.needs {
		b := s.proven[k]
		t.needPrice[need], t.basis.NeedFlow[need] = -s.potential[k], int64(b.flow)
		if b.parent != s.pool() {
			t.basis.NeedParent[need] = t.resources[b.parent-s.needs]
		}
	}
	for k, resource := range t.resources {
		id := s.needs + int32(k)
		b := s.proven[id]
		t.resourcePrice[resource], t.basis.ResourceFlow[resource] = s.potential[id], int64(b.flow)
		if b.parent != s.pool() {
			t.basis.ResourceParent[resource] = t.needs[b.parent]
		}
	}
	t.flow = make([]EdgeFlow, 0, s.pool())
	for k := range t.needs {
		emitProven(t, s, int32(k))
	}
	t.bound = t.value
}

// emitProven records the flows of a need. All are on edges that the prices cover exactly; of several such of one pair it
// is on the first.
func emitProven[Q quantity, V value](t *task, s *simplex[Q, V], id int32) {
	for k, e := range s.row(id) {
		if int64(e.value) != s.potential[e.resource]-s.potential[id] {
			continue
		}
		above := &s.proven[id]
		if above.parent != e.resource {
			if above = &s.proven[e.resource]; above.parent != id {
				continue
			}
		}
		if flow := int64(above.flow); flow > 0 {
			t.flow = append(t.flow, EdgeFlow{Edge: t.edge(t.needs[id], k, len(s.row(id))), Need: t.needs[id], Quantity: flow})
			t.value += int64(e.value) * flow
			above.flow = 0 // what the basis needs of it is written down
		}
	}
}

// edge returns the k-th of so many usable edges of a need.
func (t *task) edge(need int32, k, usable int) int32 {
	row, at := t.problem.Row(int(need)), 0
	if usable == len(row) {
		return t.problem.RowStart[need] + int32(k)
	}
	for ; k > 0 || !t.isUsable(row[at]); at++ {
		if t.isUsable(row[at]) {
			k--
		}
	}
	return t.problem.RowStart[need] + int32(at)
}

// isUsable reports whether an edge is worth something and its resource has something.
func (t *task) isUsable(e Edge) bool { return e.Value > 0 && t.local[e.Resource] != closed }
