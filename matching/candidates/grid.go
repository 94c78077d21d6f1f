package candidates

import (
	"math"
	"slices"

	"github.com/city-resource-graph/crg/city"
)

// grid holds the offers of one leaf in the order of the cells of a uniform grid.
type grid struct {
	leaf    city.Leaf
	charge  TripCharge
	success int64 // in millionths
	total   int64 // resources of the leaf, those without a place or quantity included

	offers  []offer
	glances []glance // parallel to the offers
	start   []int32  // cells+1; the offers of cell k are offers[start[k]:start[k+1]]
	low     place    // south-west corner
	side    int64    // of a cell, decimetres
	nx, ny  int64

	mostWorth, leastCost, mostLeft int64 // over all offers: bounds of what an unseen one can be
	mostReach, mostLot             int64
}

const (
	offersPerCell = 4
	smallestCell  = 500 // decimetres
	mostCells     = 1 << 22
)

// place gives the resources of leaf k their slots: sorted into cells by counting, within a cell in their own order, which
// is that of the snapshot.
func (g *grid) place(members []int32, at []spotted, spots []spot, k int32) {
	if len(members) == 0 {
		return
	}
	g.offers, g.glances = make([]offer, len(members)), make([]glance, len(members))
	g.frame(members, at)
	cells := g.nx * g.ny
	g.start = make([]int32, cells+1)
	for _, r := range members {
		cell := g.cell(at[r].at)
		spots[r].slot = int32(cell)
		g.start[cell+1]++
	}
	for cell := range cells {
		g.start[cell+1] += g.start[cell]
	}
	next := slices.Clone(g.start[:cells])
	for _, r := range members {
		cell := spots[r].slot
		spots[r] = spot{k, next[cell]}
		next[cell]++
	}
}

// bound looks for the extremes of the offers.
func (g *grid) bound() {
	g.leastCost = math.MaxInt32
	for k := range g.offers {
		o := &g.offers[k]
		g.mostWorth = max(g.mostWorth, int64(o.worth))
		g.leastCost = min(g.leastCost, int64(o.cost))
		g.mostLeft = max(g.mostLeft, o.left)
		g.mostReach = max(g.mostReach, o.reach)
		g.mostLot = max(g.mostLot, o.lot)
	}
}

// frame chooses the cell size so that a cell holds a few offers on average over the area that they span.
func (g *grid) frame(members []int32, at []spotted) {
	low, high := at[members[0]].at, at[members[0]].at
	for _, r := range members {
		p := at[r].at
		low.x, low.y = min(low.x, p.x), min(low.y, p.y)
		high.x, high.y = max(high.x, p.x), max(high.y, p.y)
	}
	width, height := int64(high.x)-int64(low.x)+1, int64(high.y)-int64(low.y)+1
	cells := float64(min(len(members)/offersPerCell+1, mostCells))
	g.low = low
	g.side = max(int64(math.Sqrt(float64(width)*float64(height)/cells)), smallestCell)
	for (width/g.side+1)*(height/g.side+1) > 2*mostCells { // a long thin strip
		g.side *= 2
	}
	g.nx, g.ny = width/g.side+1, height/g.side+1
}

func (g *grid) cell(p place) int64 {
	column, row := g.column(p), g.row(p)
	return min(max(row, 0), g.ny-1)*g.nx + min(max(column, 0), g.nx-1)
}

// column and row may lie outside the grid for a place that does.
func (g *grid) column(p place) int64 { return floorDiv(int64(p.x)-int64(g.low.x), g.side) }
func (g *grid) row(p place) int64    { return floorDiv(int64(p.y)-int64(g.low.y), g.side) }

// lastRing is the largest ring around column x and row y that still meets the grid.
func (g *grid) lastRing(x, y int64) int64 {
	return max(max(x, g.nx-1-x), max(y, g.ny-1-y), 0)
}

// gap is the least squared distance from p, which lies in column x and row y, to anything in ring r or beyond.
func (g *grid) gap(p place, x, y, r int64) int64 {
	if r == 0 {
		return 0
	}
	west := int64(p.x) - (int64(g.low.x) + x*g.side) // to the west edge of the own cell
	south := int64(p.y) - (int64(g.low.y) + y*g.side)
	inner := min(west, g.side-west, south, g.side-south)
	d := inner + (r-1)*g.side
	return d * d
}

// scanner is shown the offers of a grid, one run of neighbouring cells at a time, as positions in the grid.
type scanner interface{ scan(from, to int32) }

// scanRing shows the offers of ring r around column x and row y, south to north, west to east.
func (g *grid) scanRing(x, y, r int64, s scanner) {
	for row := max(y-r, 0); row <= min(y+r, g.ny-1); row++ {
		if row == y-r || row == y+r {
			g.scanRun(row, x-r, x+r, s)
			continue
		}
		g.scanRun(row, x-r, x-r, s)
		g.scanRun(row, x+r, x+r, s)
	}
}

func (g *grid) scanRun(row, from, to int64, s scanner) {
	from, to = max(from, 0), min(to, g.nx-1)
	if from > to {
		return
	}
	if first, end := g.start[row*g.nx+from], g.start[row*g.nx+to+1]; first < end {
		s.scan(first, end)
	}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
