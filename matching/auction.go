package matching

import "math/bits"

// auction is the transportation version of Bertsekas' forward auction (Bertsekas and Castanon 1989) with epsilon
// scaling: needs bid for units of resources, a bid raises the price by at least epsilon, whoever is outbid bids again.
// It finds prices that are right up to epsilon, and an allocation to match, much faster than pivots do, and leaves the
// rest to them.
//
// Values are scaled by 2^shift, so that epsilon can be smaller than the smallest difference of values.
type auction[Q quantity, V value] struct {
	s      *simplex[Q, V]
	shift  uint
	price  []V // by id of a resource: the level of its cheapest lot; while units are unsold, the reserve
	market []market[Q]
	lots   lotArena[Q, V]
	left   []Q      // units that each need still wants
	active []uint64 // needs that want more, one bit each

	epsilon V
	bids    int64
}

// market is where the units of a resource are sold: some are unsold, the others are lots, held in a heap with the
// cheapest on top.
type market[Q quantity] struct {
	unsold Q
	lots   segment
}

func newAuction[Q quantity, V value](s *simplex[Q, V], shift uint) *auction[Q, V] {
	return &auction[Q, V]{
		s: s, shift: shift, price: make([]V, s.pool()), market: make([]market[Q], s.resources),
		left: make([]Q, s.needs), active: make([]uint64, (s.needs+63)/64),
	}
}

// begin empties the market and lowers the prices, which become reserves.
func (a *auction[Q, V]) begin(epsilon, lower V) {
	a.epsilon = epsilon
	for r := range a.market {
		id := a.s.needs + int32(r)
		a.market[r].unsold = a.s.quantity[id]
		a.market[r].lots.size = 0
		a.price[id] = max(0, a.price[id]-lower)
	}
	for i := range a.left {
		a.left[i] = a.s.quantity[i]
		a.active[i>>6] |= 1 << (i & 63)
	}
}

// run lets needs bid, always in their order, until nobody wants more. It reports false if the meter stopped it.
func (a *auction[Q, V]) run(m *meter) bool {
	for found := true; found; {
		found = false
		for w := range a.active {
			before := a.bids
			for a.active[w] != 0 {
				bit := bits.TrailingZeros64(a.active[w])
				a.active[w] &^= 1 << bit
				a.serve(int32(w<<6 + bit))
				found = true
			}
			if m.done(a.bids - before) {
				return false
			}
		}
	}
	return true
}

// handOut gives what is unsold to needs that want more, the most valuable first: for an auction that was stopped.
func (a *auction[Q, V]) handOut() {
	for i := range a.s.needs {
		row := a.s.row(i)
		for a.left[i] > 0 {
			best := none
			for k := range row {
				if a.market[row[k].resource-a.s.needs].unsold > 0 && (best == none || row[k].value > row[best].value) {
					best = int32(k)
				}
			}
			if best == none {
				break
			}
			m := &a.market[row[best].resource-a.s.needs]
			units := min(a.left[i], m.unsold)
			m.unsold -= units
			a.left[i] -= units
			a.lots.push(&m.lots, lot[Q, V]{need: i, units: units})
		}
	}
}

// serve lets a need bid until it has what it wants or nothing is worth its price.
func (a *auction[Q, V]) serve(i int32) {
	price, shift := a.price, a.shift
	row := a.s.near(i)
	for a.left[i] > 0 {
		a.bids++
		best, second, at := V(0), V(0), none
		for k := range row {
			w := row[k].value<<shift - price[row[k].resource]
			second = max(second, min(best, w))
			if w > best {
				best, at = w, int32(k)
			}
		}
		if at == none {
			a.left[i] = 0
			return
		}
		a.buy(i, row[at].resource, best-second)
	}
}

// buy takes unsold units first, then the cheapest lots, as long as they are better than the second choice.
func (a *auction[Q, V]) buy(i, r int32, margin V) {
	m := &a.market[r-a.s.needs]
	most := a.price[r] + margin
	want := a.left[i]
	got := min(want, m.unsold)
	m.unsold -= got
	for got < want && m.lots.size > 0 {
		l := a.lots.top(&m.lots)
		if l.level > most {
			break
		}
		take := min(want-got, l.units)
		got += take
		a.left[l.need] += take
		a.active[l.need>>6] |= 1 << (l.need & 63)
		if l.units -= take; l.units == 0 {
			a.lots.pop(&m.lots)
		}
	}
	a.left[i] -= got
	if a.left[i] == 0 {
		a.active[i>>6] &^= 1 << (i & 63)
	}
	if got > 0 {
		a.lots.push(&m.lots, lot[Q, V]{level: most + a.epsilon, need: i, units: got})
	}
	if m.unsold == 0 {
		a.price[r] = a.lots.top(&m.lots).level
	}
}

// prune moves the edges that are far from being anybody's choice behind the end of their rows.
func (a *auction[Q, V]) prune(slack V) (kept int) {
	s, price, shift := a.s, a.price, a.shift
	for i := range s.needs {
		row := s.near(i)
		best := V(0)
		for k := range row {
			best = max(best, row[k].value<<shift-price[row[k].resource])
		}
		least := best - slack
		n := 0
		for k := range row {
			if row[k].value<<shift-price[row[k].resource] >= least {
				row[k], row[n] = row[n], row[k]
				n++
			}
		}
		s.end[i] = s.start[i] + int32(n)
		kept += n
	}
	return kept
}
