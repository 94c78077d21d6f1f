package fairness

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
)

// mostSettled is how often Settle tries with a higher bonus for serving what a floor asks for.
const mostSettled = 6

// Settle changes an allocation that bonuses have led to, so that every floor is kept by as little as it asks for and the
// allocation is worth as much as can be found. Bonuses move whole allocations where pairs are tied, and whole trips: they
// leave floors exceeded, or just missed. The components that a floor's groups are in are searched once more, as the
// reserve of the floors; nothing else changes. Without trip charges and lots the result is the best there is.
//
// The problem is without bonuses, and so is the value that the solution has then; its prices and bound stay as they are.
// An allocation is only ever replaced by one that keeps the floors and is worth more, or that keeps them where it did not.
func Settle(ctx context.Context, p *matching.Problem, terms charges.Terms, floors []Floor, bonuses []int64, s *matching.Solution, workers int) error {
	s.Value = worth(p, s)
	active, _ := asking(floors)
	v := newReserve(p, active)
	kept := keeps(active, p, s.Flow)
	if len(active) == 0 || kept && !exceeds(floors, bonuses, p, s.Flow) {
		return nil
	}
	if !v.exact {
		if !kept {
			return nil // nothing says how what is there should be shared out
		}
		v = v.restricted(active, s.Flow)
	}
	highest := int64(0)
	for _, b := range bonuses {
		highest += b
	}
	terms.Known = s.Flow
	for bonus, try := highest+highest/4+1, 0; try < mostSettled; bonus, try = bonus*4, try+1 {
		flows, err := v.search(ctx, v.with(bonus), terms, s.Flow, workers)
		if err != nil {
			return fmt.Errorf("settle floors: %w", err)
		}
		if !keeps(active, p, flows) {
			continue
		}
		found := matching.Solution{Flow: flows}
		if value := worth(p, &found); value > s.Value || !kept {
			s.Flow, s.Value = flows, value
		}
		break
	}
	return nil
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

// search allocates the components of the reserve that hold groups; all else stays as it is in old.
func (v *reserve) search(
	ctx context.Context, p *matching.Problem, terms charges.Terms, old []matching.EdgeFlow, workers int,
) ([]matching.EdgeFlow, error) {
	part := matching.NewPart(p, v.concerned(p))
	place := make([]int32, len(v.whole.Edges)) // of each edge in the part, from 1
	back := make([]int32, len(part.Edges))
	own := charges.Terms{}
	if terms.Lots != nil {
		own.Lots = make([]int64, len(part.Edges))
	}
	for i := range part.Needs {
		for k := part.RowStart[i]; k < part.RowStart[i+1]; k++ {
			back[k] = v.edge[part.WholeEdge(p, int32(i), k)]
			if back[k] >= 0 {
				place[back[k]] = k + 1
			}
			if own.Lots != nil {
				own.Lots[k] = 1
				switch {
				case back[k] < 0:
				case terms.Lots[back[k]] > part.NeedQuantity[i]: // of a need that was split
					part.Edges[k].Value = 0
				default:
					own.Lots[k] = terms.Lots[back[k]]
				}
			}
		}
	}
	var flows []matching.EdgeFlow
	for _, f := range old {
		if place[f.Edge] == 0 {
			flows = append(flows, f)
		}
	}
	own.Known = v.known(part, place, terms.Known)
	s, err := charges.SolveTerms(ctx, &part.Problem, own, matching.Options{Workers: workers})
	if err != nil {
		return nil, err
	}
	for _, f := range s.Flow {
		if edge := back[f.Edge]; edge >= 0 {
			flows = append(flows, matching.EdgeFlow{Edge: edge, Need: v.rows[part.Needs[f.Need]].need, Quantity: f.Quantity})
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
