package fairness

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/live"
)

// bonuses finds the least bonus of each floor with which the problem's linear relaxation keeps them all, by the prices of
// the reserve: exact, for all floors at once. None where no bonus that a problem can hold serves everything: what is asked
// for is not possible, or hardly.
//
// A bonus that makes serving everything pay has to outbid the longest chain of others who would have to change; so much
// is rarely needed, and large numbers make a problem slow. It is raised until everything is served.
func (v *reserve) bonuses(ctx context.Context, floors, workers int) ([]int64, error) {
	first := Ceiling(v.whole)
	for bonus := first; bonus <= matching.MaxMagnitude-first/4; bonus *= 16 { // the largest value is a quarter of the first
		p := v.with(bonus).Amortised()
		s, err := matching.Solve(ctx, p, matching.Options{Workers: workers})
		if err != nil {
			return nil, err
		}
		if s.Stopped {
			return nil, context.Cause(ctx)
		}
		if v.short(s.Flow) == 0 {
			return v.read(ctx, p, s, bonus, floors)
		}
	}
	return nil, nil
}

// read takes the bonuses out of the prices. A need's price is what one more unit of it would be worth, the bonus for
// serving it included; so what is lacking to the bonus is what serving it costs the others. Of all prices those are taken
// that ask least: what one unit less on the floor would save.
func (v *reserve) read(ctx context.Context, p *matching.Problem, s *matching.Solution, bonus int64, floors int) ([]int64, error) {
	optimum, err := live.New(ctx, p, s)
	if err != nil {
		return nil, err
	}
	prices, _ := optimum.Intervals()
	cost := make([]int64, len(v.groups)) // of serving a unit of each group
	for i, home := range v.home {
		if home < 0 || v.NeedQuantity[i] == 0 {
			continue
		}
		group := int(home)
		if i >= len(v.rows) { // the stand-in of a group, which draws on that of the larger one
			group = v.groups[home].parent
		}
		cost[group] = max(cost[group], bonus-prices[i].High)
	}
	found := make([]int64, floors)
	for k := len(v.groups) - 1; k >= 0; k-- { // larger groups first
		g := &v.groups[k]
		outside := int64(0)
		if g.parent >= 0 {
			outside = cost[g.parent]
		}
		cost[k] = max(cost[k], outside)
		found[g.floor] = cost[k] - outside
	}
	return found, nil
}

// Ceiling is where bonuses begin to be tried, and the highest multiplier that Raise should: twice the most that a unit or a
// trip can be worth moves any unit to the group, twice that again outbids other groups.
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

// Bonuses finds the least multipliers with which every group gets its least quantity, trips counted as spread. They are
// exact where floors are nested or disjoint and a need's pairs count all or none; else ok is false. Check says first whether
// the floors can be kept; of floors that cannot, this is an *UnreachableError that proves nothing.
func Bonuses(ctx context.Context, p *matching.Problem, floors []Floor, workers int) (bonuses []int64, ok bool, err error) {
	active, of := asking(floors)
	bonuses = make([]int64, len(floors))
	v := newReserve(p, active)
	if !v.exact || len(active) == 0 {
		return bonuses, v.exact, nil
	}
	found, err := v.bonuses(ctx, len(active), workers)
	if err != nil {
		return nil, false, fmt.Errorf("price of floors: %w", err)
	}
	if found == nil {
		return nil, false, &UnreachableError{Floor: of[0], Name: active[0].Name, Least: active[0].Least, Together: true, Unproven: true}
	}
	for k, f := range of {
		bonuses[f] = found[k]
	}
	return bonuses, true, nil
}

// asking is the floors that ask for anything, and which of all they are.
func asking(floors []Floor) (active []Floor, of []int) {
	for f := range floors {
		if floors[f].Least > 0 {
			active, of = append(active, floors[f]), append(of, f)
		}
	}
	return active, of
}
