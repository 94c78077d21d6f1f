package explain

import (
	"fmt"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/live"
)

// FloorKept is the reason of a need whose bonus counts no more: the needs of its ward have what their floor asks for.
const FloorKept Reason = "floor_kept"

// Floor is what some needs are to get together, and the bonus by which they do. It is part of the problem's values.
type Floor struct {
	Title          string // "food for ward 7"
	Bonus          int64  // minor units per unit
	Least, Reached int64
	For            func(need, resource int32) bool
}

// Lack is what a floor would be short of.
type Lack struct {
	Floor string `json:"floor"`
	Units int64  `json:"units"`
}

// spare is the bonus of all that floors get beyond what they ask for. No price proves anything of that.
func (e *Explainer) spare() (spare int64) {
	for k := range e.Floors {
		f := &e.Floors[k]
		spare += f.Bonus * max(0, f.Reached-f.Least)
	}
	return spare
}

// moved says what moves mean for floors: the bonuses of all units that they get more, less those of what they get less; whether
// any bonus is gained or lost; and which of them would be short then, for even one without a bonus may be kept just so.
func (e *Explainer) moved(moves []live.Move) (bonuses int64, touched bool, lacks []Lack) {
	for k := range e.Floors {
		f := &e.Floors[k]
		more := int64(0)
		for _, m := range moves {
			if f.For(m.Need, m.Resource) {
				more += m.After - m.Before
			}
		}
		if short := f.Least - f.Reached - more; short > 0 {
			lacks = append(lacks, Lack{f.Title, short})
		}
		bonuses, touched = bonuses+f.Bonus*more, touched || more != 0 && f.Bonus > 0
	}
	return bonuses, touched, lacks
}

// floorsOf takes the floors out of the snapshot that a problem was made from.
func floorsOf(index *candidates.Index, p *matching.Problem, s *matching.Solution) []Floor {
	flows := make([]candidates.Flow, len(s.Flow))
	for k, f := range s.Flow {
		flows[k] = candidates.Flow{Need: f.Need, Resource: p.Edges[f.Edge].Resource, Quantity: f.Quantity}
	}
	kept := index.Kept(flows)
	floors := make([]Floor, len(kept))
	for k := range kept {
		f := &kept[k]
		floors[k] = Floor{Title: f.Title(), Bonus: f.Bonus, Least: f.Least, Reached: f.Reached, For: index.Counts(&f.Floor)}
	}
	return floors
}

// bonus is the part of a pair's value that is there for floors alone.
func (e *Explainer) bonus(need, resource int32) int64 {
	sum := int64(0)
	for k := range e.Floors {
		if f := &e.Floors[k]; f.Bonus > 0 && f.For(need, resource) {
			sum += f.Bonus
		}
	}
	return sum
}

// keptFloor finds a floor that has what it asks for and whose bonus would lead a unit of the resource to the need.
func (e *Explainer) keptFloor(need int32, r rival) (*Floor, bool) {
	for k := range e.Floors {
		f := &e.Floors[k]
		if f.Bonus > r.short && f.Reached >= f.Least && f.For(need, r.resource) {
			return f, true
		}
	}
	return nil, false
}

// keptSentence says that a bonus has done what it is for.
func (e *Explainer) keptSentence(n *Need, r Rival, f *Floor) string {
	return fmt.Sprintf("%s gets %d of %d. The floor of %s is kept (%d of %d), so that its bonus of %s a unit counts no more: "+
		"without it a unit of %s is worth %s here, but %s to the others.",
		n.Need, n.Got, n.Wanted, f.Title, f.Reached, f.Least, e.Money(f.Bonus), r.Resource, e.Money(r.Worth-f.Bonus), e.Money(r.Elsewhere))
}

// ofBonus says how much of an amount is bonus; nothing where none is.
func (e *Explainer) ofBonus(bonus int64) string {
	if bonus == 0 {
		return ""
	}
	return fmt.Sprintf(", %s of it the bonus of a floor", e.Money(bonus))
}
