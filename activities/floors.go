package activities

import (
	"cmp"
	"context"
	"errors"
	"slices"
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
	priced, _, err := priceFloors(ctx, snapshot, in.Fairness.Floors, in.Inherited, warm)
	if err != nil {
		return Snapshot{}, e.tell(ctx, in.RunRef, priced.Floors, err)
	}
	if in.Blob, err = putSnapshot(ctx, e.Objects, in.RunRef, snapshot); err != nil {
		return Snapshot{}, err
	}
	in.Priced = &priced
	return in, e.Store.UpdateRun(ctx, in.City, in.Run, postgres.RunUpdate{
		Snapshot: reference(in.Blob), Fairness: &Fairness{Floors: priced.Floors},
		Seconds: map[string]float64{"floors": time.Since(begin).Seconds()},
	})
}

// priceFloors writes floors with their bonuses into the snapshot.
func priceFloors(
	ctx context.Context, snapshot *candidates.Snapshot, asked []city.Floor, inherited []postgres.FloorKept, warm *matching.Basis,
) (PricedFloors, *rehearsal, error) {
	r := &rehearsal{snapshot: snapshot, warm: warm}
	r.ask(asked)
	for k := range inherited {
		r.ask([]city.Floor{inherited[k].Floor})
		last := &r.kept[len(r.kept)-1]
		last.From, last.GivenUp = inherited[k].From, inherited[k].GivenUp
	}
	err := r.price(ctx)
	if errors.Is(err, fairness.ErrUnreachable) && r.giveAllUp() { // a search did not find how: nobody asked this run for them
		err = r.price(ctx)
	}
	var unreachable *fairness.UnreachableError
	switch {
	case errors.As(err, &unreachable):
		return PricedFloors{Floors: r.kept}, nil, &unkeptError{r.statement(unreachable)}
	case err != nil:
		return PricedFloors{}, nil, err
	}
	snapshot.Floors = r.floors
	return PricedFloors{Floors: r.kept, Value: r.free.Value, Bound: r.free.Bound}, r, nil
}

// tell records what is known of floors that cannot be kept.
func (e *Engine) tell(ctx context.Context, in RunRef, kept []postgres.FloorKept, err error) error {
	var unkept *unkeptError
	if !errors.As(err, &unkept) {
		return err
	}
	if failed := e.Store.UpdateRun(ctx, in.City, in.Run, postgres.RunUpdate{Fairness: &Fairness{Floors: kept}}); failed != nil {
		return failed
	}
	return err
}

// rehearsal solves a run's snapshot as the run will, with bonuses that it tries.
type rehearsal struct {
	snapshot *candidates.Snapshot
	warm     *matching.Basis
	floors   []candidates.Floor
	kept     []postgres.FloorKept
	rest     []fairness.Floor // what the run itself has to bring, agreed matches left out
	cut      *instance        // with the highest bonuses, where that has cut off pairs; nil: measure looks at every pair
	perNeed  int              // with which the candidates might keep the floors, where those of the run cannot; 0: not known
	free     *fairness.Outcome
	last     *solvedInstance // that kept all floors
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
		r.rest = append(r.rest, floor.Asks(r.snapshot, floor.Least-agreed))
	}
}

// price finds the bonuses.
func (r *rehearsal) price(ctx context.Context) error {
	problem, err := r.measure(ctx)
	if err != nil {
		return err
	}
	zero := make([]int64, len(r.floors))
	if r.free, err = r.allocate(ctx, zero, false); err != nil {
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

// raise begins at what prices say, and goes on by solving as the run will.
func (r *rehearsal) raise(ctx context.Context, problem *matching.Problem) ([]int64, error) {
	most := min(fairness.Ceiling(problem), candidates.MaxBonus/int64(len(r.floors)))
	start, err := r.begin(ctx, problem)
	if err != nil {
		return nil, err
	}
	for k := range start {
		start[k] = min(start[k], most)
	}
	multipliers, _, err := fairness.Raise(ctx, r.rest, start, most, r.solve)
	return multipliers, err
}

// rough is the multipliers that a search finds with trips spread; start where it finds none, as the run's own may.
func (r *rehearsal) rough(ctx context.Context, problem *matching.Problem, start []int64) ([]int64, error) {
	found, err := fairness.Floors(ctx, problem.Amortised(), r.rest, matching.Options{})
	if errors.Is(err, fairness.ErrUnreachable) {
		return start, nil
	}
	if err != nil {
		return nil, err
	}
	for k := range start {
		start[k] = found.Prices[k].Multiplier
	}
	return start, nil
}

// measure makes the problem with every pair that the highest bonuses would pay for, without those bonuses, and refuses
// floors that no allocation keeps.
func (r *rehearsal) measure(ctx context.Context) (*matching.Problem, error) {
	highest := make([]int64, len(r.floors))
	for k := range highest {
		highest[k] = candidates.MaxBonus / int64(len(highest))
	}
	wide, err := newInstance(ctx, r.with(highest))
	if err != nil {
		return nil, err
	}
	problem := wide.index.Plain(wide.graph)
	if wide.graph.Cut > 0 {
		r.cut = &wide // the graph does not hold every pair: wanted and offered are all that is known
		for k := range r.kept {
			if lack := r.kept[k].Least - r.kept[k].AtMost; lack > 0 && r.kept[k].From != "" {
				r.giveUp(k, max(r.rest[k].Least-lack, 0))
			}
			if r.kept[k].AtMost < r.kept[k].Least {
				return nil, &fairness.UnreachableError{Floor: k, Name: r.rest[k].Name, Least: r.rest[k].Least, AtMost: r.kept[k].AtMost}
			}
		}
		return problem, nil
	}
	return problem, r.check(ctx, problem)
}

// check refuses floors that cannot be kept, once those that are inherited have yielded.
func (r *rehearsal) check(ctx context.Context, problem *matching.Problem) error {
	for {
		atMost, err := fairness.Check(ctx, problem, r.rest, 0)
		for k := range atMost {
			r.kept[k].AtMost = r.kept[k].Agreed + atMost[k]
		}
		var unreachable *fairness.UnreachableError
		if !errors.As(err, &unreachable) {
			return err
		}
		yields, failed := r.yield(ctx, unreachable, func(floors []fairness.Floor, which int) (int64, error) {
			return fairness.Room(ctx, problem, floors, which, 0)
		})
		if failed != nil || !yields {
			return cmp.Or(failed, err)
		}
	}
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
	return r.allocate(ctx, bonuses, true)
}

func (r *rehearsal) allocate(ctx context.Context, bonuses []int64, settle bool) (*fairness.Outcome, error) {
	found, err := newInstance(ctx, r.with(bonuses))
	if err != nil {
		return nil, err
	}
	solution, err := found.allocate(ctx, r.warm)
	if err != nil {
		return nil, err
	}
	unsettled := *solution
	if settle {
		if err = found.settle(ctx, solution, true); err != nil {
			return nil, err
		}
	}
	if found.short(solution) == nil {
		r.last = &solvedInstance{found, &unsettled}
	}
	outcome := &fairness.Outcome{Bound: solution.Bound, Value: found.net(solution).Value}
	for _, f := range found.kept(solution) {
		outcome.Reached = append(outcome.Reached, f.Reached-f.Agreed)
	}
	return outcome, nil
}
