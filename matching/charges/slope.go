package charges

import (
	"context"

	"github.com/city-resource-graph/crg/matching"
)

// slopes is the linear problem of slope scaling: each edge's value less its charge per unit at the quantity that the
// edge carried when it was last used.
type slopes struct {
	linear *matching.Problem
	whole  *matching.Problem
	scale  int64
	warm   *matching.Basis
}

// subMinor makes room below the minor unit: a slope is a charge divided by a quantity, and whole minor units would hide
// small differences. Values beyond largestScaled are not scaled, so that sums stay within 62 bits.
const (
	subMinor      = 1 << 8
	largestScaled = 1 << 24
)

func newSlopes(p *matching.Problem, basis *matching.Basis) *slopes {
	s := &slopes{whole: p, scale: subMinor, warm: basis}
	for _, e := range p.Edges {
		if e.Value > largestScaled {
			s.scale = 1
		}
	}
	linear := *p
	linear.Charges = nil
	linear.Edges = make([]matching.Edge, len(p.Edges))
	s.linear = &linear
	for i, wanted := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			s.spread(k, min(wanted, p.ResourceQuantity[p.Edges[k].Resource]))
		}
	}
	return s
}

// spread divides the charge of an edge by a quantity.
func (s *slopes) spread(k int32, quantity int64) {
	e := s.whole.Edges[k]
	if quantity > 0 {
		e.Value = e.Value*s.scale - s.whole.Charges[k]*s.scale/quantity
	} else {
		e.Value = 0
	}
	s.linear.Edges[k] = e
}

// drop takes an edge out of the linear problem for good.
func (s *slopes) drop(k int32) { s.linear.Edges[k].Value = 0 }

// next solves the linear problem and learns its slopes from the result.
func (s *slopes) next(ctx context.Context) ([]step, error) {
	solution, err := matching.Solve(ctx, s.linear, matching.Options{Workers: 1, Warm: s.warm})
	if err != nil {
		return nil, err
	}
	s.warm = solution.Basis
	flows := make([]step, len(solution.Flow))
	for k, f := range solution.Flow {
		flows[k] = step{f.Edge, f.Quantity}
		s.spread(f.Edge, f.Quantity)
	}
	return flows, nil
}
