package matching

// orderTask renumbers a component so that needs and resources which compete for each other lie close together in
// memory: breadth first over the edges. The solver waits for memory most of its time, and the subtrees that it moves
// are neighbourhoods. A few edges per need are enough to see who is near whom.
func orderTask(t *task) {
	p := t.problem
	seen := t.neighbours()
	placed := make([]bool, len(t.needs)) // by position in t.needs
	queue := make([]int32, 0, len(t.needs))
	resources := make([]int32, 0, len(t.resources))
	for start := range t.needs {
		if placed[start] {
			continue
		}
		placed[start] = true
		queue = append(queue, int32(start))
		for at := len(queue) - 1; at < len(queue); at++ {
			left := nearEdges
			for _, e := range p.Row(int(t.needs[queue[at]])) {
				if e.Value <= 0 || p.ResourceQuantity[e.Resource] == 0 {
					continue
				}
				if left--; left < 0 {
					break
				}
				old := t.local[e.Resource]
				if seen.taken[old] {
					continue
				}
				seen.taken[old] = true
				resources = append(resources, e.Resource)
				for _, k := range seen.of(old) {
					if !placed[k] {
						placed[k] = true
						queue = append(queue, k)
					}
				}
			}
		}
	}
	for old, r := range t.resources {
		if !seen.taken[old] {
			resources = append(resources, r)
		}
	}
	for k, r := range resources {
		t.local[r] = int32(k)
	}
	needs := make([]int32, len(t.needs))
	for k, position := range queue {
		needs[k] = t.needs[position]
	}
	t.needs, t.resources = needs, resources
}

const nearEdges = 4

// neighbourhood lists, for each resource of a component, the needs that have it among their first edges.
type neighbourhood struct {
	start, needs []int32
	taken        []bool
}

func (n *neighbourhood) of(resource int32) []int32 {
	return n.needs[n.start[resource]:n.start[resource+1]]
}

func (t *task) neighbours() *neighbourhood {
	n := &neighbourhood{start: make([]int32, len(t.resources)+2), taken: make([]bool, len(t.resources))}
	each := func(do func(need, resource int32)) {
		p := t.problem
		for k, i := range t.needs {
			left := nearEdges
			for _, e := range p.Row(int(i)) {
				if e.Value <= 0 || p.ResourceQuantity[e.Resource] == 0 {
					continue
				}
				if left--; left < 0 {
					break
				}
				do(int32(k), t.local[e.Resource])
			}
		}
	}
	each(func(_, r int32) { n.start[r+2]++ })
	for r := range t.resources {
		n.start[r+2] += n.start[r+1]
	}
	n.needs = make([]int32, n.start[len(t.resources)+1])
	each(func(k, r int32) {
		n.needs[n.start[r+1]] = k
		n.start[r+1]++
	})
	return n
}
