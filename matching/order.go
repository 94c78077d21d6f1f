package matching

// nearby is what is looked at to see who is near whom: the resources of a few edges of a need, spread over its row.
type nearby [4]int32 // by index in the problem; or none

func (p *Problem) nearbyOf(need int) (near nearby) {
	row, found := p.Row(need), 0
	for at := 0; at < len(row) && found < len(near); at += max(1, len(row)/len(near)) {
		if e := row[at]; e.Value > 0 && p.ResourceQuantity[e.Resource] > 0 {
			near[found] = e.Resource
			found++
		}
	}
	for ; found < len(near); found++ {
		near[found] = none
	}
	return near
}

// ordering renumbers a component so that needs and resources which compete for each other lie close together in
// memory: breadth first over the edges. The solver waits for memory most of its time, and the subtrees that it moves
// are neighbourhoods.
type ordering struct {
	near   []nearby // by position in the task's needs; resources by their place in seen
	seen   []int32  // resources in order of first sight
	start  []int32  // of a resource's list of needs
	list   []int32
	placed []bool  // by position in the task's needs
	queue  []int32 // positions in the new order
	needs  []int32
}

// placeSteps is what it takes to find a need its place, in steps of the meter.
const placeSteps = 16

// sort brings the task's needs into the new order. Resources are numbered after them, in order of first sight. It
// reports false if the meter stopped it.
func (o *ordering) sort(t *task, m *meter) bool {
	if !o.look(t, m) {
		o.forget(t)
		return false
	}
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
			if m.done(placeSteps) {
				o.forget(t)
				return false
			}
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
	return true
}

// forget takes the numbers back that resources have got for the time being.
func (o *ordering) forget(t *task) {
	for _, r := range o.seen {
		if r != none {
			t.local[r] = none
		}
	}
}

// look notes who is near the task's needs.
func (o *ordering) look(t *task, m *meter) bool {
	near := grab(&o.near, len(t.needs))
	o.seen = o.seen[:0]
	for k, i := range t.needs {
		if m.done(int64(len(nearby{}))) {
			return false
		}
		for n, r := range t.near[i] {
			if r != none {
				if t.local[r] == none {
					t.local[r] = int32(len(o.seen))
					o.seen = append(o.seen, r)
				}
				r = t.local[r]
			}
			near[k][n] = r
		}
	}
	return true
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
