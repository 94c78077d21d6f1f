package fairness

import (
	"context"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
)

// Floor is the least quantity that a group of needs has to get together.
type Floor struct {
	Name  string
	Group func(need int32) bool
	Least int64 // units
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

// ErrUnreachable says that a floor cannot be reached with any bonus.
var ErrUnreachable = errors.New("the floor cannot be reached")

// mostRounds ends the raising of multipliers: each round raises at least one of them, and groups that compete for the
// same resources may outbid each other a few times.
const mostRounds = 25

// Floors finds the least multipliers, one after the other and again while one falls below its floor, with which every
// group gets its least quantity. The bound holds by Lagrangian duality: what keeps the floors is worth at most the bound
// of the problem with bonuses less multiplier x floor.
//
// Counts says which resources' units are added up; nil: all.
func Floors(ctx context.Context, p *matching.Problem, counts func(resource int32) bool, floors []Floor, workers int) (*Floored, error) {
	if counts == nil {
		counts = func(int32) bool { return true }
	}
	f := &raising{whole: p, counts: counts, floors: floors, multiplier: make([]int64, len(floors)), workers: workers}
	free, err := f.solve(ctx)
	if err != nil {
		return nil, err
	}
	s := free
	for round := 0; ; round++ {
		below := f.below(s)
		if below < 0 {
			break
		}
		if round >= mostRounds*len(floors) {
			return nil, fmt.Errorf("floor %s of %d: %w together with the others", floors[below].Name, floors[below].Least, ErrUnreachable)
		}
		if s, err = f.raise(ctx, below); err != nil {
			return nil, err
		}
	}
	return f.result(free, s), nil
}

type raising struct {
	whole      *matching.Problem
	counts     func(resource int32) bool
	floors     []Floor
	multiplier []int64
	workers    int
}

func (f *raising) problem() *matching.Problem {
	p := *f.whole
	p.Edges = append([]matching.Edge(nil), p.Edges...)
	for i := range p.NeedQuantity {
		bonus := int64(0)
		for k := range f.floors {
			if f.floors[k].Group(int32(i)) {
				bonus += f.multiplier[k]
			}
		}
		for k := p.RowStart[i]; k < p.RowStart[i+1] && bonus > 0; k++ {
			if p.Edges[k].Value > 0 && f.counts(p.Edges[k].Resource) {
				p.Edges[k].Value += bonus
			}
		}
	}
	return &p
}

func (f *raising) solve(ctx context.Context) (*matching.Solution, error) {
	s, err := charges.Quick(ctx, f.problem(), matching.Options{Workers: f.workers})
	if err != nil {
		return nil, fmt.Errorf("fairness floors: %w", err)
	}
	if s.Stopped {
		return nil, fmt.Errorf("fairness floors: %w", context.Cause(ctx))
	}
	return s, nil
}

func (f *raising) reached(s *matching.Solution, floor int) int64 {
	units := int64(0)
	for _, flow := range s.Flow {
		if f.floors[floor].Group(flow.Need) && f.counts(f.whole.Edges[flow.Edge].Resource) {
			units += flow.Quantity
		}
	}
	return units
}

// below is the first floor that is not reached, -1 if there is none.
func (f *raising) below(s *matching.Solution) int {
	for k := range f.floors {
		if f.reached(s, k) < f.floors[k].Least {
			return k
		}
	}
	return -1
}

// raise finds the least multiplier of one floor that reaches it while the others stay: doubling, then bisection.
func (f *raising) raise(ctx context.Context, floor int) (*matching.Solution, error) {
	largest := int64(1)
	for k, e := range f.whole.Edges {
		largest = max(largest, e.Value)
		if f.whole.Charges != nil {
			largest = max(largest, f.whole.Charges[k])
		}
	}
	for _, m := range f.multiplier {
		largest = max(largest, m)
	}
	low, high := f.multiplier[floor], f.multiplier[floor]
	var s *matching.Solution
	for step := int64(1); s == nil || f.reached(s, floor) < f.floors[floor].Least; step *= 2 {
		if high > 2*largest {
			return nil, fmt.Errorf("floor %s of %d: %w, at most %d", f.floors[floor].Name, f.floors[floor].Least, ErrUnreachable, f.reached(s, floor))
		}
		low, high = high, high+step
		f.multiplier[floor] = high
		var err error
		if s, err = f.solve(ctx); err != nil {
			return nil, err
		}
	}
	for low+1 < high {
		f.multiplier[floor] = (low + high) / 2
		middle, err := f.solve(ctx)
		if err != nil {
			return nil, err
		}
		if f.reached(middle, floor) < f.floors[floor].Least {
			low = f.multiplier[floor]
		} else {
			high, s = f.multiplier[floor], middle
		}
	}
	f.multiplier[floor] = high
	return s, nil
}

func (f *raising) result(free, s *matching.Solution) *Floored {
	r := &Floored{Solution: s, Bound: s.Bound}
	for k, floor := range f.floors {
		r.Prices = append(r.Prices, Price{floor.Name, floor.Least, f.reached(s, k), f.multiplier[k]})
		r.Bound -= f.multiplier[k] * floor.Least
	}
	s.Value = worth(f.whole, s)
	r.Bound = min(r.Bound, free.Bound)
	r.Loss = free.Value - s.Value
	s.Optimal = s.Value == r.Bound
	return r
}
