package matching

import "slices"

// components is a problem's division into parts that share neither a need nor a resource. Only usable edges join:
// value > 0 and quantity on both sides.
type components struct {
	needs  [][]int32 // ascending, per component; components in order of falling number of edges
	member []int32   // of each need: its component, or none
}

// unionFind joins resources that a need can choose between.
type unionFind []int32

func newUnionFind(n int) unionFind {
	u := make(unionFind, n)
	u.reset()
	return u
}

func (u unionFind) reset() {
	for i := range u {
		u[i] = int32(i)
	}
}

// find returns the smallest member's number of the set, halving the path on the way.
func (u unionFind) find(x int32) int32 {
	for u[x] != x {
		u[x] = u[u[x]]
		x = u[x]
	}
	return x
}

// join merges the set of x into that of root a and returns the root of both.
func (u unionFind) join(a, x int32) int32 {
	b := u.find(x)
	if a == b {
		return a
	}
	a, b = min(a, b), max(a, b)
	u[b] = a
	return a
}

func splitComponents(p *Problem) *components {
	sets := newUnionFind(len(p.ResourceQuantity))
	member := make([]int32, len(p.NeedQuantity)) // first a resource of the need's component, then the component
	for i := range member {
		member[i] = joinRow(p, i, sets)
	}
	number := make([]int32, len(p.ResourceQuantity)) // component + 1 of a set's root
	var needs, edges []int32
	for i, a := range member {
		if a == none {
			continue
		}
		root := sets.find(a)
		if number[root] == 0 {
			needs, edges = append(needs, 0), append(edges, 0)
			number[root] = int32(len(needs))
		}
		k := number[root] - 1
		member[i] = k
		needs[k]++
		edges[k] += p.RowStart[i+1] - p.RowStart[i]
	}
	return gatherNeeds(member, needs, edges)
}

// gatherNeeds lists the needs of each component, the one with most edges first, of equal ones the one that begins first.
func gatherNeeds(member, needs, edges []int32) *components {
	order := make([]int32, len(needs))
	for k := range order {
		order[k] = int32(k)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return int(edges[b]) - int(edges[a]) })
	rank := make([]int32, len(needs))
	all := make([]int32, 0, len(member))
	c := &components{needs: make([][]int32, len(needs)), member: member}
	for to, from := range order {
		rank[from] = int32(to)
		at := len(all)
		all = all[:at+int(needs[from])]
		c.needs[to] = all[at:at:len(all)]
	}
	for i, k := range member {
		if k != none {
			member[i] = rank[k]
			c.needs[rank[k]] = append(c.needs[rank[k]], int32(i))
		}
	}
	return c
}

func joinRow(p *Problem, need int, sets unionFind) int32 {
	if p.NeedQuantity[need] == 0 {
		return none
	}
	root := none
	for _, e := range p.Row(need) {
		switch {
		case e.Value <= 0 || p.ResourceQuantity[e.Resource] == 0:
		case root == none:
			root = sets.find(e.Resource)
		default:
			root = sets.join(root, e.Resource)
		}
	}
	return root
}
