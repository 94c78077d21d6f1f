package matching

import (
	"math"
	"math/bits"
)

// auction is the transportation version of Bertsekas' forward auction (Bertsekas and Castanon 1989) with epsilon
// scaling: needs bid for units of resources, a bid raises the price by at least epsilon, whoever is outbid bids again.
// It finds prices that are right up to epsilon, and an allocation to match, much faster than pivots do, and leaves the
// rest to them.
//
// Values are scaled by 2^shift, so that epsilon can be smaller than the smallest difference of values.
type auction[Q quantity, V value] struct {
	s      *simplex[Q, V]
	shift  uint
	places uint // bits that hold a place in a row
	price  []V  // by id of a resource: the level of its cheapest lot; while units are unsold, the reserve
	market []market[Q]
	left   []Q // units that each need still wants

	crew  *crew
	grain int32                  // resources in a grain
	lots  [grains]lotArena[Q, V] // by grain
	halls []hall[Q]
	open  []int32 // halls of the sitting
	seats []seat  // by need

	epsilon V
	boldest int64 // the most that a bid raises a price by, besides epsilon
}

// market is where the units of a resource are sold: some are unsold, the others are lots, held in a heap with the
// cheapest on top.
type market[Q quantity] struct {
	unsold Q
	lots   segment
}

// newAuction prepares an auction in the memory of the last one.
func (s *simplex[Q, V]) newAuction(c *crew, shift uint) *auction[Q, V] {
	a := &s.spare.auction
	a.s, a.shift, a.epsilon, a.boldest, a.crew = s, shift, 0, math.MaxInt64, c
	a.price, a.market = grab(&a.price, int(s.pool())), grab(&a.market, int(s.resources))
	a.left = grab(&a.left, int(s.needs))
	a.places = 0
	for i := range s.needs {
		a.places = max(a.places, uint(bits.Len32(uint32(s.end[i]-s.start[i]))))
	}
	a.grain = max(s.resources, smallestHalled)/grains + 1
	if s.resources < smallestHalled {
		a.grain = s.resources + 1
	}
	for g := range a.lots {
		a.lots[g].clear(usualLots * min(a.grain, s.resources))
	}
	for r := range int32(len(a.market)) {
		a.lots[r/a.grain].reserve(&a.market[r].lots, int32(min(s.quantity[s.needs+r], usualLots)))
	}
	return a
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
	a.openHalls()
	for k := range a.halls {
		h := &a.halls[k]
		h.active = grab(&h.active, (len(h.needs)+63)/64)
		h.most = mostBids * int64(len(h.needs)+64)
	}
	clear(a.left)
	for i := range a.s.needs {
		a.want(i, a.s.quantity[i])
	}
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
			a.arena(row[best].resource).push(&m.lots, lot[Q, V]{need: i, units: units})
		}
	}
}

// serve lets a need bid until it has what it wants or nothing is worth its price.
//
// What an edge offers is joined with its place in the row to one number, so that the best two are found without a
// branch: a processor guesses wrong about such branches, and then it waits.
func (a *auction[Q, V]) serve(h *hall[Q], number, i int32) {
	price, shift, places, boldest := a.price, a.shift, a.places&63, a.boldest
	row := a.s.near(i)
	for a.left[i] > 0 {
		h.bids++
		best, second := int64(0), int64(0)
		for k := range row {
			offer := int64(row[k].value<<shift-price[row[k].resource])<<places | int64(k)
			second = max(second, min(best, offer))
			best = max(best, offer)
		}
		if best>>places == 0 {
			a.left[i] = 0
			return
		}
		at := best & (1<<places - 1)
		a.buy(h, number, i, row[at].resource, V(min(best>>places-second>>places, boldest)))
	}
}

// buy takes unsold units first, then the cheapest lots, as long as they are better than the second choice.
func (a *auction[Q, V]) buy(h *hall[Q], number, i, r int32, margin V) {
	m, lots := &a.market[r-a.s.needs], a.arena(r)
	most := a.price[r] + margin
	want := a.left[i]
	got := min(want, m.unsold)
	m.unsold -= got
	for got < want && m.lots.size > 0 {
		l := lots.top(&m.lots)
		if l.level > most {
			break
		}
		take := min(want-got, l.units)
		got += take
		if at := a.seats[l.need]; at.hall == number {
			a.left[l.need] += take
			h.active[at.place>>6] |= 1 << (at.place & 63)
		} else {
			h.outbid = append(h.outbid, outbid[Q]{need: l.need, units: take})
		}
		if l.units -= take; l.units == 0 {
			lots.pop(&m.lots)
		}
	}
	a.left[i] -= got
	if at := a.seats[i].place; a.left[i] == 0 {
		h.active[at>>6] &^= 1 << (at & 63)
	}
	if got > 0 {
		lots.push(&m.lots, lot[Q, V]{level: most + a.epsilon, need: i, units: got})
	}
	if m.unsold == 0 {
		a.price[r] = lots.top(&m.lots).level
	}
}

// arena returns where the lots of a resource are.
func (a *auction[Q, V]) arena(r int32) *lotArena[Q, V] { return &a.lots[(r-a.s.needs)/a.grain] }

// bids counts what all halls did in this round.
func (a *auction[Q, V]) bids() (total int64) {
	for k := range a.halls {
		total += a.halls[k].bids
	}
	return total
}

// prune moves the edges that are far from being anybody's choice behind the end of their rows, if a sample of the needs
// says that it is worth it.
func (a *auction[Q, V]) prune(slack V) {
	s := a.s
	const samples = 64
	before, kept := int32(0), int32(0)
	for k := range int64(samples) {
		i := int32(int64(s.needs) * k / samples)
		before += s.end[i] - s.start[i]
		kept += a.keepNear(i, slack)
	}
	if 8*kept > 7*before {
		return
	}
	for i := range s.needs {
		s.end[i] = s.start[i] + a.keepNear(i, slack)
	}
}

// keepNear brings the edges of a row that are near its best to its front and returns how many they are.
func (a *auction[Q, V]) keepNear(need int32, slack V) int32 {
	row, price, shift := a.s.near(need), a.price, a.shift
	best := V(0)
	for k := range row {
		best = max(best, row[k].value<<shift-price[row[k].resource])
	}
	n := int32(0)
	for k := range row {
		if row[k].value<<shift-price[row[k].resource] >= best-slack {
			row[k], row[n] = row[n], row[k]
			n++
		}
	}
	return n
}
