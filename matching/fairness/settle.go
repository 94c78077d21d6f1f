package fairness

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
)

// Settling is what Settle is told.
type Settling struct {
	Problem *matching.Problem // without bonuses
	Terms   charges.Terms
	Floors  []Floor
	Bonuses []int64 // with which the allocation was found
	Workers int
	Rough   bool // the first allocation that keeps the floors will do

	// Tried, if not nil, remembers what was tried, for settling the same solution of the same problem once more.
	Tried *Tried
}

// Tried is what settling one solution has tried so far. The zero value is nothing.
type Tried struct{ list []try }

// try is a search at a bonus, from an allocation on, and what it came to.
type try struct {
	bonus    int64
	from, to []matching.EdgeFlow
}

// Settle changes an allocation that bonuses have led to, so that every floor is kept by as little as it asks for and the
// allocation is worth as much as can be found. Bonuses move whole allocations where pairs are tied, and whole trips: they
// leave floors exceeded, or just missed. The components that a floor's groups are in are searched once more, as the
// reserve of the floors; nothing else changes. Without trip charges and lots the result is the best there is.
//
// The value is without bonuses then; prices and bound stay as they are. An allocation is only ever replaced by one that
// keeps the floors and is worth more, or that keeps them where it did not.
func Settle(ctx context.Context, in Settling, s *matching.Solution) error {
	s.Value = Worth(in.Problem, s.Flow)
	active, _ := asking(in.Floors)
	kept := keeps(active, in.Problem, s.Flow)
	if len(active) == 0 || kept && !exceeds(in.Floors, in.Bonuses, in.Problem, s.Flow) {
		return nil
	}
	v := newReserve(in.Problem, active)
	if !v.exact {
		if !kept {
			return nil // nothing says how what is there should be shared out
		}
		v = v.restricted(active, s.Flow)
	}
	if in.Tried == nil {
		in.Tried = &Tried{}
	}
	t := &settler{reserve: v, in: in, floors: active, start: s.Flow}
	if kept {
		t.keep(s)
	}
	if err := t.search(ctx); err != nil {
		return fmt.Errorf("settle floors: %w", err)
	}
	if t.best != nil {
		s.Flow, s.Value = t.best.Flow, t.best.Value
	}
	return nil
}

// settler searches for an allocation that just keeps its floors.
type settler struct {
	*reserve
	in     Settling
	floors []Floor // those that ask for something
	start  []matching.EdgeFlow
	best   *matching.Solution // that keeps the floors; nil: none is known
}

// keep remembers what keeps the floors if it is the best so far.
func (t *settler) keep(s *matching.Solution) {
	if t.best == nil || s.Value > t.best.Value {
		t.best = &matching.Solution{Flow: s.Flow, Value: s.Value}
	}
}

// A climb ends after so many tries, and when so many in a row after the first that keeps the floors bring nothing better. One
// that comes back to what it began at ends it at once: all is served, and a larger bonus says nothing new.
const (
	mostTries = 12
	idleTries = 2
)

func (t *settler) search(ctx context.Context) error {
	if t.whole.Charges == nil && t.in.Terms.Lots == nil {
		t.in.Rough = true // what keeps the floors is the best there is
		return t.climb(ctx, 1)
	}
	// The two climbs end in different places, and the better one counts.
	if err := t.climb(ctx, 2); err != nil || t.in.Rough && t.best != nil {
		return err
	}
	return t.climb(ctx, 1)
}

// climb raises the bonus for serving what the floors ask for, each try from what the last one came to: units that lack
// cost little more than their bonus then, and trips that nearly pay for themselves are found before others. Where a try
// changes nothing the bonus leaps, by its leap'th part beyond a quarter.
func (t *settler) climb(ctx context.Context, leap int64) error {
	bonus := int64(1)
	for _, b := range t.in.Bonuses {
		bonus += b
	}
	var own *matching.Solution // the best of this climb that keeps the floors
	last := t.start
	for try, idle := 0, 0; try < mostTries && idle < idleTries; try++ {
		flows, err := t.try(ctx, bonus, last)
		if err != nil {
			return err
		}
		kept := keeps(t.floors, t.whole, flows)
		if kept && own != nil && slices.Equal(flows, last) {
			return nil
		}
		if own != nil {
			idle++
		}
		found := &matching.Solution{Flow: flows, Value: Worth(t.whole, flows)}
		if kept && (own == nil || found.Value > own.Value) {
			own, idle = found, 0
			t.keep(own)
			if t.in.Rough {
				return nil
			}
		}
		step := max(bonus/4, 1)
		if slices.Equal(reached(t.floors, t.whole, flows), reached(t.floors, t.whole, last)) {
			step += bonus / leap
		}
		bonus, last = bonus+step, flows
	}
	return nil
}

// try searches at a bonus, once: both climbs begin alike, and so does settling in earnest after a rough one.
func (t *settler) try(ctx context.Context, bonus int64, from []matching.EdgeFlow) ([]matching.EdgeFlow, error) {
	for _, known := range t.in.Tried.list {
		if known.bonus == bonus && slices.Equal(known.from, from) {
			return known.to, nil
		}
	}
	flows, err := t.allocate(ctx, t.with(bonus), from)
	if err == nil && ctx.Err() == nil {
		t.in.Tried.list = append(t.in.Tried.list, try{bonus, from, flows})
	}
	return flows, err
}

