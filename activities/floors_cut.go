package activities

import (
	"context"
	"errors"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/fairness"
)

// mostPairs is how many pairs are looked at to decide whether floors can be kept: as many as a run keeps whole.
const mostPairs = 20_000_000

// begin is the multipliers that prices say. Where some pairs are cut off, those that are left may not keep the floors. Then
// all pairs of the floors' needs say whether any could; if so, the search for one floor begins at no price, as the run's own
// candidates may reach it. Several floors would outbid each other for hundreds of solves then, and are refused.
func (r *rehearsal) begin(ctx context.Context, problem *matching.Problem) ([]int64, error) {
	var err error
	var unreachable *fairness.UnreachableError
	if r.cut != nil {
		if err = r.decide(ctx, problem); err != nil && !errors.As(err, &unreachable) {
			return nil, err
		}
	}
	asks := func(f fairness.Floor) bool { return f.Least > 0 }
	if first := slices.IndexFunc(r.rest, asks); unreachable != nil && (!unreachable.Unproven || slices.ContainsFunc(r.rest[first+1:], asks)) {
		return nil, unreachable
	}
	start, exact := make([]int64, len(r.floors)), true
	if err == nil {
		start, exact, err = fairness.Bonuses(ctx, problem, r.rest, 0)
	}
	switch {
	case errors.Is(err, fairness.ErrUnreachable):
		return make([]int64, len(r.floors)), nil
	case err == nil && !exact: // what a search without trips finds
		return r.rough(ctx, problem, start)
	}
	return start, err
}

// decide says whether candidates can keep the floors, of which some are cut off. Where they cannot, all pairs may prove that
// nobody can: that is refused as ever, once inherited floors have yielded. Else it is not proven, and the run may have too
// few candidates for it.
func (r *rehearsal) decide(ctx context.Context, problem *matching.Problem) error {
	var unreachable *fairness.UnreachableError
	_, err := fairness.Check(ctx, problem, r.rest, 0)
	if !errors.As(err, &unreachable) {
		return err
	}
	whole, err := r.whole(ctx)
	if err != nil {
		return err
	}
	if whole != nil {
		if err = r.checkWhole(ctx, whole); err != nil {
			return err
		}
		if _, err = fairness.Check(ctx, problem, r.rest, 0); !errors.As(err, &unreachable) {
			return err
		}
		if r.perNeed, err = r.enough(ctx); err != nil {
			return err
		}
	}
	unreachable.Together, unreachable.Unproven, unreachable.Among = true, true, nil
	return unreachable
}

// checkWhole is check on all pairs of the floors' needs. Of a floor that asks for nothing more it has none: what is known of that stays.
func (r *rehearsal) checkWhole(ctx context.Context, whole *matching.Problem) error {
	known := map[int]int64{}
	for k := range r.rest {
		if r.rest[k].Least <= 0 {
			known[k] = r.kept[k].AtMost
		}
	}
	err := r.check(ctx, whole)
	for k, atMost := range known {
		r.kept[k].AtMost = atMost
	}
	return err
}

// whole is the problem of all pairs of the needs that have floors; the others want nothing in it. Nil where there are too many.
func (r *rehearsal) whole(ctx context.Context) (*matching.Problem, error) {
	concerned := func(need int32) bool {
		return slices.ContainsFunc(r.rest, func(f fairness.Floor) bool { return f.Least > 0 && f.Group(need) })
	}
	if r.cut.index.Pairs(concerned) > mostPairs {
		return nil, nil
	}
	snapshot := *r.cut.snapshot
	snapshot.Needs = slices.Clone(snapshot.Needs)
	agreed := map[city.ListingID]int64{} // which Left includes
	for _, pin := range snapshot.Pins {
		if pin.Kind == candidates.PinFixed {
			agreed[pin.Need] += pin.Quantity
		}
	}
	for i := range snapshot.Needs {
		if n := &snapshot.Needs[i]; !concerned(int32(i)) {
			n.Left = agreed[n.ID]
		}
	}
	index, err := candidates.NewIndex(&snapshot)
	if err != nil {
		return nil, err
	}
	graph, err := index.Generate(ctx, candidates.Options{PerNeed: -1})
	if err != nil {
		return nil, err
	}
	return index.Plain(graph), nil
}

// enough is how many candidates per need leave floors room that all pairs leave room; 0 where that takes too many.
func (r *rehearsal) enough(ctx context.Context) (int, error) {
	needs := max(int64(len(r.snapshot.Needs)), 1)
	for perNeed := 2 * r.snapshot.Scoring.Kept(); int64(perNeed)*needs <= mostPairs; perNeed *= 2 {
		graph, err := r.cut.index.Generate(ctx, candidates.Options{PerNeed: perNeed})
		if err != nil {
			return 0, err
		}
		_, err = fairness.Check(ctx, r.cut.index.Plain(graph), r.rest, 0)
		if !errors.Is(err, fairness.ErrUnreachable) {
			return perNeed, err
		}
		if graph.Cut == 0 {
			break
		}
	}
	return 0, nil
}
