package fairness

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
)

// Point is one point of share against loss.
type Point struct {
	Bonus int64 `json:"bonus"` // minor units per unit that goes to the group
	Group int64 `json:"group"` // units that the group gets
	Total int64 `json:"total"` // units that are handed out, of what counts
	Value int64 `json:"value"` // of the allocation without the bonus, net of trips
	Loss  int64 `json:"loss"`  // against the allocation without any bonus
}

// Share is the group's share of the units that count, 0 to 1.
func (p Point) Share() float64 {
	if p.Total == 0 {
		return 0
	}
	return float64(p.Group) / float64(p.Total)
}

// Question is whom to favour, and what counts.
type Question struct {
	Problem *matching.Problem
	Group   func(need int32) bool     // needs that get the bonus
	Counts  func(resource int32) bool // resources whose units are added up and carry a bonus; nil: all
}

func (q *Question) counts(resource int32) bool { return q.Counts == nil || q.Counts(resource) }

// Curve reports share and loss for each bonus, in the order given. The first point is always that without a bonus.
// Trip charges are paid; their search is the quick one, the same for every point, so that points compare.
func Curve(ctx context.Context, q Question, bonuses []int64, workers int) ([]Point, error) {
	points := make([]Point, 0, len(bonuses)+1)
	for _, bonus := range append([]int64{0}, bonuses...) {
		if bonus < 0 || bonus == 0 && len(points) > 0 {
			return nil, fmt.Errorf("fairness curve: bonus %d: want more than 0", bonus)
		}
		s, err := charges.Quick(ctx, q.favour(bonus), matching.Options{Workers: workers})
		if err != nil {
			return nil, fmt.Errorf("fairness curve: %w", err)
		}
		p := q.measure(s)
		p.Bonus = bonus
		if len(points) > 0 {
			p.Loss = points[0].Value - p.Value
		}
		points = append(points, p)
	}
	return points, nil
}

// favour adds the bonus to every edge into the group.
func (q *Question) favour(bonus int64) *matching.Problem {
	p := *q.Problem
	if bonus == 0 {
		return &p
	}
	p.Edges = append([]matching.Edge(nil), p.Edges...)
	for i := range p.NeedQuantity {
		if !q.Group(int32(i)) {
			continue
		}
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			if p.Edges[k].Value > 0 && q.counts(p.Edges[k].Resource) {
				p.Edges[k].Value += bonus
			}
		}
	}
	return &p
}

// measure counts what an allocation gives to whom, and what it is worth without the bonus.
func (q *Question) measure(s *matching.Solution) Point {
	p := Point{Value: Worth(q.Problem, s.Flow)}
	for _, f := range s.Flow {
		if q.counts(q.Problem.Edges[f.Edge].Resource) {
			p.Total += f.Quantity
			if q.Group(f.Need) {
				p.Group += f.Quantity
			}
		}
	}
	return p
}

// Worth is what an allocation is worth in a problem that it may not have been made for.
func Worth(p *matching.Problem, flows []matching.EdgeFlow) int64 {
	value := int64(0)
	for _, f := range flows {
		value += f.Quantity * p.Edges[f.Edge].Value
		if p.Charges != nil {
			value -= p.Charges[f.Edge]
		}
	}
	return value
}
