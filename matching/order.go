package matching

// nearEdges is how many edges of a need are looked at to see who is near whom.
const nearEdges = 4

// ordering renumbers a component so that needs and resources which compete for each other lie close together in
// memory: breadth first over the edges. The solver waits for memory most of its time, and the subtrees that it moves
// are neighbourhoods.
type ordering struct {
	near   [][nearEdges]int32 // by position in the task's needs: a few resources by place in seen, or none
	seen   []int32            // resources in order of first sight
	start  []int32            // of a resource's list of needs
	list   []int32
	placed []bool  // by position in the task's needs
	queue  []int32 // positions in the new order
	needs  []int32
}

// sort brings the task's needs into the new order. Resources are numbered after them, in order of first sight.
func (o *ordering) sort(t *task) {
	o.look(t)
	o.invert()
	placed := grab(&o.placed, len(t.needs))
	queue := o.queue[:0]
	for first := range t.needs {
		if placed[first] {
			continue
		}
		placed[first] = true
		queue = append(queue, int32(first))
		for at := len(queue) - 1; at < len(queue); at++ {
			for _, r := range o.near[queue[at]] {
				if r == none || o.seen[r] == none {
					continue
				}
				t.local[o.seen[r]] = none // it gets its number when the first need that has it in its row gets its place
				o.seen[r] = none
				for _, k := range o.list[o.start[r]:o.start[r+1]] {
					if !placed[k] {
						placed[k] = true
						queue = append(queue, k)
					}
				}
			}
		}
	}
	needs := grab(&o.needs, len(t.needs))
	for k, position := range queue {
		needs[k] = t.needs[position]
	}
	o.queue = queue
	t.needs, t.resources = needs, t.resources[:0]
}

// look notes a few edges of every need, spread over its row.
func (o *ordering) look(t *task) {
	p := t.problem
	near := grab(&o.near, len(t.needs))
	o.seen = o.seen[:0]
	for k, i := range t.needs {
		row := p.Row(int(i))
		step := max(1, len(row)/nearEdges)
		found := 0
		for at := 0; at < len(row) && found < nearEdges; at += step {
			e := row[at]
			if e.Value <= 0 || t.local[e.Resource] == closed {
				continue
			}
			if t.local[e.Resource] == none {
				t.local[e.Resource] = int32(len(o.seen))
				o.seen = append(o.seen, e.Resource)
			}
			near[k][found] = t.local[e.Resource]
			found++
		}
		for ; found < nearEdges; found++ {
			near[k][found] = none
		}
	}
}

// invert lists the needs that are near to each resource.
func (o *ordering) invert() {
	start := grab(&o.start, len(o.seen)+2)
	for k := range o.near {
		for _, r := range o.near[k] {
			if r != none {
				start[r+2]++
			}
		}
	}
	for r := range o.seen {
		start[r+2] += start[r+1]
	}
	list := grab(&o.list, int(start[len(o.seen)+1]))
	for k := range o.near {
		for _, r := range o.near[k] {
			if r != none {
				list[start[r+1]] = int32(k)
				start[r+1]++
			}
		}
	}
}
