package candidates

import (
	"fmt"
	"math"
	"slices"

	"github.com/city-resource-graph/crg/city"
)

// offer is a resource as the inner loop sees it: one cache line, stored in cell order of its category's grid.
type offer struct {
	at          place
	reach       int64  // squared service radius
	open        uint64 // calendar mask, prolonged by the longest travel
	through     uint64
	left        int64
	lot         int64 // smallest quantity of a match
	perish      int64 // seconds after now by which it must arrive
	worth       int32 // minor units per unit, with its condition
	cost        int32
	resource    int32
	kinds       uint8 // bit of each kind of participant that may take it
	temperature uint8 // bit of its temperature class
}

// want is a need as the inner loop sees it.
type want struct {
	at           place
	located      bool
	reach        int64 // squared largest distance
	open         uint64
	through      uint64
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
}

// Index is a snapshot made ready for searching. It keeps the snapshot and must not outlive changes to it.
type Index struct {
	snapshot *Snapshot
	travel   Travel
	days     calendar
	grids    []grid // by leaf
	wants    []want
	hours    [][]span // by resource
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
	offered, asked := c.survey(s.Resources), c.survey(s.Needs)
	c.days = newCalendar(horizon(s.Resources, offered))
	leaves := c.compileResources(offered, c.longestTravel(offered, asked))
	if err := c.compileNeeds(asked, leaves, wanted); err != nil {
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

// takeFixed notes open proposals, takes the quantity of fixed pins from both sides and refuses pins that ask for more than there is.
func (c *Index) takeFixed(resources, needs map[city.ListingID]int32) (wanted []int64, err error) {
	s := c.snapshot
	c.left, wanted = make([]int64, len(s.Resources)), make([]int64, len(s.Needs))
	for r := range s.Resources {
		c.left[r] = s.Resources[r].Left
	}
	for i := range s.Needs {
		wanted[i] = s.Needs[i].Left
	}
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
	for i := range s.Needs {
		if capacity := s.Needs[i].Need.StorageCapacity; capacity > 0 {
			wanted[i] = min(wanted[i], capacity)
		}
	}
	return wanted, nil
}

// compileResources fills the grids, one for each leaf, in the order of the leaves' names.
func (c *Index) compileResources(offered []spotted, longest int64) (leaves map[city.Leaf]int32) {
	s := c.snapshot
	c.hours, c.spots = make([][]span, len(s.Resources)), make([]spot, len(s.Resources))
	leaves = make(map[city.Leaf]int32, len(s.UnitValues))
	byLeaf := make([][]offer, len(s.UnitValues))
	for k, v := range s.UnitValues {
		leaves[v.Leaf] = int32(k)
		c.grids = append(c.grids, grid{leaf: v.Leaf, charge: v.Charge, success: s.Scoring.success(v.Leaf)})
	}
	for r := range s.Resources {
		c.spots[r], c.hours[r] = spot{grid: -1}, offered[r].spans
		leaf := leaves[s.Resources[r].Leaf]
		c.grids[leaf].total++
		if o, ok := c.offerOf(int32(r), &offered[r], s.UnitValues[leaf], longest); ok {
			byLeaf[leaf] = append(byLeaf[leaf], o)
			c.lots = c.lots || o.lot > 1
		}
	}
	for k := range c.grids {
		c.grids[k].build(byLeaf[k])
		for slot := range c.grids[k].offers {
			c.spots[c.grids[k].offers[slot].resource] = spot{int32(k), int32(slot)}
		}
	}
	return leaves
}

// offerOf compiles a resource; false when no need can ever take it.
func (c *Index) offerOf(r int32, spot *spotted, value UnitValue, longest int64) (offer, bool) {
	l := &c.snapshot.Resources[r]
	if !spot.located || c.left[r] == 0 {
		return offer{}, false
	}
	if radius := l.Resource.RadiusMetres; radius > 0 {
		longest = min(longest, c.travel.seconds(int64(radius))+1)
	}
	o := offer{
		at: spot.at, reach: reachSquared(l.Resource.RadiusMetres),
		open: c.days.mask(spot.spans, longest), through: c.days.through(spot.spans),
		left: c.left[r], lot: max(l.Resource.MinimumLot, 1), perish: math.MaxInt64,
		worth: worthOf(value, l.Resource.Condition), cost: int32(l.Resource.CostPerUnit),
		resource: r, kinds: receiverBits(l.Resource.ReceiverKinds), temperature: temperatureBit(l.Temperature),
	}
	if !l.Resource.Divisible {
		o.lot = max(o.lot, o.left)
	}
	if l.Resource.PerishBy != nil {
		o.perish = l.Resource.PerishBy.Unix() - c.snapshot.Now.Unix()
	}
	return o, true
}

// worthOf is the worth of one unit at a condition; a condition of 0 means that none was stated.
func worthOf(value UnitValue, condition float64) int32 {
	if condition <= 0 || condition > 1 {
		condition = 1
	}
	worth := value.Fixed + share(value.WithCondition, millionths(condition))
	return int32(min(max(worth, math.MinInt32), math.MaxInt32))
}

func (c *Index) compileNeeds(asked []spotted, leaves map[city.Leaf]int32, wanted []int64) error {
	s := c.snapshot
	own := make([]int32, len(s.UnitValues)) // one-element lists for needs without substitutes
	for k := range own {
		own[k] = int32(k)
	}
	wards := make(map[string]int64, len(s.Wards))
	for _, w := range s.Wards {
		wards[w.Ward] = w.Millionth
	}
	columns := columns{}
	c.wants = make([]want, len(s.Needs))
	for i := range s.Needs {
		l := &s.Needs[i]
		w := &c.wants[i]
		*w = want{
			need: int32(i), left: wanted[i], reach: reachSquared(l.Need.MaxDistanceMetres), budget: l.Need.BudgetPerUnit,
			lot: lotOfNeed(l.Need, wanted[i]), kind: kindBit(l.HolderKind), temperatures: acceptedTemperatures(l.Temperature), spans: asked[i].spans,
			equity: s.equityWeight(wards, l.Ward),
		}
		w.weight = min(share(s.Scoring.urgencyWeight(l.Need.Urgency), w.equity), maxWeight)
		c.lots = c.lots || w.lot > 1
		w.open, w.through = c.days.mask(w.spans, 0), c.days.through(w.spans)
		w.at, w.located = asked[i].at, asked[i].located
		if limit := reachSquared(c.travel.MaxDistanceMetres); limit < w.reach {
			w.reach = limit
		}
		if k, known := leaves[l.Leaf]; known {
			w.leaves = own[k : k+1 : k+1]
		}
		for _, leaf := range l.Need.Substitutes {
			if k, known := leaves[leaf]; known && !slices.Contains(w.leaves, k) {
				w.leaves = append(w.leaves, k)
			}
		}
		var err error
		if w.conditions, err = columns.compile(l.Need.Constraints, s.Resources); err != nil {
			return fmt.Errorf("need %s: %w", l.ID, err)
		}
	}
	return nil
}

// lotOfNeed is the least that a need takes at once: an indivisible one all that it wants, or what it can store.
func lotOfNeed(t *city.NeedTerms, wanted int64) int64 {
	if t.Indivisible {
		return max(wanted, t.MinimumLot, 1)
	}
	return max(t.MinimumLot, 1)
}

func (s *Snapshot) equityWeight(wards map[string]int64, ward string) int64 {
	if weight, known := wards[ward]; known {
		return weight
	}
	return million
}
