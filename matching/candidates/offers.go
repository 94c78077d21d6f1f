package candidates

import (
	"math"

	"github.com/city-resource-graph/crg/city"
)

// compileResources fills the grids, one for each leaf, in the order of the leaves' names.
func (c *Index) compileResources(longest int64) (leaves map[city.Leaf]int32) {
	s := c.snapshot
	leaves = make(map[city.Leaf]int32, len(s.UnitValues))
	for k, v := range s.UnitValues {
		leaves[v.Leaf] = int32(k)
		c.grids = append(c.grids, grid{leaf: v.Leaf, index: int32(k), charge: v.Charge, success: s.Scoring.success(v.Leaf)})
	}
	members := c.members(leaves)
	inChunks(len(c.grids), 1, func(from, _ int) { c.grids[from].place(members[from], c.left, c.offered, c.spots, int32(from)) })
	inChunks(len(s.Resources), chunkListings, func(from, to int) {
		for r := from; r < to; r++ {
			if at := c.spots[r]; at.grid >= 0 {
				g := &c.grids[at.grid]
				o := c.offerOf(int32(r), s.UnitValues[at.grid], longest)
				g.offers[at.slot], g.glances[at.slot] = o, o.glance()
			}
		}
	})
	inChunks(len(c.grids), 1, func(from, _ int) { c.grids[from].bound() })
	for k := range c.grids {
		for _, l := range c.grids[k].layers {
			c.lots = c.lots || l.mostLot > 1
		}
	}
	return leaves
}

// members lists the resources of each leaf that some need can take: those with a place and a quantity.
func (c *Index) members(leaves map[city.Leaf]int32) [][]int32 {
	resources := c.snapshot.Resources
	c.spots = make([]spot, len(resources))
	inChunks(len(resources), chunkListings, func(from, to int) {
		for r := from; r < to; r++ {
			c.spots[r] = spot{grid: leaves[resources[r].Leaf], slot: -1}
		}
	})
	for r := range c.spots {
		c.grids[c.spots[r].grid].total++
	}
	members := make([][]int32, len(c.grids))
	for k := range members {
		members[k] = make([]int32, 0, c.grids[k].total)
	}
	for r := range c.spots {
		leaf := c.spots[r].grid
		if c.left[r] == 0 {
			c.grids[leaf].spent++
		}
		if !c.offered[r].located || c.left[r] == 0 {
			c.spots[r].grid = -1
			continue
		}
		members[leaf] = append(members[leaf], int32(r))
	}
	return members
}

// offerOf compiles a resource that has a place and a quantity.
func (c *Index) offerOf(r int32, value UnitValue, longest int64) offer {
	l, spot := &c.snapshot.Resources[r], &c.offered[r]
	if radius := l.Resource.RadiusMetres; radius > 0 {
		longest = min(longest, c.travel.seconds(int64(radius))+1)
	}
	var open uint64
	spot.during, open = c.days.during(spot.spans, longest)
	o := offer{
		at: spot.at, reach: reachSquared(l.Resource.RadiusMetres),
		open: open, moments: c.days.moments(spot.spans, 0),
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
	return o
}

// worthOf is the worth of one unit at a condition; a condition of 0 means that none was stated.
func worthOf(value UnitValue, condition float64) int32 {
	if condition <= 0 || condition > 1 {
		condition = 1
	}
	worth := value.Fixed + share(value.WithCondition, millionths(condition))
	return int32(min(max(worth, math.MinInt32), math.MaxInt32))
}
