package matching

import (
	"math"
	"math/bits"
)

// pricing is the search for edges that improve the allocation.
//
// An edge can only begin to improve it when the surplus of its need or the price of its resource falls. So the needs
// and resources whose potential moved that way since they were last found clean are marked, and only their edges are
// looked at: a need's row, a resource's column. Marks are visited in turn, joined to blocks of about 0.25 x sqrt(edges)
// edges; the best edge of a block enters.
type pricing[V value] struct {
	marks  []uint64 // one bit per id
	cursor int      // id where the search goes on
	block  int64

	columnStart []int32 // by resource
	columns     []column[V]
}

// column is an edge as its resource sees it.
type column[V value] struct {
	need  int32
	value V
}

const blockFactor = 0.25 // of sqrt(edges); below 0.1 pivots multiply, above 1 the search dominates (measured)

// leastInWord is how many edges end a block within a word of marks: where rows are long, 64 of them are too many.
const leastInWord = 4096

// startPricing marks all needs, and the resources with a negative price.
func (s *simplex[Q, V]) startPricing() {
	p := &s.pricing
	p.marks = grab(&p.marks, int(s.pool()>>6+1))
	p.cursor = 0
	for i := range s.needs {
		s.mark(i)
	}
	for r := s.needs; r < s.pool(); r++ {
		if s.potential[r] < 0 {
			s.mark(r)
		}
	}
	s.buildColumns()
}

// buildColumns lists the near edges by resource, none if the search is stopped.
func (s *simplex[Q, V]) buildColumns() {
	p := &s.pricing
	p.columnStart = grab(&p.columnStart, int(s.resources+2))
	near := int32(0)
	for i := range s.needs {
		if s.meter.done(int64(s.end[i] - s.start[i])) {
			break
		}
		for _, e := range s.near(i) {
			p.columnStart[e.resource-s.needs+2]++
		}
		near += s.end[i] - s.start[i]
	}
	for r := range s.resources {
		p.columnStart[r+2] += p.columnStart[r+1]
	}
	p.columns = grab(&p.columns, int(near))
	for i := range s.needs {
		if s.meter.done(int64(s.end[i] - s.start[i])) {
			clear(p.columnStart)
			break
		}
		for _, e := range s.near(i) {
			at := &p.columnStart[e.resource-s.needs+1]
			p.columns[*at] = column[V]{need: i, value: e.value}
			*at++
		}
	}
	p.block = int64(blockFactor*math.Sqrt(float64(near))) + 1
}

func (s *simplex[Q, V]) mark(id int32) { s.pricing.marks[id>>6] |= 1 << (id & 63) }

// findEntering returns the best edge of the next block that has one. None is left when every mark was found clean.
func (s *simplex[Q, V]) findEntering() (entering, bool) {
	p := &s.pricing
	var best entering
	scanned, told := int64(0), int64(0)
	at, rest := p.cursor, ^uint64(0)<<(p.cursor&63)
	inWord := max(p.block, leastInWord)
search:
	for left := len(p.marks) + 1; left > 0; left-- { // of the word where it begins first the rest, at the end all
		word := at >> 6
		for m := p.marks[word] & rest; m != 0; m &= m - 1 {
			bit := bits.TrailingZeros64(m)
			var clean bool
			id := int32(word<<6 + bit)
			if id < s.needs {
				clean = s.priceRow(id, &best)
				scanned += int64(s.end[id] - s.start[id])
			} else {
				clean = s.priceColumn(id, &best)
				scanned += int64(p.columnStart[id-s.needs+1] - p.columnStart[id-s.needs])
			}
			if clean {
				p.marks[word] &^= 1 << bit
			}
			if scanned >= inWord && best.gain > 0 {
				at = int(id) + 1
				break search
			}
		}
		rest = ^uint64(0)
		if word++; word == len(p.marks) {
			word = 0
		}
		at = word << 6
		if scanned >= p.block {
			if best.gain > 0 || s.meter.done(scanned-told) {
				break
			}
			told = scanned
		}
	}
	p.cursor = at
	s.meter.count(scanned - told)
	s.counters.EdgesPriced += scanned
	return best, best.gain > 0
}

// priceRow improves best by the edges of one need, its edge to the pool included. It reports whether none of them
// improves the allocation.
func (s *simplex[Q, V]) priceRow(i int32, best *entering) (clean bool) {
	potential := s.potential
	surplus := -potential[i]
	top, head := surplus, none
	if surplus < 0 {
		top, head = 0, s.pool() // leaving the market is worth 0
	}
	for _, a := range s.near(i) {
		if w := int64(a.value) - potential[a.resource]; w > top {
			top, head = w, a.resource
		}
	}
	if top-surplus > best.gain {
		*best = entering{tail: i, head: head, gain: top - surplus}
	}
	return head == none
}

// priceColumn is priceRow for a resource.
func (s *simplex[Q, V]) priceColumn(r int32, best *entering) (clean bool) {
	p := &s.pricing
	potential := s.potential
	price := potential[r]
	top, tail := price, none
	if price < 0 {
		top, tail = 0, s.pool() // staying unused costs 0
	}
	for _, c := range p.columns[p.columnStart[r-s.needs]:p.columnStart[r-s.needs+1]] {
		if w := int64(c.value) + potential[c.need]; w > top {
			top, tail = w, c.need
		}
	}
	if top-price > best.gain {
		*best = entering{tail: tail, head: r, gain: top - price}
	}
	return tail == none
}

// widen takes edges that were thought far from mattering, but would improve the allocation, into their rows. It reports
// whether there is anything left to do, as there is if the search was stopped.
func (s *simplex[Q, V]) widen() bool {
	found := false
	for i := range s.needs {
		if s.meter.done(int64(s.start[i+1] - s.end[i])) {
			return true
		}
		surplus := -s.potential[i]
		for k := s.end[i]; k < s.start[i+1]; k++ {
			if e := s.arcs[k]; int64(e.value)-s.potential[e.resource] > surplus {
				s.arcs[k], s.arcs[s.end[i]] = s.arcs[s.end[i]], e
				s.end[i]++
				s.mark(i)
				found = true
			}
		}
	}
	if found {
		s.buildColumns()
	}
	return found
}
