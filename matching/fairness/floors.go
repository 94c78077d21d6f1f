package fairness

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"strings"

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
}

// Price is what a floor costs: its multiplier is what one unit less on the floor would save, at the margin.
type Price struct {
	Name       string `json:"name"`
	Least      int64  `json:"least"`
	Reached    int64  `json:"reached"`
	Multiplier int64  `json:"multiplier"` // minor units per unit
}

// Floors finds an allocation that keeps the floors and is worth as much as can be, the least multipliers that lead to it,
// and a bound: what keeps the floors is worth at most the bound of the problem with bonuses less multiplier x floor
// (Lagrangian duality). Without trip charges, and with floors for which the multipliers are exact (see Bonuses), the two
// meet: the result is optimal. A pair that is worth nothing by itself is used where its bonus pays for it; a problem may
// hold such edges for the floors' sake.
func Floors(ctx context.Context, p *matching.Problem, floors []Floor, o matching.Options) (*Floored, error) {
	if active, _ := asking(floors); len(active) > MostFloors {
		return nil, fmt.Errorf("fairness floors: %d of them, want at most %d", len(active), MostFloors)
	}
	if _, err := Check(ctx, p, floors, o.Workers); err != nil {
		return nil, err
	}
	f := &onProblem{whole: p, floors: floors, options: o}
	free, err := f.solve(ctx, make([]int64, len(floors)))
	if err != nil {
		return nil, err
	}
	multipliers, ok, err := Bonuses(ctx, p, floors, o.Workers)
	if err != nil {
		return nil, err
	}
	if !ok {
		clear(multipliers)
	}
	multipliers, kept, err := Raise(ctx, floors, multipliers, Ceiling(p), f.market)
	if err != nil {
		return nil, err
	}
	s := kept.solution
	r := &Floored{Solution: s, Bound: min(kept.BoundOf(floors, multipliers), free.Bound)}
	for k, floor := range floors {
		r.Prices = append(r.Prices, Price{floor.Name, floor.Least, kept.Reached[k], multipliers[k]})
	}
	s.Optimal = s.Value == r.Bound
	return r, nil
}

// Share is a share of x, 0 to 1, rounded up to whole units. The share counts in millionths, so that 0.1 of 30 is 3.
func Share(x int64, of float64) int64 {
	high, low := bits.Mul64(uint64(x), uint64(math.Round(of*million)))
	low, carry := bits.Add64(low, million-1, 0)
	units, _ := bits.Div64(high+carry, low, million)
	return int64(units)
}

const million = 1_000_000

// WeightText is the weight of a need, in millionths, as people write it: 1.5.
func WeightText(millionths int64) string {
	text := fmt.Sprintf("%d.%06d", millionths/million, millionths%million)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
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
	options matching.Options
}

func (f *onProblem) market(ctx context.Context, multipliers []int64) (*Outcome, error) {
	s, err := f.solve(ctx, multipliers)
	if err == nil {
		err = Settle(ctx, Settling{Problem: f.whole, Floors: f.floors, Bonuses: multipliers, Workers: f.options.Workers}, s)
	}
	if err != nil {
		return nil, err
	}
	return &Outcome{Reached: reached(f.floors, f.whole, s.Flow), Value: s.Value, Bound: s.Bound, solution: s}, nil
}

// solve allocates with multipliers.
func (f *onProblem) solve(ctx context.Context, multipliers []int64) (*matching.Solution, error) {
	s, err := charges.Solve(ctx, f.problem(multipliers), f.options)
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
