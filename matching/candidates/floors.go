package candidates

import (
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/fairness"
)

// Floor is what the needs of some wards are to get, and the bonus that sees to it: every unit of what counts scores so
// much more if it goes to one of them. The bonus is nobody's benefit. It is a Lagrange multiplier, the price of the floor's
// last unit; package fairness finds it.
type Floor struct {
	city.Floor
	Leaves []city.Leaf `json:"leaves"` // whose units count
	Least  int64       `json:"least"`  // units, agreed matches included
	Bonus  int64       `json:"bonus"`  // minor units per unit
}

// Counts says whether units of a leaf count for the floor.
func (f *Floor) Counts(leaf city.Leaf) bool { return slices.Contains(f.Leaves, leaf) }

// validateFloors refuses bonuses that a score could not hold.
func (s *Snapshot) validateFloors() error {
	sum := int64(0)
	for k := range s.Floors {
		f := &s.Floors[k]
		if f.Least < 0 || f.Bonus < 0 || f.Bonus > MaxBonus {
			return fmt.Errorf("floor %d: least %d at a bonus of %d, want 0 or more and 0..%d", k, f.Least, f.Bonus, MaxBonus)
		}
		sum += f.Bonus
	}
	if sum > MaxBonus {
		return fmt.Errorf("floors: bonuses of %d minor units together, want at most %d", sum, MaxBonus)
	}
	return nil
}

// bonuses adds up what a unit of each leaf scores more in each ward. Wards where it is nothing are left out.
func (s *Snapshot) bonuses() map[string][]int64 {
	of := map[string][]int64{}
	for k := range s.Floors {
		f := &s.Floors[k]
		for _, ward := range f.Wards {
			if f.Bonus > 0 && of[ward] == nil {
				of[ward] = make([]int64, len(s.UnitValues))
			}
			for leaf, v := range s.UnitValues {
				if f.Bonus > 0 && f.Counts(v.Leaf) {
					of[ward][leaf] += f.Bonus
				}
			}
		}
	}
	return of
}

func (w *want) bonusOf(leaf int32) int64 {
	if w.bonuses == nil {
		return 0
	}
	return w.bonuses[leaf]
}

// Bonus is the part of a pair's score that is there for floors alone.
func (c *Index) Bonus(need, resource int32) int64 {
	at := c.spots[resource]
	if at.grid < 0 {
		return 0
	}
	return c.wants[need].bonusOf(at.grid)
}

// For says whether a unit of a resource that goes to a need counts for the floor.
func (f *Floor) For(need, resource *Listing) bool {
	return f.Covers(need.Ward) && f.Counts(resource.Leaf)
}

// Agreed is what the matches that somebody has agreed to give the floor already.
func (f *Floor) Agreed(s *Snapshot) int64 {
	return f.pinned(s, func(p *Pin) bool { return p.Kind == PinFixed })
}

// Open is what open proposals of a run promise the floor.
func (f *Floor) Open(s *Snapshot, run city.RunID) int64 {
	return f.pinned(s, func(p *Pin) bool { return p.Kind == PinProposed && p.Match.Run == run })
}

// pinned adds up what some pins give to the floor.
func (f *Floor) pinned(s *Snapshot, which func(*Pin) bool) int64 {
	units := int64(0)
	ends := s.ends()
	for k := range s.Pins {
		pin := &s.Pins[k]
		if !which(pin) {
			continue
		}
		if need, resource := ends[pin.Need], ends[pin.Resource]; need != nil && resource != nil && f.For(need, resource) {
			units += pin.Quantity
		}
	}
	return units
}

// ends finds the listings that pins bind.
func (s *Snapshot) ends() map[city.ListingID]*Listing {
	pinned := map[city.ListingID]*Listing{}
	for _, pin := range s.Pins {
		pinned[pin.Need], pinned[pin.Resource] = nil, nil
	}
	for _, list := range [][]Listing{s.Needs, s.Resources} {
		for i := range list {
			if _, asked := pinned[list[i].ID]; asked {
				pinned[list[i].ID] = &list[i]
			}
		}
	}
	return pinned
}

// Ask turns what is asked for, with the leaves that count, into units: of what the needs want and what there is to give,
// agreed matches included. What exceeds either cannot be kept, and wanted and offered say so.
func (s *Snapshot) Ask(asked city.Floor, leaves []city.Leaf) (floor Floor, wanted, offered int64) {
	floor.Floor, floor.Leaves = asked, leaves
	takes := func(l *Listing) bool {
		return floor.Counts(l.Leaf) || slices.ContainsFunc(l.Need.Substitutes, floor.Counts)
	}
	for i := range s.Needs {
		if l := &s.Needs[i]; asked.Covers(l.Ward) && takes(l) {
			wanted += l.Left
		}
	}
	for r := range s.Resources {
		if l := &s.Resources[r]; floor.Counts(l.Leaf) {
			offered += l.Left
		}
	}
	switch {
	case asked.ShareOfNeed > 0:
		floor.Least = fairness.Share(wanted, asked.ShareOfNeed)
	case asked.ShareOfOffers > 0:
		floor.Least = fairness.Share(offered, asked.ShareOfOffers)
	default:
		floor.Least = asked.Quantity
	}
	return floor, wanted, offered
}
