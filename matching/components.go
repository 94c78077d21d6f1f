package matching

import (
	"runtime"
	"slices"
)

// components is a problem's division into parts that share neither a need nor a resource. Only usable edges join:
// value > 0 and quantity on both sides.
type components struct {
	needs  [][]int32 // ascending, per component; components in order of falling number of edges
	member []int32   // of each need: its component, or none
	near   []nearby  // of each need that is in a component
	sets   unionFind // of resources
	ofRoot []int32   // of a set's root: its component, or none
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
	sets, member, near := joinRows(p)
	number := make([]int32, len(p.ResourceQuantity)) // of a set's root: which component it is, in order of appearance
	for r := range number {
		number[r] = none
	}
	var needs, edges []int32
	for i, a := range member {
		if a == none {
			continue
		}
		root := sets.find(a)
		if number[root] == none {
			number[root] = int32(len(needs))
			needs, edges = append(needs, 0), append(edges, 0)
		}
		k := number[root]
		member[i] = k
		needs[k]++
		edges[k] += p.RowStart[i+1] - p.RowStart[i]
	}
	c := &components{sets: sets, ofRoot: number, member: member, near: near}
	c.gatherNeeds(needs, edges)
	return c
}

// ofResources returns the component of every resource, or none.
func (c *components) ofResources() []int32 {
	of := make([]int32, len(c.sets))
	for r := range of {
		of[r] = c.ofRoot[c.sets.find(int32(r))]
	}
	return of
}

// Where rows are read in order, workers take a few large pieces, for each piece needs memory by resource.
const (
	mostPieces    = 4
	smallestPiece = 1 << 17 // edges
)

func piecesOf(p *Problem) int {
	return min(runtime.GOMAXPROCS(0), mostPieces, 1+len(p.Edges)/smallestPiece)
}

// inPieces calls do for consecutive needs, side by side.
func inPieces(p *Problem, do func(first, end int)) {
	pieces := piecesOf(p)
	each := len(p.NeedQuantity)/pieces + 1
	inParallel(pieces, func(k int) { do(k*each, min((k+1)*each, len(p.NeedQuantity))) })
}

// joinRows joins what the rows have in common, and returns for each need a resource of its component, or none, and who
// is near it. Pieces of the rows are joined side by side, then their sets; what is in a set is the same for any number
// of pieces.
func joinRows(p *Problem) (unionFind, []int32, []nearby) {
	member, near := make([]int32, len(p.NeedQuantity)), make([]nearby, len(p.NeedQuantity))
	pieces := make([]unionFind, piecesOf(p))
	each := len(member)/len(pieces) + 1
	inParallel(len(pieces), func(k int) {
		pieces[k] = newUnionFind(len(p.ResourceQuantity))
		for i := k * each; i < min((k+1)*each, len(member)); i++ {
			if member[i] = joinRow(p, i, pieces[k]); member[i] != none {
				near[i] = p.nearbyOf(i)
			}
		}
	})
	sets := pieces[0]
	for _, piece := range pieces[1:] {
		for r, a := range piece {
			sets.join(sets.find(a), int32(r))
		}
	}
	return sets, member, near
}

// gatherNeeds lists the needs of each component, the one with most edges first, of equal ones the one that begins first.
func (c *components) gatherNeeds(needs, edges []int32) {
	order := make([]int32, len(needs))
	for k := range order {
		order[k] = int32(k)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return int(edges[b]) - int(edges[a]) })
	rank := make([]int32, len(needs))
	all := make([]int32, 0, len(c.member))
	c.needs = make([][]int32, len(needs))
	for to, from := range order {
		rank[from] = int32(to)
		at := len(all)
		all = all[:at+int(needs[from])]
		c.needs[to] = all[at:at:len(all)]
	}
	for i, k := range c.member {
		if k != none {
			c.member[i] = rank[k]
			c.needs[rank[k]] = append(c.needs[rank[k]], int32(i))
		}
	}
	for r, k := range c.ofRoot {
		if k != none {
			c.ofRoot[r] = rank[k]
		}
	}
}

func joinRow(p *Problem, need int, sets unionFind) int32 {
	if p.NeedQuantity[need] == 0 {
		return none
	}
	root := none
	for _, e := range p.Row(need) {
		switch {
		case e.Value <= 0 || sets[e.Resource] == root || p.ResourceQuantity[e.Resource] == 0:
		case root == none:
			root = sets.find(e.Resource)
		default:
			root = sets.join(root, e.Resource)
		}
	}
	return root
}
