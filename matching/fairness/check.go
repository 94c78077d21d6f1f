package fairness

import (
	"context"
	"fmt"
	"math/bits"
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// Check says whether an allocation can keep the floors, whatever it costs: atMost is what each floor's group could get if
// nobody else mattered; a floor that asks for more, and floors that cannot be kept together, are an *UnreachableError.
//
// Lots aside it is exact for one floor, and for floors that are nested or disjoint where a need's pairs count all or none:
// a maximum flow. Of floors that cross, it refuses those that weights prove impossible together (a sum of them that no
// allocation reaches; Farkas) and lets pass what neither a proof nor an allocation was found for, in a counted number of
// tries.
func Check(ctx context.Context, p *matching.Problem, floors []Floor, workers int) (atMost []int64, err error) {
	c := &checking{ctx: ctx, problem: p, workers: workers}
	atMost = make([]int64, len(floors))
	for f := range floors {
		if atMost[f], err = Reachable(ctx, p, floors[f].CountsPair, workers); err != nil {
			return nil, err
		}
	}
	for f, asked := range floors {
		if atMost[f] < asked.Least {
			return atMost, &UnreachableError{Floor: f, Name: asked.Name, Least: asked.Least, AtMost: atMost[f]}
		}
	}
	active, of := asking(floors)
	possible, err := c.possible(active)
	if err != nil || possible || len(active) < 2 {
		return atMost, err
	}
	return atMost, c.refuse(floors, of, atMost)
}

// Room is the most that one of the floors could ask for if the others stay as they are; 0 where even then they cannot be
// kept. Of floors that cross it is the most for which an allocation is known.
func Room(ctx context.Context, p *matching.Problem, floors []Floor, which, workers int) (int64, error) {
	c := &checking{ctx: ctx, problem: p, workers: workers, strict: true}
	low := slices.Clone(floors)
	low[which].Least = 0
	return c.raise(low, which, floors[which].Least)
}

type checking struct {
	ctx     context.Context
	problem *matching.Problem
	workers int
	strict  bool // floors pass only where an allocation that keeps them is known
}

// possible says whether the floors can be kept together. Those that cross may pass without a proof.
func (c *checking) possible(floors []Floor) (bool, error) {
	v := newReserve(c.problem, floors)
	if !v.exact {
		return c.weigh(floors)
	}
	s, err := c.solve(v.units())
	if err != nil {
		return false, err
	}
	return v.short(s.Flow) == 0, nil
}

func (c *checking) solve(p *matching.Problem) (*matching.Solution, error) {
	s, err := matching.Solve(c.ctx, p, matching.Options{Workers: c.workers})
	if err != nil {
		return nil, fmt.Errorf("check floors: %w", err)
	}
	if s.Stopped {
		return nil, context.Cause(c.ctx)
	}
	return s, nil
}

// mostWeights is how many weights of crossing floors are tried.
const mostWeights = 40

// weigh looks for weights at which no allocation comes to what the floors ask for: then none keeps them. It ends where an
// allocation keeps them, or with the benefit of the doubt. Each floor's weight follows what it lacks.
func (c *checking) weigh(floors []Floor) (bool, error) {
	p := *c.problem
	p.Charges, p.Edges = nil, slices.Clone(p.Edges)
	weights := make([]int64, len(floors))
	for f := range weights {
		weights[f] = 1
	}
	for range mostWeights {
		asked := int64(0)
		for f := range floors {
			asked += weights[f] * floors[f].Least
		}
		for i := range p.NeedQuantity {
			for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
				p.Edges[k].Value = 0
				for f := range floors {
					if floors[f].CountsPair(int32(i), p.Edges[k].Resource) {
						p.Edges[k].Value += weights[f]
					}
				}
			}
		}
		s, err := c.solve(&p)
		switch {
		case err != nil:
			return false, err
		case s.Value < asked:
			return false, nil
		case keeps(floors, c.problem, s.Flow):
			return true, nil
		}
		for f, units := range reached(floors, c.problem, s.Flow) {
			lack := floors[f].Least - units
			step := int64(bits.Len64(uint64(max(lack, -lack))))
			if lack < 0 {
				step = -step
			}
			weights[f] = max(weights[f]+step, 0)
		}
	}
	return !c.strict, nil
}

// shares is how finely what is possible together is looked for: in so many parts of what is asked for.
const shares = 1024

// refuse names floors that cannot be kept together, as few as it finds, and a share of each that is possible together.
func (c *checking) refuse(floors []Floor, of []int, atMost []int64) error {
	among := slices.Clone(of)
	for k := 0; k < len(among); {
		without := slices.Delete(slices.Clone(among), k, k+1)
		possible, err := c.possible(pick(floors, without, 1, 1))
		if err != nil {
			return err
		}
		if possible {
			k++
		} else {
			among = without
		}
	}
	c.strict = true
	low, high := int64(0), int64(shares)
	for low+1 < high {
		middle := low + (high-low)/2
		possible, err := c.possible(pick(floors, among, middle, shares))
		if err != nil {
			return err
		}
		if possible {
			low = middle
		} else {
			high = middle
		}
	}
	together, err := c.together(pick(floors, among, low, shares), pick(floors, among, 1, 1))
	if err != nil {
		return err
	}
	e := &UnreachableError{
		Floor: among[0], Name: floors[among[0]].Name, Least: floors[among[0]].Least, AtMost: atMost[among[0]], Together: true,
		AnyFewer: len(among) == 2 || newReserve(c.problem, pick(floors, among, 1, 1)).exact,
	}
	for k, f := range among {
		e.Among = append(e.Among, Rival{Floor: f, Name: floors[f].Name, Least: floors[f].Least, Alone: atMost[f], Possible: together[k]})
	}
	return e
}

// pick is some of the floors, each with a part of what it asks for.
func pick(floors []Floor, which []int, part, of int64) []Floor {
	var picked []Floor
	for _, f := range which {
		floor := floors[f]
		floor.Least = floor.Least/of*part + floor.Least%of*part/of
		picked = append(picked, floor)
	}
	return picked
}

// together raises what is possible, floor by floor, as far as the others allow.
func (c *checking) together(low, high []Floor) ([]int64, error) {
	units := make([]int64, len(low))
	for f := range low {
		var err error
		if units[f], err = c.raise(low, f, high[f].Least); err != nil {
			return nil, err
		}
	}
	return units, nil
}

// raise finds the most that a floor may ask for beside the others, from what it asks for to a limit, and sets it.
func (c *checking) raise(floors []Floor, which int, most int64) (int64, error) {
	least := floors[which].Least
	for least < most {
		floors[which].Least = least + (most-least+1)/2
		possible, err := c.possible(floors)
		if err != nil {
			return 0, err
		}
		if possible {
			least = floors[which].Least
		} else {
			most = floors[which].Least - 1
		}
	}
	floors[which].Least = least
	return least, nil
}
