package findings

import (
	"cmp"
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// Greedy is what the rule "best pair first" scores on the same candidates: pairs by their worth per unit, trip included,
// as long as the trip pays. It is what a careful dispatcher with a sorted list would do.
func (s *Solved) Greedy() int64 {
	plain := s.plain()
	problem := plain.Amortised()
	order := make([]edgeOf, 0, len(problem.Edges))
	for need := range problem.NeedQuantity {
		for k := problem.RowStart[need]; k < problem.RowStart[need+1]; k++ {
			order = append(order, edgeOf{edge: k, need: int32(need), worth: problem.Edges[k].Value}) //nolint:gosec // bounded by the problem
		}
	}
	slices.SortFunc(order, func(a, b edgeOf) int { return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(a.edge, b.edge)) })
	stock := newStock(plain)
	for _, e := range order {
		stock.take(e.need, e.edge)
	}
	return stock.score
}

// FirstCome is what first come, first served scores: needs in the order of their ids, each taking the best partner that
// is left. It is what most platforms do today.
func (s *Solved) FirstCome() int64 {
	plain := s.plain()
	problem := plain.Amortised()
	stock := newStock(plain)
	for need := range problem.NeedQuantity {
		row := make([]edgeOf, 0, problem.RowStart[need+1]-problem.RowStart[need])
		for k := problem.RowStart[need]; k < problem.RowStart[need+1]; k++ {
			row = append(row, edgeOf{edge: k, need: int32(need), worth: problem.Edges[k].Value}) //nolint:gosec // bounded by the problem
		}
		slices.SortFunc(row, func(a, b edgeOf) int { return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(a.edge, b.edge)) })
		for _, e := range row {
			stock.take(e.need, e.edge)
		}
	}
	return stock.score
}

// edgeOf is a candidate pair with its worth per unit.
type edgeOf struct {
	edge, need int32
	worth      int64
}

// stock is what is left while a rule allocates.
type stock struct {
	problem          *matching.Problem
	needs, resources []int64
	score            int64
}

func newStock(p *matching.Problem) *stock {
	return &stock{problem: p, needs: slices.Clone(p.NeedQuantity), resources: slices.Clone(p.ResourceQuantity)}
}

// take allocates all that is left of a pair, unless that would not pay its trip.
func (s *stock) take(need, edge int32) {
	e := s.problem.Edges[edge]
	quantity := min(s.needs[need], s.resources[e.Resource])
	net := quantity * e.Value
	if s.problem.Charges != nil {
		net -= s.problem.Charges[edge]
	}
	if quantity == 0 || net <= 0 {
		return
	}
	s.needs[need] -= quantity
	s.resources[e.Resource] -= quantity
	s.score += net
}
