package matching

import "math"

// pricing remembers where the search for an improving edge goes on, and how far it looks at a time.
//
// Rows are priced whole and joined to blocks of about 0.25 x sqrt(edges) edges; the best edge of a block enters.
// A block grows while the pivots cost more than the search for them: a better edge then saves more than it costs.
type pricing struct {
	row      int32
	block    int64
	largest  int64
	nextLook int64 // pivots at which the balance of pivots and search is looked at again
}

const (
	blockFactor = 0.25 // of sqrt(edges); below 0.1 pivots multiply, above 1 the search dominates (measured)

	// What a pivot and the shift of one node cost, in edges priced (measured: 250 ns, 6 ns, 1 ns).
	pivotCost = 250
	shiftCost = 6
)

func (p *pricing) reset(edges int) {
	root := math.Sqrt(float64(edges))
	*p = pricing{block: int64(blockFactor*root) + 1, largest: int64(16*root) + 1, nextLook: adaptEvery}
}

const adaptEvery = 4096 // pivots

// adapt doubles the block if pivoting was the larger part of the work so far.
func (p *pricing) adapt(c *Counters) {
	p.nextLook = c.Pivots + adaptEvery
	if pivotCost*c.Pivots+shiftCost*c.NodesMoved > 2*c.EdgesPriced && 2*p.block <= p.largest {
		p.block *= 2
	}
}

// findEntering returns the best edge of the next block that has one. After a clean sweep over all needs it looks at
// the resources' own edges to the pool: a resource with a negative price leaves its partner.
func (s *simplex[Q, V]) findEntering() (entering, bool) {
	p := &s.pricing
	if s.counters.Pivots >= p.nextLook {
		p.adapt(&s.counters)
	}
	var best entering
	scanned := int64(0)
	row := p.row
	for left := s.needs; left > 0; left-- {
		scanned += s.priceRow(row, &best)
		if row++; row == s.needs {
			row = 0
		}
		if scanned >= p.block && best.gain > 0 {
			break
		}
	}
	p.row = row
	s.counters.EdgesPriced += scanned
	if best.gain > 0 {
		return best, true
	}
	return s.priceResources()
}

// priceRow improves best by the edges of one need, its edge to the pool included.
func (s *simplex[Q, V]) priceRow(i int32, best *entering) int64 {
	surplus := -s.nodes[i].potential
	top := surplus + best.gain
	head := none
	if top < 0 {
		top, head = 0, s.root() // leaving the market is worth 0
	}
	row := s.arcs[s.start[i]:s.start[i+1]]
	price := s.price
	for _, a := range row {
		if w := int64(a.value) - price[a.resource]; w > top {
			top, head = w, s.needs+a.resource
		}
	}
	if head != none {
		*best = entering{tail: i, head: head, gain: top - surplus}
	}
	return int64(len(row)) + 1
}

func (s *simplex[Q, V]) priceResources() (entering, bool) {
	var best entering
	for r, price := range s.price {
		if -price > best.gain {
			best = entering{tail: s.root(), head: s.needs + int32(r), gain: -price}
		}
	}
	s.counters.EdgesPriced += int64(s.resources)
	return best, best.gain > 0
}
