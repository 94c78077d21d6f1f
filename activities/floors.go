package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/fairness"
	"github.com/city-resource-graph/crg/postgres"
)

// PriceFloors finds for each floor of a run the least bonus with which it is kept, and freezes the bonuses with the
// snapshot: to shards, certificate and everybody who repeats the proof they are data like all the rest. A floor that cannot
// be kept ends the run here, before anything is proposed, and the run's row says how much could be.
func (e *Engine) PriceFloors(ctx context.Context, in Snapshot) (Snapshot, error) {
	defer beating(ctx)()
	priced, err := e.priceFloors(ctx, in)
	return priced, classify(err)
}

func (e *Engine) priceFloors(ctx context.Context, in Snapshot) (Snapshot, error) {
	begin := time.Now()
	snapshot, err := e.snapshot(ctx, in.Blob)
	if err != nil {
		return Snapshot{}, err
	}
	warm, _, err := e.remembered(ctx, in, snapshot)
	if err != nil {
		return Snapshot{}, err
	}
	r := &rehearsal{snapshot: snapshot, warm: warm}
	r.ask(in.Fairness.Floors)
	if err = r.price(ctx); err != nil {
		return Snapshot{}, e.tell(ctx, in.RunRef, r, err)
	}
	snapshot.Floors = r.floors
	if in.Blob, err = putSnapshot(ctx, e.Objects, in.RunRef, snapshot); err != nil {
		return Snapshot{}, err
	}
	in.Priced = &PricedFloors{Floors: r.kept, Value: r.free.Value, Bound: r.free.Bound}
	return in, e.Store.UpdateRun(ctx, in.City, in.Run, postgres.RunUpdate{
		Snapshot: reference(in.Blob), Fairness: &Fairness{Floors: r.kept},
		Seconds: map[string]float64{"floors": time.Since(begin).Seconds()},
	})
}

// tell records what is known of floors that cannot be kept.
func (e *Engine) tell(ctx context.Context, in RunRef, r *rehearsal, err error) error {
	var unreachable *fairness.UnreachableError
	if !errors.As(err, &unreachable) {
		return err
	}
	if failed := e.Store.UpdateRun(ctx, in.City, in.Run, postgres.RunUpdate{Fairness: &Fairness{Floors: r.kept}}); failed != nil {
		return failed
	}
	return &unkeptError{r.statement(unreachable)}
}

// rehearsal solves a run's snapshot as the run will, with bonuses that it tries.
type rehearsal struct {
	snapshot *candidates.Snapshot
	warm     *matching.Basis
	floors   []candidates.Floor
	kept     []postgres.FloorKept
	rest     []fairness.Floor // what the run itself has to bring, agreed matches left out
	free     *fairness.Outcome
}

// ask turns what is asked for into units.
func (r *rehearsal) ask(asked []city.Floor) {
	for _, a := range asked {
		floor, wanted, offered := r.snapshot.Ask(a, a.LeavesOf(city.DefaultTaxonomy()))
		agreed := floor.Agreed(r.snapshot)
		r.floors = append(r.floors, floor)
		r.kept = append(r.kept, postgres.FloorKept{
			Floor: a, Wanted: wanted, Offered: offered, Least: floor.Least, Agreed: agreed, AtMost: min(wanted, offered),
		})
		r.rest = append(r.rest, fairness.Floor{
			Name: a.Title(), Least: max(floor.Least-agreed, 0),
			Group:  func(need int32) bool { return a.Covers(r.snapshot.Needs[need].Ward) },
			Counts: func(resource int32) bool { return floor.Counts(r.snapshot.Resources[resource].Leaf) },
		})
	}
}

// price finds the bonuses.
func (r *rehearsal) price(ctx context.Context) error {
	problem, err := r.measure(ctx)
	if err != nil {
		return err
	}
	zero := make([]int64, len(r.floors))
	if r.free, err = r.solve(ctx, zero); err != nil {
		return err
	}
	for k := range r.kept {
		r.kept[k].Free = r.kept[k].Agreed + r.free.Reached[k]
	}
	multipliers := zero
	if slices.ContainsFunc(r.kept, func(f postgres.FloorKept) bool { return f.Free < f.Least }) {
		if multipliers, err = r.raise(ctx, problem); err != nil {
			return err
		}
	}
	for k := range multipliers {
		r.floors[k].Bonus, r.kept[k].PriceMinor = multipliers[k], &multipliers[k]
	}
	return nil
}

// raise begins at what a quick search on one problem finds, and goes on by solving as the run will.
func (r *rehearsal) raise(ctx context.Context, problem *matching.Problem) ([]int64, error) {
	most := min(fairness.Ceiling(problem), candidates.MaxBonus/int64(len(r.floors)))
	start := make([]int64, len(r.floors))
	rough, err := fairness.Floors(ctx, problem, r.rest, 0)
	var unreachable *fairness.UnreachableError
	switch {
	case errors.As(err, &unreachable) && !unreachable.Together: // by the quick search; the run's own may do better
	case err != nil:
		return nil, err
	default:
		for k := range start {
			start[k] = min(rough.Prices[k].Multiplier, most)
		}
	}
	multipliers, _, err := fairness.Raise(ctx, r.rest, start, most, r.solve)
	return multipliers, err
}

