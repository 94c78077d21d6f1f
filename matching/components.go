package matching

import "slices"

// components is a problem's division into parts that share neither a need nor a resource. Only usable edges join:
// value > 0 and quantity on both sides.
type components struct {
	needs [][]int32 // ascending, per component; components in order of falling number of edges
	edges []int
}

// unionFind joins resources that a need can choose between.
type unionFind []int32

func newUnionFind(n int) unionFind {
	u := make(unionFind, n)
	for i := range u {
		u[i] = int32(i)
	}
	return u
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
	anchor := make([]int32, len(p.NeedQuantity)) // a resource of each need's component
	for i := range anchor {
		anchor[i] = joinRow(p, i, sets)
	}
	number := make([]int32, len(p.ResourceQuantity)) // component + 1 of a set's root
	c := &components{}
	for i, a := range anchor {
		if a == none {
			continue
		}
		root := sets.find(a)
		if number[root] == 0 {
			c.needs = append(c.needs, nil)
			c.edges = append(c.edges, 0)
			number[root] = int32(len(c.needs))
		}
		k := number[root] - 1
		c.needs[k] = append(c.needs[k], int32(i))
		c.edges[k] += int(p.RowStart[i+1] - p.RowStart[i])
	}
	c.sortLargestFirst()
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

func (c *components) sortLargestFirst() {
	order := make([]int, len(c.needs))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return c.edges[b] - c.edges[a] })
	needs, edges := make([][]int32, len(order)), make([]int, len(order))
	for to, from := range order {
		needs[to], edges[to] = c.needs[from], c.edges[from]
	}
	c.needs, c.edges = needs, edges
}