// keeps says whether an allocation keeps all floors.
func keeps(floors []Floor, p *matching.Problem, flows []matching.EdgeFlow) bool {
	for f, units := range reached(floors, p, flows) {
		if units < floors[f].Least {
			return false
		}
	}
	return true
}

// exceeds says whether an allocation collects a bonus for units that no floor asks for.
func exceeds(floors []Floor, bonuses []int64, p *matching.Problem, flows []matching.EdgeFlow) bool {
	for f, units := range reached(floors, p, flows) {
		if units > floors[f].Least && bonuses[f] > 0 {
			return true
		}
	}
	return false
}

// reached is the units that each floor's group gets.
func reached(floors []Floor, p *matching.Problem, flows []matching.EdgeFlow) []int64 {
	units := make([]int64, len(floors))
	for _, flow := range flows {
		for f := range floors {
			if floors[f].CountsPair(flow.Need, p.Edges[flow.Edge].Resource) {
				units[f] += flow.Quantity
			}
		}
	}
	return units
}

// allocate searches the components of the reserve that hold groups, from an allocation of the whole on; all else stays as
// it is at the start.
func (t *settler) allocate(ctx context.Context, p *matching.Problem, known []matching.EdgeFlow) ([]matching.EdgeFlow, error) {
	lots := t.in.Terms.Lots
	part := matching.NewPart(p, t.concerned(p))
	place := make([]int32, len(t.whole.Edges)) // of each edge in the part, from 1
	back := make([]int32, len(part.Edges))
	own := charges.Terms{}
	if lots != nil {
		own.Lots = make([]int64, len(part.Edges))
	}
	for i := range part.Needs {
		for k := part.RowStart[i]; k < part.RowStart[i+1]; k++ {
			back[k] = t.edge[part.WholeEdge(p, int32(i), k)]
			if back[k] >= 0 {
				place[back[k]] = k + 1
			}
			if own.Lots != nil {
				own.Lots[k] = 1
				switch {
				case back[k] < 0:
				case lots[back[k]] > part.NeedQuantity[i]: // of a need that was split
					part.Edges[k].Value = 0
				default:
					own.Lots[k] = lots[back[k]]
				}
			}
		}
	}
	searched := map[int32]bool{} // resources; those that only pairs lead to which cannot be used are in other components
	for _, e := range part.Edges {
		if e.Value > 0 {
			searched[part.Resources[e.Resource]] = true
		}
	}
	var flows []matching.EdgeFlow
	for _, f := range t.start {
		// A pair outside whose resource is searched was worth something only with a bonus that no floor asks for.
		if place[f.Edge] == 0 && !searched[t.whole.Edges[f.Edge].Resource] {
			flows = append(flows, f)
		}
	}
	own.Known = t.known(part, place, known)
	s, err := charges.SolveTerms(ctx, &part.Problem, own, matching.Options{Workers: t.in.Workers})
	if err != nil {
		return nil, err
	}
	for _, f := range s.Flow {
		if edge := back[f.Edge]; edge >= 0 {
			flows = append(flows, matching.EdgeFlow{Edge: edge, Need: t.rows[part.Needs[f.Need]].need, Quantity: f.Quantity})
		}
	}
	slices.SortFunc(flows, func(a, b matching.EdgeFlow) int { return cmp.Compare(a.Edge, b.Edge) })
	return flows, nil
}

// concerned is the needs, ascending, of the components that hold groups.
func (v *reserve) concerned(p *matching.Problem) []int32 {
	var needs []int32
	for _, component := range matching.Components(p) {
		if slices.ContainsFunc(component, func(i int32) bool { return v.home[i] >= 0 }) {
			needs = append(needs, component...)
		}
	}
	slices.Sort(needs)
	return needs
}

// known is an allocation of the whole as one of the part, with what goes unserved served by the stand-ins as far as they
// reach.
func (v *reserve) known(part *matching.Part, place []int32, flows []matching.EdgeFlow) []matching.EdgeFlow {
	var known []matching.EdgeFlow
	left := slices.Clone(part.NeedQuantity)
	needOf := make([]int32, len(part.Edges))
	for i := range part.Needs {
		for k := part.RowStart[i]; k < part.RowStart[i+1]; k++ {
			needOf[k] = int32(i)
		}
	}
	for _, f := range flows {
		if at := place[f.Edge] - 1; at >= 0 {
			known = append(known, matching.EdgeFlow{Edge: at, Need: needOf[at], Quantity: f.Quantity})
			left[needOf[at]] -= f.Quantity
		}
	}
	slack := slices.Clone(part.ResourceQuantity)
	for i, whole := range part.Needs { // rows come before groups, smaller groups before larger ones
		if v.home[whole] < 0 {
			continue
		}
		for k := part.RowStart[i]; k < part.RowStart[i+1]; k++ {
			r := part.Edges[k].Resource
			if int(part.Resources[r]) < len(v.whole.ResourceQuantity) {
				continue
			}
			if units := min(left[i], slack[r]); units > 0 {
				known = append(known, matching.EdgeFlow{Edge: k, Need: int32(i), Quantity: units})
				left[i], slack[r] = left[i]-units, slack[r]-units
			}
		}
	}
	return known
}