// measure makes the problem with every pair that the highest bonuses would pay for, without those bonuses, and refuses a
// floor that no allocation keeps.
func (r *rehearsal) measure(ctx context.Context) (*matching.Problem, error) {
	highest := make([]int64, len(r.floors))
	for k := range highest {
		highest[k] = candidates.MaxBonus / int64(len(highest))
	}
	wide, err := newInstance(ctx, r.with(highest))
	if err != nil {
		return nil, err
	}
	problem := wide.graph.Problem
	problem.Edges = slices.Clone(problem.Edges)
	for i := range problem.NeedQuantity {
		for k := problem.RowStart[i]; k < problem.RowStart[i+1]; k++ {
			problem.Edges[k].Value -= wide.index.Bonus(int32(i), problem.Edges[k].Resource)
		}
	}
	if wide.graph.Cut > 0 { // the graph does not hold every pair: wanted and offered are all that is known
		return &problem, r.lacking(nil)
	}
	return &problem, r.lacking(func(counts func(need, resource int32) bool) (int64, error) {
		units, err := fairness.Reachable(ctx, &problem, counts, 0)
		return units, cmp.Or(err, ctx.Err())
	})
}

// lacking refuses a floor that no allocation keeps, and floors that none keeps together; reach is nil where nobody knows
// how much can be brought.
func (r *rehearsal) lacking(reach func(counts func(need, resource int32) bool) (int64, error)) error {
	together := int64(0)
	for k := range r.rest {
		if reach != nil {
			units, err := reach(r.rest[k].CountsPair)
			if err != nil {
				return err
			}
			r.kept[k].AtMost = r.kept[k].Agreed + units
		}
		if r.kept[k].AtMost < r.kept[k].Least {
			return &fairness.UnreachableError{Floor: k, Name: r.rest[k].Name, Least: r.rest[k].Least, AtMost: r.kept[k].AtMost}
		}
		together += r.rest[k].Least
	}
	if reach == nil || len(r.floors) == 1 || r.overlap() {
		return nil
	}
	units, err := reach(func(need, resource int32) bool {
		return slices.ContainsFunc(r.rest, func(f fairness.Floor) bool { return f.CountsPair(need, resource) })
	})
	if err == nil && units < together {
		err = &fairness.UnreachableError{Name: r.rest[0].Name, Least: r.rest[0].Least, AtMost: units, Together: true}
	}
	return err
}

// overlap says whether one unit may count for two floors.
func (r *rehearsal) overlap() bool {
	for k := range r.floors {
		for j := range k {
			wards := slices.ContainsFunc(r.floors[k].Wards, r.floors[j].Covers)
			if wards && slices.ContainsFunc(r.floors[k].Leaves, r.floors[j].Counts) {
				return true
			}
		}
	}
	return false
}

// with is the snapshot with other bonuses.
func (r *rehearsal) with(bonuses []int64) *candidates.Snapshot {
	s := *r.snapshot
	s.Floors = slices.Clone(r.floors)
	for k := range bonuses {
		s.Floors[k].Bonus = bonuses[k]
	}
	return &s
}

// solve is the market of the floors: the whole run in one process, to the bit.
func (r *rehearsal) solve(ctx context.Context, bonuses []int64) (*fairness.Outcome, error) {
	found, err := newInstance(ctx, r.with(bonuses))
	if err != nil {
		return nil, err
	}
	shards := found.shards(r.warm)
	allocations := make([]candidates.Allocation, len(shards))
	for k := range shards {
		solution, err := shards[k].Solve(ctx, matching.Options{})
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errInvalid, err)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		allocations[k] = shards[k].Allocation(solution)
	}
	solution, err := found.graph.Merge(allocations)
	if err != nil {
		return nil, err
	}
	if solution, _, err = found.cover(ctx, solution); err != nil {
		return nil, err
	}
	outcome := &fairness.Outcome{Bound: solution.Bound, Value: found.net(solution).Value}
	for _, f := range found.kept(solution) {
		outcome.Reached = append(outcome.Reached, f.Reached-f.Agreed)
	}
	return outcome, nil
}

// statement says which floor cannot be kept, and what would be possible.
func (r *rehearsal) statement(e *fairness.UnreachableError) string {
	f := &r.kept[e.Floor]
	unit := ""
	if counted := f.UnitOf(city.DefaultTaxonomy()); counted != "" {
		unit = " " + string(counted)
	}
	floor := fmt.Sprintf("the floor of %d%s of %s", f.Least, unit, f.Title())
	switch {
	case e.Together:
		var others []string
		for k := range r.kept {
			if k != e.Floor {
				others = append(others, r.kept[k].Title())
			}
		}
		return fmt.Sprintf("%s cannot be kept beside %s, alone it could: ask for less of one of them", floor, strings.Join(others, " and "))
	case f.AtMost < f.Least:
		return fmt.Sprintf("%s cannot be kept: %d%s is the most that can reach them, of %d wanted there and %d offered in the city; ask for less",
			floor, f.AtMost, unit, f.Wanted, f.Offered)
	}
	return fmt.Sprintf("%s cannot be kept at any price up to %s: the best found gives them %d%s; ask for less",
		floor, "four times the most that a unit or a trip is worth", f.Agreed+e.AtMost, unit)
}
