package candidates

import (
	"math"
	"math/bits"
	"slices"

	"github.com/city-resource-graph/crg/city"
)

// grid holds the offers of one leaf, layer by layer.
type grid struct {
	leaf    city.Leaf
	index   int32 // of the grid
	charge  TripCharge
	success int64 // in millionths
	total   int64 // resources of the leaf, those without a place or quantity included
	spent   int64 // of total: those without quantity

	offers  []offer
	glances []glance // parallel to the offers
	layers  []layer
}

// layer holds offers of about the same quantity in the order of the cells of a uniform grid. What a pair can carry
// spreads its trip charge, so that the layer of the large offers is looked at first and spares most of the others.
type layer struct {
	first  int32   // offer
	start  []int32 // cells+1; the offers of cell k are those from start[k] to start[k+1] of the grid
	low    place   // south-west corner
	side   int64   // of a cell, decimetres
	nx, ny int64

	mostWorth, leastCost, mostLeft int64 // over all offers: bounds of what an unseen one can be
	mostReach, mostLot             int64
}

const (
	offersPerCell  = 4
	smallestCell   = 500 // decimetres
	mostCells      = 1 << 22
	layersPerGrid  = 4
	offersPerLayer = 256 // at least, on average: small grids have fewer layers
)

// place gives the resources of leaf k their slots.
func (g *grid) place(members []int32, left []int64, at []spotted, spots []spot, k int32) {
	g.offers, g.glances = make([]offer, len(members)), make([]glance, len(members))
	first := int32(0)
	for _, members := range byQuantity(members, left) {
		l := layer{first: first}
		l.place(members, at, spots, k)
		g.layers = append(g.layers, l)
		first += int32(len(members))
	}
}

// byQuantity splits resources at the halves of the largest quantity, the largest first. Each part keeps their order.
func byQuantity(members []int32, left []int64) [][]int32 {
	most := int64(0)
	for _, r := range members {
		most = max(most, left[r])
	}
	layers := min(len(members)/offersPerLayer+1, layersPerGrid)
	parts := make([][]int32, layers)
	for _, r := range members {
		k := min(bits.Len64(uint64(most/left[r]))-1, layers-1)
		parts[k] = append(parts[k], r)
	}
	return slices.DeleteFunc(parts, func(part []int32) bool { return len(part) == 0 })
}

// place gives resources their slots: sorted into cells by counting, within a cell in their own order, which is that of
// the snapshot.
func (l *layer) place(members []int32, at []spotted, spots []spot, k int32) {
	l.frame(members, at)
	cells := l.nx * l.ny
	l.start = make([]int32, cells+1)
	l.start[0] = l.first
	for _, r := range members {
		cell := l.cell(at[r].at)
		spots[r].slot = int32(cell)
		l.start[cell+1]++
	}
	for cell := range cells {
		l.start[cell+1] += l.start[cell]
	}
	next := slices.Clone(l.start[:cells])
	for _, r := range members {
		cell := spots[r].slot
		spots[r] = spot{k, next[cell]}
		next[cell]++
	}
}

// bound looks for the extremes of each layer's offers.
func (g *grid) bound() {
	for k := range g.layers {
		l := &g.layers[k]
		l.leastCost = math.MaxInt32
		for slot := l.first; slot < l.start[len(l.start)-1]; slot++ {
			o := &g.offers[slot]
			l.mostWorth = max(l.mostWorth, int64(o.worth))
			l.leastCost = min(l.leastCost, int64(o.cost))
			l.mostLeft = max(l.mostLeft, o.left)
			l.mostReach = max(l.mostReach, o.reach)
			l.mostLot = max(l.mostLot, o.lot)
		}
	}
}

// frame chooses the cell size so that a cell holds a few offers on average over the area that they span.
func (l *layer) frame(members []int32, at []spotted) {
	low, high := at[members[0]].at, at[members[0]].at
	for _, r := range members {
		p := at[r].at
		low.x, low.y = min(low.x, p.x), min(low.y, p.y)
		high.x, high.y = max(high.x, p.x), max(high.y, p.y)
	}
	width, height := int64(high.x)-int64(low.x)+1, int64(high.y)-int64(low.y)+1
	cells := float64(min(len(members)/offersPerCell+1, mostCells))
	l.low = low
	l.side = max(int64(math.Sqrt(float64(width)*float64(height)/cells)), smallestCell)
	for (width/l.side+1)*(height/l.side+1) > 2*mostCells { // a long thin strip
		l.side *= 2
	}
	l.nx, l.ny = width/l.side+1, height/l.side+1
}

func (l *layer) cell(p place) int64 {
	column, row := l.column(p), l.row(p)
	return min(max(row, 0), l.ny-1)*l.nx + min(max(column, 0), l.nx-1)
}

// column and row may lie outside the grid for a place that does.
func (l *layer) column(p place) int64 { return floorDiv(int64(p.x)-int64(l.low.x), l.side) }
func (l *layer) row(p place) int64    { return floorDiv(int64(p.y)-int64(l.low.y), l.side) }

// firstRing is the smallest ring around column x and row y that meets the grid.
func (l *layer) firstRing(x, y int64) int64 {
	return max(0, -x, x-l.nx+1, -y, y-l.ny+1)
}

// lastRing is the largest ring around column x and row y that still meets the grid.
func (l *layer) lastRing(x, y int64) int64 {
	return max(max(x, l.nx-1-x), max(y, l.ny-1-y), 0)
}

// gap is the least squared distance from p, which lies in column x and row y, to anything in ring r or beyond.
func (l *layer) gap(p place, x, y, r int64) int64 {
	if r == 0 {
		return 0
	}
	west := int64(p.x) - (int64(l.low.x) + x*l.side) // to the west edge of the own cell
	south := int64(p.y) - (int64(l.low.y) + y*l.side)
	inner := min(west, l.side-west, south, l.side-south)
	d := inner + (r-1)*l.side
	return d * d
}

// scanner is shown the offers of a grid, one run of neighbouring cells at a time, as positions in the grid.
type scanner interface{ scan(from, to int32) }

// scanRing shows the offers of ring r around p, which is in column x and row y, south to north, west to east. Cells that
// are farther away than a squared distance are left out where that costs little.
func (l *layer) scanRing(p place, x, y, r, within int64, s scanner) {
	beyond := func(column, row int64) bool {
		dx, dy := outside(int64(p.x)-int64(l.low.x), column, l.side), outside(int64(p.y)-int64(l.low.y), row, l.side)
		return dx*dx+dy*dy > within
	}
	for row := max(y-r, 0); row <= min(y+r, l.ny-1); row++ {
		if row == y-r || row == y+r {
			from, to := x-r, x+r
			for from < x && beyond(from, row) {
				from++
			}
			for to > x && beyond(to, row) {
				to--
			}
			if !beyond(x, row) {
				l.scanRun(row, from, to, s)
			}
			continue
		}
		if !beyond(x-r, row) {
			l.scanRun(row, x-r, x-r, s)
		}
		if !beyond(x+r, row) {
			l.scanRun(row, x+r, x+r, s)
		}
	}
}

// outside is how far a coordinate lies outside of cell k of a row of cells.
func outside(at, k, side int64) int64 { return max(k*side-at, at-(k+1)*side, 0) }

func (l *layer) scanRun(row, from, to int64, s scanner) {
	from, to = max(from, 0), min(to, l.nx-1)
	if from > to {
		return
	}
	if first, end := l.start[row*l.nx+from], l.start[row*l.nx+to+1]; first < end {
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
