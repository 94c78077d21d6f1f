package activities

import (
	"cmp"
	"context"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/fairness"
	"github.com/city-resource-graph/crg/postgres"
)

// inherited are the floors of earlier runs as far as their proposals still wait for somebody: a run may replace open
// proposals, and one that knows nothing of a floor would take back what it has just given. It keeps as much for the floor as
// those proposals promise, by whichever pairs are best now. What the run itself asks for the same wards takes the place.
func (r *Runs) inherited(ctx context.Context, in RunRef, s *candidates.Snapshot) ([]postgres.FloorKept, error) {
	var runs []city.RunID
	for _, pin := range s.Pins {
		if pin.Kind == candidates.PinProposed && pin.Match.Run != "" && !slices.Contains(runs, pin.Match.Run) {
			runs = append(runs, pin.Match.Run)
		}
	}
	slices.Sort(runs)
	var floors []postgres.FloorKept
	for _, id := range runs {
		run, err := r.Store.Run(ctx, in.City, id)
		if err != nil {
			return nil, err
		}
		for k := range run.Fairness.Floors {
			if f := &run.Fairness.Floors[k]; f.Reached != nil {
				floors = addOpen(floors, f, run.ID, s)
			}
		}
	}
	floors = slices.DeleteFunc(floors, func(f postgres.FloorKept) bool {
		return f.Least <= f.Agreed || slices.ContainsFunc(in.Fairness.Floors, func(own city.Floor) bool { return sameFloor(&own, &f.Floor) })
	})
	for k := range floors {
		f := &floors[k]
		f.Offered = 0                                  // the run measures it
		if in.Fairness.Tiers || k >= city.MostFloors { // in strict order no floor has a price, and a run has so many at most
			f.GivenUp, f.Least = f.Least-f.Agreed, f.Agreed
			f.Quantity = f.Least
		}
	}
	return floors, nil
}

// addOpen adds what a run's open proposals promise to a floor. Runs may have asked for the same; then the most counts.
func addOpen(floors []postgres.FloorKept, asked *postgres.FloorKept, run city.RunID, s *candidates.Snapshot) []postgres.FloorKept {
	floor := candidates.Floor{Floor: asked.Floor, Leaves: asked.LeavesOf(city.DefaultTaxonomy())}
	open := floor.Open(s, run)
	if open == 0 {
		return floors
	}
	at := slices.IndexFunc(floors, func(f postgres.FloorKept) bool { return sameFloor(&f.Floor, &asked.Floor) })
	if at < 0 {
		at = len(floors)
		floors = append(floors, postgres.FloorKept{
			Floor:  city.Floor{Wards: asked.Wards, Leaf: asked.Leaf, Class: asked.Class},
			Agreed: floor.Agreed(s), From: cmp.Or(asked.From, run), Offered: floor.Agreed(s),
		})
	}
	f := &floors[at]
	f.Offered += open // for now: what is promised
	f.Least = min(max(f.Least, asked.Least), f.Offered)
	f.Quantity = f.Least
	return floors
}

func sameFloor(a, b *city.Floor) bool {
	return a.Leaf == b.Leaf && a.Class == b.Class && slices.Equal(slices.Sorted(slices.Values(a.Wards)), slices.Sorted(slices.Values(b.Wards)))
}

// yield makes an inherited floor smaller where it stands in the way; false where the run's own floors cannot be kept.
func (r *rehearsal) yield(ctx context.Context, e *fairness.UnreachableError, room func([]fairness.Floor, int) (int64, error)) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	which := -1
	for _, rival := range e.Among {
		if r.kept[rival.Floor].From != "" {
			which = rival.Floor
		}
	}
	if !e.Together && r.kept[e.Floor].From != "" {
		which = e.Floor
	}
	if which < 0 {
		return false, nil
	}
	least, err := room(r.rest, which)
	if err != nil {
		return false, err
	}
	r.giveUp(which, min(least, r.rest[which].Least-1))
	return true, nil
}

// giveUp lowers an inherited floor to what the run is to bring.
func (r *rehearsal) giveUp(floor int, least int64) {
	kept := &r.kept[floor]
	kept.GivenUp += r.rest[floor].Least - least
	r.rest[floor].Least = least
	kept.Least = kept.Agreed + least
	r.floors[floor].Least, r.floors[floor].Quantity, kept.Quantity = kept.Least, kept.Least, kept.Least
}

// giveAllUp lowers all inherited floors to nothing; false where there are none.
func (r *rehearsal) giveAllUp() bool {
	any := false
	for k := range r.kept {
		if r.kept[k].From != "" && r.rest[k].Least > 0 {
			r.giveUp(k, 0)
			any = true
		}
	}
	return any
}
