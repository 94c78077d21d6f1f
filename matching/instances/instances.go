// Package instances makes matching problems for tests and benchmarks: seeded, so that everybody gets the same ones, and
// of families that ask different things of a solver. None of them is real data.
package instances

import (
	"math/rand/v2"

	"github.com/city-resource-graph/crg/matching"
)

// Builder collects the rows of a problem, need by need.
type Builder struct {
	problem matching.Problem
}

// NewBuilder returns a builder of a problem with the given resources.
func NewBuilder(resourceQuantity []int64) *Builder {
	return &Builder{matching.Problem{ResourceQuantity: resourceQuantity, RowStart: []int32{0}}}
}

// Edge adds an edge to the row of the next need.
func (b *Builder) Edge(resource int, value int64) {
	b.problem.Edges = append(b.problem.Edges, matching.Edge{Resource: int32(resource), Value: value})
}

// Need ends a row: the edges added since the last one are those of a need with this quantity.
func (b *Builder) Need(quantity int64) {
	b.problem.NeedQuantity = append(b.problem.NeedQuantity, quantity)
	b.problem.RowStart = append(b.problem.RowStart, int32(len(b.problem.Edges)))
}

// Problem returns what was built.
func (b *Builder) Problem() *matching.Problem { return &b.problem }

// source returns the random numbers of one instance family.
func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x63726700)) }

// quantities returns n quantities of 1..largest.
func quantities(r *rand.Rand, n int, largest int64) []int64 {
	q := make([]int64, n)
	for i := range q {
		q[i] = 1 + r.Int64N(largest)
	}
	return q
}

// Random is a sparse problem whose values have nothing to do with who is near whom: each need has degree different
// resources drawn at random, with values of 1..largestValue (all equal if that is 1).
func Random(needs, resources, degree int, largestQuantity, largestValue int64, seed uint64) *matching.Problem {
	r := source(seed)
	b := NewBuilder(quantities(r, resources, largestQuantity))
	last := make([]int, resources) // the last need that drew a resource, + 1
	for i := range needs {
		for range min(degree, resources) {
			resource := r.IntN(resources)
			for last[resource] == i+1 {
				resource = r.IntN(resources)
			}
			last[resource] = i + 1
			b.Edge(resource, 1+r.Int64N(largestValue))
		}
		b.Need(1 + r.Int64N(largestQuantity))
	}
	return b.Problem()
}

// Dense is a complete problem with values of 1..largestValue.
func Dense(needs, resources int, largestQuantity, largestValue int64, seed uint64) *matching.Problem {
	r := source(seed)
	b := NewBuilder(quantities(r, resources, largestQuantity))
	for range needs {
		for k := range resources {
			b.Edge(k, 1+r.Int64N(largestValue))
		}
		b.Need(1 + r.Int64N(largestQuantity))
	}
	return b.Problem()
}

// FewForMany is a complete problem of a few needs that each want many of a great number of single units.
func FewForMany(needs, resources int, wanted, largestValue int64, seed uint64) *matching.Problem {
	p := Dense(needs, resources, 1, largestValue, seed)
	for i := range p.NeedQuantity {
		p.NeedQuantity[i] = wanted
	}
	return p
}

// Path is one long alternating path, need i between resources i-1 and i, of unit quantities: its basis trees can be as
// deep as it is long.
func Path(needs int, largestValue int64, seed uint64) *matching.Problem {
	r := source(seed)
	b := NewBuilder(quantities(r, needs, 1))
	for i := range needs {
		if i > 0 {
			b.Edge(i-1, 1+r.Int64N(largestValue))
		}
		b.Edge(i, 1+r.Int64N(largestValue))
		b.Need(1)
	}
	return b.Problem()
}

// Chain is the path whose greedy choices are all wrong: with values that rise along it, the best edge of each need
// leads to the resource that the next need wants more, so one change at the end moves every match.
func Chain(needs int) *matching.Problem {
	r := source(0)
	b := NewBuilder(quantities(r, needs, 1))
	for i := range needs {
		if i > 0 {
			b.Edge(i-1, int64(2*needs+2*i))
		}
		b.Edge(i, int64(2*needs+2*i+1))
		b.Need(1)
	}
	return b.Problem()
}

// Star is one resource that everybody wants.
func Star(needs int, quantity, largestValue int64, seed uint64) *matching.Problem {
	r := source(seed)
	b := NewBuilder([]int64{quantity})
	for range needs {
		b.Edge(0, 1+r.Int64N(largestValue))
		b.Need(1)
	}
	return b.Problem()
}
