package fairness

import (
	"context"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/matching"
)

// Market allocates with one multiplier for each floor in force.
type Market func(ctx context.Context, multipliers []int64) (*Outcome, error)

// Outcome is what a market comes to.
type Outcome struct {
	Reached []int64 // units that each floor's group gets
	Value   int64   // without bonuses
	Bound   int64   // with them: what no allocation of the problem with bonuses exceeds

	solution *matching.Solution // that it was, of Floors
}

// BoundOf is what no allocation that keeps the floors can be worth: multiplier x least less than the bound with bonuses.
// Whatever keeps the floors collects that much in bonuses at least.
func (o *Outcome) BoundOf(floors []Floor, multipliers []int64) int64 {
	bound := o.Bound
	for k := range floors {
		bound -= multipliers[k] * floors[k].Least
	}
	return bound
}

// ErrUnreachable says that a floor cannot be reached with any bonus.
var ErrUnreachable = errors.New("the floor cannot be reached")

// UnreachableError names the floor that cannot be reached. It is an ErrUnreachable.
type UnreachableError struct {
	Floor    int // index
	Name     string
	Least    int64
	AtMost   int64   // what its group can get at most, alone
	Together bool    // it can be reached, but not beside the others
	Unproven bool    // a search did not find how, and AtMost is what it found: nothing says that there is no way
	Among    []Rival // floors that cannot all be kept; none where it is not proven
	AnyFewer bool    // of Among all but one can be kept, whichever: not known where more than two cross
}

// Rival is a floor that cannot be kept beside others.
type Rival struct {
	Floor    int // index
	Name     string
	Least    int64
	Alone    int64 // the most that its group could get if nobody else mattered
	Possible int64 // what it could ask for if the others asked for as much as is said of them
}

func (e *UnreachableError) Error() string {
	if e.Unproven {
		return fmt.Sprintf("floor %s of %d: no way was found to reach it, and nothing proves that there is none", e.Name, e.Least)
	}
	if !e.Together {
		return fmt.Sprintf("floor %s of %d: %v, at most %d", e.Name, e.Least, ErrUnreachable, e.AtMost)
	}
	text := fmt.Sprintf("floor %s of %d: %v together with the others", e.Name, e.Least, ErrUnreachable)
	for k, r := range e.Among {
		if k == 0 {
			text += "; possible together:"
		}
		text += fmt.Sprintf(" %s %d of %d (alone %d)", r.Name, r.Possible, r.Least, r.Alone)
	}
	return text
}

// Unwrap makes it an ErrUnreachable.
func (e *UnreachableError) Unwrap() error { return ErrUnreachable }

// mostRounds ends the raising of multipliers: each round raises at least one of them, and groups that compete for the
// same resources may outbid each other a few times.
const mostRounds = 10

// Raise finds multipliers, none below its start and none above most, with which every floor is reached: one after the
// other, each the least that does, and again while one falls below its floor. It is a search, for what prices do not say:
// floors that cross, and trips and lots that keep an allocation from what its prices allow. Start is changed and returned.
func Raise(ctx context.Context, floors []Floor, start []int64, most int64, market Market) ([]int64, *Outcome, error) {
	r := &raising{floors: floors, multiplier: start, most: most, market: market}
	outcome, err := market(ctx, start)
	for round := 0; err == nil; round++ {
		below := r.below(outcome)
		if below < 0 {
			return start, outcome, nil
		}
		if round >= mostRounds*len(floors) {
			return nil, nil, &UnreachableError{Floor: below, Name: floors[below].Name, Least: floors[below].Least, Together: true, Unproven: true}
		}
		outcome, err = r.raise(ctx, below, outcome)
	}
	return nil, nil, err
}

type raising struct {
	floors     []Floor
	multiplier []int64
	most       int64
	market     Market
}

// below is the first floor that is not reached, -1 if there is none.
func (r *raising) below(o *Outcome) int {
	for k := range r.floors {
		if o.Reached[k] < r.floors[k].Least {
			return k
		}
	}
	return -1
}

// raise finds the least multiplier of one floor that reaches it while the others stay: doubling, then bisection.
// Best is what it has come to.
func (r *raising) raise(ctx context.Context, floor int, best *Outcome) (*Outcome, error) {
	low, high, least := r.multiplier[floor], r.multiplier[floor], r.floors[floor].Least
	var err error
	for step := int64(1); best.Reached[floor] < least; step *= 2 {
		if high >= r.most {
			return nil, &UnreachableError{
				Floor: floor, Name: r.floors[floor].Name, Least: least, AtMost: best.Reached[floor], Unproven: true,
			}
		}
		low, high = high, min(high+step, r.most)
		r.multiplier[floor] = high
		if best, err = r.market(ctx, r.multiplier); err != nil {
			return nil, err
		}
	}
	for low+1 < high {
		r.multiplier[floor] = low + (high-low)/2
		middle, err := r.market(ctx, r.multiplier)
		if err != nil {
			return nil, err
		}
		if middle.Reached[floor] < least {
			low = r.multiplier[floor]
		} else {
			high, best = r.multiplier[floor], middle
		}
	}
	r.multiplier[floor] = high
	return best, nil
}
