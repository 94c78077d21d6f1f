package live

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// Live is an optimum that can be asked. It is not safe for concurrent use.
type Live struct {
	value  []int64 // by edge: of a unit, its charge spread
	gross  []int64 // by edge: of a unit without its charge; the problem's value
	charge []int64 // by edge; nil without charges
	need   []int32 // by edge
	res    []int32 // by edge
	flow   []int64 // by edge

	needs, resources side
	total            int64 // sum of value x flow: the optimum
	search           search
	journal          []entry

	problem    *matching.Problem   // as it was given; nothing changes it
	allocation []matching.EdgeFlow // of the solution, which pays its trips; ascending by edge
	lots       []int64             // by edge of the problem; nil: any quantity
}

// side is all needs or all resources.
type side struct {
	quantity []int64
	left     []int64 // not matched
	price    []int64
	edges    lists
	extra    map[int32][]int32 // edges that a question added
	used     [][]int32         // edges with a flow
}

// lists holds one list of edges for each node, all in one array.
type lists struct{ start, items []int32 }

// ErrNotOptimal says that a solution was stopped early: its prices and flows do not fit together.
var ErrNotOptimal = errors.New("the solution is not optimal")

// New makes the optimum of a problem live. A solution that was stopped early is solved to the end first, from its
// basis; so is one with trip charges, whose allocation is not the one that its prices belong to.
func New(ctx context.Context, p *matching.Problem, s *matching.Solution) (*Live, error) {
	allocation := s.Flow
	linear := p.Amortised()
	if p.Charges != nil || !s.Optimal {
		var err error
		if s, err = matching.Solve(ctx, linear, matching.Options{Warm: s.Basis}); err != nil {
			return nil, fmt.Errorf("make optimum live: %w", err)
		}
	}
	if len(s.NeedPrice) != len(p.NeedQuantity) || len(s.ResourcePrice) != len(p.ResourceQuantity) {
		return nil, fmt.Errorf("make optimum live: prices of %d needs and %d resources, want %d and %d: is the solution of another problem?",
			len(s.NeedPrice), len(s.ResourcePrice), len(p.NeedQuantity), len(p.ResourceQuantity))
	}
	if s.Stopped || s.Value != s.Bound {
		return nil, fmt.Errorf("make optimum live: %w: value %d, bound %d", ErrNotOptimal, s.Value, s.Bound)
	}
	l := newLive(p, linear, s)
	for _, f := range s.Flow {
		l.addFlow(f.Edge, f.Quantity)
	}
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("make optimum live: %w", err)
	}
	l.journal = l.journal[:0]
	l.problem, l.allocation = p, allocation
	return l, nil
}

func newLive(p, linear *matching.Problem, s *matching.Solution) *Live {
	edges := len(p.Edges)
	l := &Live{
		value: make([]int64, edges), gross: make([]int64, edges), charge: slices.Clone(p.Charges),
		need: make([]int32, edges), res: make([]int32, edges), flow: make([]int64, edges),
	}
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			l.need[k], l.res[k] = int32(i), p.Edges[k].Resource
			l.value[k], l.gross[k] = linear.Edges[k].Value, p.Edges[k].Value
		}
	}
	l.needs = newSide(p.NeedQuantity, s.NeedPrice, l.need)
	l.resources = newSide(p.ResourceQuantity, s.ResourcePrice, l.res)
	l.search.grow(len(p.NeedQuantity) + len(p.ResourceQuantity))
	return l
}

func newSide(quantity, price []int64, node []int32) side {
	n := len(quantity)
	s := side{
		quantity: append([]int64(nil), quantity...), left: append([]int64(nil), quantity...),
		price: append([]int64(nil), price...), used: make([][]int32, n), extra: map[int32][]int32{},
		edges: lists{start: make([]int32, n+1), items: make([]int32, len(node))},
	}
	for _, k := range node {
		s.edges.start[k+1]++
	}
	for k := range n {
		s.edges.start[k+1] += s.edges.start[k]
	}
	next := append([]int32(nil), s.edges.start[:n]...)
	for edge, k := range node {
		s.edges.items[next[k]] = int32(edge)
		next[k]++
	}
	return s
}

// Value is the optimum; with trip charges that of the relaxation, which is the run's bound.
func (l *Live) Value() int64 { return l.total }

// reduced is the reduced cost of an edge: what forcing one unit onto it loses at least.
func (l *Live) reduced(edge int32) int64 {
	return l.needs.price[l.need[edge]] + l.resources.price[l.res[edge]] - l.value[edge]
}

// check makes sure that flows and prices are those of an optimum. Edges of nodes without quantity may lack a price; it
// is set here, as nothing depends on it.
func (l *Live) check() error {
	for edge := range l.value {
		k := int32(edge)
		if l.reduced(k) < 0 {
			switch i, r := l.need[k], l.res[k]; {
			case l.needs.quantity[i] == 0:
				l.needs.price[i] -= l.reduced(k)
			case l.resources.quantity[r] == 0:
				l.resources.price[r] -= l.reduced(k)
			default:
				return fmt.Errorf("%w: edge %d is worth more than its prices", ErrNotOptimal, k)
			}
		}
		if l.flow[k] > 0 && l.reduced(k) != 0 {
			return fmt.Errorf("%w: edge %d carries something but is worth less than its prices", ErrNotOptimal, k)
		}
	}
	for _, s := range []*side{&l.needs, &l.resources} {
		for k := range s.left {
			if s.left[k] < 0 || s.left[k] > 0 && s.price[k] > 0 {
				return fmt.Errorf("%w: node %d has %d left at price %d", ErrNotOptimal, k, s.left[k], s.price[k])
			}
		}
	}
	return nil
}
