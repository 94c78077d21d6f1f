package candidates

import (
	"fmt"

	"github.com/city-resource-graph/crg/city"
)

// offer is a resource as a search sees it, in the cell order of its category's grid.
type offer struct {
	at          place
	reach       int64  // squared service radius
	open        uint64 // calendar mask, prolonged by the longest travel
	moments     bitset // at which it is open
	left        int64
	lot         int64 // smallest quantity of a match
	perish      int64 // seconds after now by which it must arrive
	worth       int32 // minor units per unit, with its condition
	cost        int32
	resource    int32
	kinds       uint8 // bit of each kind of participant that may take it
	temperature uint8 // bit of its temperature class
}

// want is a need as a search sees it.
type want struct {
	at           place
	located      bool
	reach        int64 // squared largest distance
	open         uint64
	moments      bitset // at which it is open for as long as its longest way takes
	during       bitset // in which it is open
	left         int64
	lot          int64 // smallest quantity of a match
	weight       int64 // urgency x equity in millionths
	equity       int64
	budget       int64
	need         int32
	kind         uint8 // bit of the holder's kind
	temperatures uint8 // bits of the classes that it can take
	leaves       []int32
	spans        []span
	conditions   []condition
	bonuses      []int64 // by leaf, of the floors of its ward; nil: none
}

// Index is a snapshot made ready for searching. It keeps the snapshot and must not outlive changes to it.
type Index struct {
	snapshot *Snapshot
	travel   Travel
	days     calendar
	grids    []grid // by leaf
	wants    []want
	offered  []spotted // by resource
	special  specials
	spots    []spot  // by resource: where its offer stands
	left     []int64 // by resource, after fixed pins
	fixed    []Fixed
	open     []Fixed // open proposals; their quantities are for the taking
	lots     bool    // some offer or need has a smallest lot
}

// spot is the place of a resource's offer in the grids; grid -1 for a resource that no grid holds.
type spot struct{ grid, slot int32 }

// NewIndex compiles a snapshot; it refuses one that Validate refuses, and pins that cannot be kept, by name.
func NewIndex(s *Snapshot) (*Index, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	c := &Index{snapshot: s, travel: s.Travel}
	var resources, needs map[city.ListingID]int32
	if len(s.Pins) > 0 {
		resources, needs = indexListings(s.Resources), indexListings(s.Needs)
	}
	var err error
	if c.special, err = newSpecials(s, resources, needs); err != nil {
		return nil, err
	}
	wanted, err := c.takeFixed(resources, needs)
	if err != nil {
		return nil, err
	}
	c.offered = c.survey(s.Resources)
	asked := c.survey(s.Needs)
	c.days = newCalendar(horizon(s.Resources, c.offered))
	longest := c.longestTravel(c.offered, asked)
	leaves := c.compileResources(longest)
	if err := c.compileNeeds(asked, leaves, wanted, longest); err != nil {
		return nil, err
	}
	return c, nil
}

func indexListings(listings []Listing) map[city.ListingID]int32 {
	index := make(map[city.ListingID]int32, len(listings))
	for i := range listings {
		index[listings[i].ID] = int32(i)
	}
	return index
}

// quantities are what is left of each listing.
func quantities(listings []Listing) []int64 {
	left := make([]int64, len(listings))
	inChunks(len(listings), chunkListings, func(from, to int) {
		for k := from; k < to; k++ {
			left[k] = listings[k].Left
		}
	})
	return left
}

// takeFixed notes open proposals, takes the quantity of fixed pins from both sides and refuses pins that ask for more than there is.
func (c *Index) takeFixed(resources, needs map[city.ListingID]int32) (wanted []int64, err error) {
	s := c.snapshot
	c.left, wanted = quantities(s.Resources), quantities(s.Needs)
	for _, pin := range s.Pins {
		if pin.Kind == PinForbidden {
			continue
		}
		resource, need, err := pin.indices(resources, needs)
		if err != nil {
			return nil, err
		}
		if pin.Kind == PinProposed {
			if pin.Quantity > 0 {
				c.open = append(c.open, Fixed{Need: need, Resource: resource, Quantity: pin.Quantity})
			}
			continue
		}
		if pin.Quantity < 1 || pin.Quantity > c.left[resource] || pin.Quantity > wanted[need] {
			return nil, fmt.Errorf("fixed pin %s - %s: quantity %d, but the resource has %d and the need wants %d",
				pin.Resource, pin.Need, pin.Quantity, c.left[resource], wanted[need])
		}
		c.left[resource] -= pin.Quantity
		wanted[need] -= pin.Quantity
		c.fixed = append(c.fixed, Fixed{Need: need, Resource: resource, Quantity: pin.Quantity})
	}
	inChunks(len(s.Needs), chunkListings, func(from, to int) {
		for i := from; i < to; i++ {
			if capacity := s.Needs[i].Need.StorageCapacity; capacity > 0 {
				wanted[i] = min(wanted[i], capacity)
			}
		}
	})
	return wanted, nil
}
