package instances

import (
	"math"
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// The classic problems ask for least cost with everybody served. A value is a constant less the cost, and the constant
// is so large that serving one more is worth any rearrangement.

// Assignment is an assignment problem of size x size with costs of 1..largestCost: complete, or with so many edges per
// row, of which one each belongs to a hidden assignment, so that everybody can be served.
func Assignment(size, degree int, largestCost int64, seed uint64) *matching.Problem {
	r := source(seed)
	hidden := r.Perm(size)
	constant := largestCost * int64(size+1)
	b := NewBuilder(quantities(r, size, 1))
	for i := range size {
		if degree >= size {
			for k := range size {
				b.Edge(k, constant-1-r.Int64N(largestCost))
			}
		} else {
			b.Edge(hidden[i], constant-1-r.Int64N(largestCost))
			for range degree - 1 {
				b.Edge(r.IntN(size), constant-1-r.Int64N(largestCost))
			}
		}
		b.Need(1)
	}
	return b.Problem()
}

// Transportation is a transportation problem in which supply equals demand, as NETGEN makes them: quantities of
// 1..largestQuantity, a complete graph, costs of 1..largestCost below the constant.
func Transportation(needs, resources int, largestQuantity, largestCost, constant int64, seed uint64) *matching.Problem {
	r := source(seed)
	offered := quantities(r, resources, largestQuantity)
	b := NewBuilder(offered)
	left := int64(0)
	for _, q := range offered {
		left += q
	}
	for i := range needs {
		for k := range resources {
			b.Edge(k, constant-1-r.Int64N(largestCost))
		}
		quantity := left / int64(needs-i)
		if spread := quantity / 2; spread > 0 && i < needs-1 {
			quantity += r.Int64N(spread+1) - spread/2
		}
		left -= quantity
		b.Need(quantity)
	}
	return b.Problem()
}

// TwoCosts is a sparse assignment problem as in the first DIMACS challenge's "two cost" family: half the edges are cheap
// (1..100), half are dear (about largestCost), so that everybody wants the same few.
func TwoCosts(size, degree int, largestCost int64, seed uint64) *matching.Problem {
	r := source(seed)
	cost := func() int64 {
		if r.IntN(2) == 0 {
			return 1 + r.Int64N(100)
		}
		return largestCost - r.Int64N(100)
	}
	hidden := r.Perm(size)
	constant := largestCost * int64(size+1)
	b := NewBuilder(quantities(r, size, 1))
	for i := range size {
		b.Edge(hidden[i], constant-cost())
		for range degree - 1 {
			b.Edge(r.IntN(size), constant-cost())
		}
		b.Need(1)
	}
	return b.Problem()
}

// Geometric is a sparse assignment problem between points of a square of side x side: each need has an edge to the
// nearest resources, and one to its partner in a hidden assignment; costs are distances.
func Geometric(size, degree int, side float64, seed uint64) *matching.Problem {
	r := source(seed)
	points := func() []site {
		out := make([]site, size)
		for i := range out {
			out[i] = site{x: (r.Float64() - 0.5) * side, y: (r.Float64() - 0.5) * side}
		}
		return out
	}
	needs, resources := points(), points()
	hidden := r.Perm(size)
	scale := 2 * cityRadius / side // the grid's cells are made for a city
	for _, sites := range [2][]site{needs, resources} {
		for i := range sites {
			sites[i].x, sites[i].y = sites[i].x*scale, sites[i].y*scale
		}
	}
	g := newGrid(resources, 1)
	constant := int64(2*side) * int64(size+1)
	cost := func(i, k int) int64 {
		return 1 + int64(math.Hypot(needs[i].x-resources[k].x, needs[i].y-resources[k].y)/scale)
	}
	b := NewBuilder(quantities(r, size, 1))
	for i := range size {
		b.Edge(hidden[i], constant-cost(i, hidden[i]))
		for _, near := range g.nearest(needs[i], degree-1) {
			b.Edge(near.index, constant-cost(i, near.index))
		}
		b.Need(1)
	}
	return b.Problem()
}

// Product is the assignment problem of Machol and Wien (1976), on which methods of augmenting paths are at their worst:
// the cost of a pair is the product of its numbers.
func Product(size int) *matching.Problem {
	constant := int64(size) * int64(size) * int64(size+1)
	b := NewBuilder(quantities(source(0), size, 1))
	for i := range size {
		for k := range size {
			b.Edge(k, constant-int64(i+1)*int64(k+1))
		}
		b.Need(1)
	}
	return b.Problem()
}

// SparseTransportation is a transportation problem in which supply equals demand and everything can be shipped, as
// NETGEN makes them: each need has an edge to so many resources, a hidden plan among them; costs of 1..largestCost.
func SparseTransportation(needs, resources, degree int, largestQuantity, largestCost int64, seed uint64) *matching.Problem {
	r := source(seed)
	return planned(needs, resources, degree, largestQuantity, largestCost*int64(needs+resources), seed,
		func(int) int { return r.IntN(resources) },
		func(int, int) int64 { return 1 + r.Int64N(largestCost) })
}

// GridOnTorus is a transportation problem with the shape of GOTO networks: places along a ring, with edges that reach
// ever farther and cost the more the farther they reach, so that no short cut is cheap.
func GridOnTorus(size, degree int, largestQuantity, largestCost int64, seed uint64) *matching.Problem {
	r := source(seed)
	reach := make([]int, 0, degree) // of edges: 1, 2, 4, 9, ..., size
	for k := range degree {
		reach = append(reach, int(math.Pow(float64(size), float64(k+1)/float64(degree))))
	}
	next := 0
	return planned(size, size, degree, largestQuantity, largestCost*int64(2*size), seed,
		func(need int) int {
			next = (next + 1) % degree
			return (need + 1 + r.IntN(reach[next])) % size
		},
		func(need, resource int) int64 {
			distance := float64((resource-need+size)%size) / float64(size)
			return 1 + int64(float64(largestCost-1)*(0.9*math.Sqrt(distance)+0.1*r.Float64()))
		})
}

// planned is a transportation problem around a hidden plan that ships everything: resources are given away one after
// the other, in a random order, to needs in theirs.
func planned(
	needs, resources, degree int, largestQuantity, constant int64, seed uint64,
	pick func(need int) int, cost func(need, resource int) int64,
) *matching.Problem {
	r := source(seed + 1<<32)
	offered := quantities(r, resources, largestQuantity)
	total := int64(0)
	for _, q := range offered {
		total += q
	}
	cuts := make([]int64, needs+1) // of the row of all units: need k takes those between two cuts
	for k := 1; k < needs; k++ {
		cuts[k] = r.Int64N(total + 1)
	}
	cuts[needs] = total
	slices.Sort(cuts)
	rows := make([][]int, needs)
	at, end := 0, int64(0) // the resources before at are given away, up to the unit end
	order := r.Perm(resources)
	for k := range needs {
		for end < cuts[k+1] {
			rows[k] = append(rows[k], order[at])
			if end+offered[order[at]] > cuts[k+1] {
				break
			}
			end += offered[order[at]]
			at++
		}
	}
	b := NewBuilder(offered)
	for k, row := range rows {
		for len(row) < degree {
			row = append(row, pick(k))
		}
		for _, resource := range row {
			b.Edge(resource, constant-cost(k, resource))
		}
		b.Need(cuts[k+1] - cuts[k])
	}
	return b.Problem()
}
