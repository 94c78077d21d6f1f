package instances

import "github.com/city-resource-graph/crg/matching"

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
