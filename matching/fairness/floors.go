package fairness

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
)

// Floor is the least quantity that a group of needs has to get together.
type Floor struct {
	Name   string
	Group  func(need int32) bool
	Counts func(resource int32) bool // resources whose units are added up and carry the bonus; nil: all
	Least  int64                     // units
}

// CountsPair says whether a unit of the resource that goes to the need counts for the floor.
func (f *Floor) CountsPair(need, resource int32) bool {
	return f.Group(need) && (f.Counts == nil || f.Counts(resource))
}

// Floored is an allocation that keeps its floors.
type Floored struct {
	Solution *matching.Solution // flows and value without bonuses; its prices are those of the problem with bonuses
	Prices   []Price
	Bound    int64 // no allocation that keeps the floors is worth more
	Loss     int64 // against the allocation without floors
}

// Price is what a floor costs: its multiplier is what one unit less on the floor would save, at the margin.
type Price struct {
	Name       string `json:"name"`
	Least      int64  `json:"least"`
	Reached    int64  `json:"reached"`
	Multiplier int64  `json:"multiplier"` // minor units per unit
}

// Floors finds the least multipliers with which every group gets its least quantity. The bound holds by Lagrangian
// duality: what keeps the floors is worth at most the bound of the problem with bonuses less multiplier x floor. A pair that
// is worth nothing by itself is used where its bonus pays for it; a problem may hold such edges for the floors' sake.
func Floors(ctx context.Context, p *matching.Problem, floors []Floor, workers int) (*Floored, error) {
	f := &onProblem{whole: p, floors: floors, workers: workers}
	free, err := f.solve(ctx, make([]int64, len(floors)))
	if err != nil {
		return nil, err
	}
	multipliers, _, err := Raise(ctx, floors, make([]int64, len(floors)), Ceiling(p), f.market)
	if err != nil {
		return nil, err
	}
	s, err := f.solve(ctx, multipliers)
	if err != nil {
		return nil, err
	}
	o := f.outcome(s)
	r := &Floored{Solution: s, Bound: min(o.BoundOf(floors, multipliers), free.Bound), Loss: worth(p, free) - o.Value}
	for k, floor := range floors {
		r.Prices = append(r.Prices, Price{floor.Name, floor.Least, o.Reached[k], multipliers[k]})
	}
	s.Value = o.Value
	s.Optimal = s.Value == r.Bound
	return r, nil
}

// Ceiling is the highest multiplier that Floors tries. Twice the most that a unit or a trip can be worth moves any unit
// to the group; twice that again outbids other groups.
func Ceiling(p *matching.Problem) int64 {
	largest := int64(1)
	for k, e := range p.Edges {
		largest = max(largest, e.Value, -e.Value)
		if p.Charges != nil {
			largest = max(largest, p.Charges[k])
		}
	}
	return 4 * largest
}

// Reachable is the most units that pairs which count can carry together, whatever it costs; lots aside, this is exact.
func Reachable(ctx context.Context, p *matching.Problem, counts func(need, resource int32) bool, workers int) (int64, error) {
	units := *p
	units.Charges = nil
	units.Edges = make([]matching.Edge, len(p.Edges))
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			units.Edges[k].Resource = p.Edges[k].Resource
			if counts(int32(i), p.Edges[k].Resource) {
				units.Edges[k].Value = 1
			}
		}
	}
	s, err := matching.Solve(ctx, &units, matching.Options{Workers: workers})
	if err != nil {
		return 0, fmt.Errorf("reach of floors: %w", err)
	}
	return s.Bound, nil
}

// onProblem is the market of one problem.
type onProblem struct {
	whole   *matching.Problem
	floors  []Floor
	workers int
}

func (f *onProblem) market(ctx context.Context, multipliers []int64) (*Outcome, error) {
	s, err := f.solve(ctx, multipliers)
	if err != nil {
		return nil, err
	}
	return f.outcome(s), nil
}

func (f *onProblem) solve(ctx context.Context, multipliers []int64) (*matching.Solution, error) {
	s, err := charges.Quick(ctx, f.problem(multipliers), matching.Options{Workers: f.workers})
	if err != nil {
		return nil, fmt.Errorf("fairness floors: %w", err)
	}
	if s.Stopped {
		return nil, fmt.Errorf("fairness floors: %w", context.Cause(ctx))
	}
	return s, nil
}

func (f *onProblem) problem(multipliers []int64) *matching.Problem {
	p := *f.whole
	p.Edges = append([]matching.Edge(nil), p.Edges...)
	for i := range p.NeedQuantity {
		for j, m := range multipliers {
			if m == 0 || !f.floors[j].Group(int32(i)) {
				continue
			}
			for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
				if f.floors[j].CountsPair(int32(i), p.Edges[k].Resource) {
					p.Edges[k].Value += m
				}
			}
		}
	}
	return &p
}

func (f *onProblem) outcome(s *matching.Solution) *Outcome {
	o := &Outcome{Reached: make([]int64, len(f.floors)), Value: worth(f.whole, s), Bound: s.Bound}
	for _, flow := range s.Flow {
		for k := range f.floors {
			if f.floors[k].CountsPair(flow.Need, f.whole.Edges[flow.Edge].Resource) {
				o.Reached[k] += flow.Quantity
			}
		}
	}
	return o
}
