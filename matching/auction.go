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
	places uint // bits that hold a place in a row
	price  []V  // by id of a resource: the level of its cheapest lot; while units are unsold, the reserve
	market []market[Q]

	crew  *crew
	grain int32                  // resources in a grain
	lots  [grains]lotArena[Q, V] // by grain
	halls []hall[Q]
	open  []int32   // halls of the sitting
	seats []seat[Q] // by need

	epsilon V
}

// market is where the units of a resource are sold: some are unsold, the others are lots, held in a heap with the
// cheapest on top.
type market[Q quantity] struct {
	unsold Q
	lots   segment
	grain  int32
}

// newAuction prepares an auction in the memory of the last one.
func (s *simplex[Q, V]) newAuction(c *crew, shift uint) *auction[Q, V] {
	a := &s.spare.auction
	a.s, a.shift, a.epsilon, a.crew = s, shift, 0, c
	a.price, a.market = grab(&a.price, int(s.pool())), grab(&a.market, int(s.resources))
	a.seats = grab(&a.seats, int(s.needs))
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
		m := &a.market[r]
		m.grain = r / a.grain
		a.lots[m.grain].reserve(&m.lots, int32(min(s.quantity[s.needs+r], usualLots)))
	}
	if a.halls == nil {
		a.halls = make([]hall[Q], 2*pairs)
	}
	a.openHalls()
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
	for k := range a.halls {
		h := &a.halls[k]
		h.outbid, h.bids = h.outbid[:0], 0
		h.active = grab(&h.active, (len(h.needs)+63)/64)
		h.most = a.s.bidLimit() * int64(len(h.needs)+64)
	}
	for i := range a.s.needs {
		a.seats[i].left = 0
		a.want(i, a.s.quantity[i])
	}
}

// bidSteps is what a bid takes besides looking at the row, in steps of the meter.
const bidSteps = 8

// serve lets a need bid until it has what it wants or nothing is worth its price, or until the hall closes: a need that
// wants more than there is may outbid itself, by epsilon each time.
func (a *auction[Q, V]) serve(h *hall[Q], number, i int32) {
	row, own, places := a.s.near(i), &a.seats[i], a.places&63
	for own.left > 0 && h.bids <= h.most {
		if h.bids++; h.meter.done(int64(len(row)) + bidSteps) {
			return
		}
		best, second := bestTwo(row, a.price, 1<<a.shift, 1<<places)
		offer, margin := best>>places, best>>places-second>>places
		if offer == 0 {
			own.left = 0
			return
		}
		r := row[best&(1<<places-1)].resource
		got := a.buy(h, number, i, r, own.left, V(margin))
		own.left -= got // it may have outbid itself
	}
	h.active[own.place>>6] &^= 1 << (own.place & 63)
}

// bestTwo returns what the best two edges of a row offer at these prices, 0 being what it is worth to stay away.
//
// What an edge offers is joined with its place in the row, for which there is room, to one number, so that the best two
// are found without a branch: a processor guesses wrong about such branches, and then it waits. The loop has a function
// of its own because in a larger one the compiler runs out of registers, and makes a branch after all. It multiplies,
// for a shift by a number that is not known to be small takes three instructions more.
//
//go:noinline
func bestTwo[V value](row []arc[V], price []V, scale V, room int64) (best, second int64) {
	for k := range row {
		offer := int64(row[k].value*scale-price[row[k].resource])*room + int64(k)
		second = max(second, min(best, offer))
		best = max(best, offer)
	}
	return best, second
}

// buy takes unsold units first, then the cheapest lots, as long as they are better than the second choice. It returns
// how many units it got.
func (a *auction[Q, V]) buy(h *hall[Q], number, i, r int32, want Q, margin V) (got Q) {
	m := &a.market[r-a.s.needs]
	lots := &a.lots[m.grain]
	most := a.price[r] + margin
	got = min(want, m.unsold)
	m.unsold -= got
	for got < want && m.lots.size > 0 {
		l := lots.top(&m.lots)
		if l.level > most {
			break
		}
		take := min(want-got, l.units)
		got += take
		if loser := &a.seats[l.need]; loser.hall == number {
			loser.left += take
			h.active[loser.place>>6] |= 1 << (loser.place & 63)
		} else {
			h.outbid = append(h.outbid, outbid[Q]{need: l.need, units: take})
		}
		if l.units -= take; l.units == 0 {
			lots.pop(&m.lots)
		}
	}
	if got > 0 {
		lots.join(&m.lots, lot[Q, V]{level: most + a.epsilon, need: i, units: got})
	}
	if m.unsold == 0 {
		a.price[r] = lots.top(&m.lots).level
	}
	return got
}

// bids counts what all halls did in this round.
func (a *auction[Q, V]) bids() (total int64) {
	for k := range a.halls {
		total += a.halls[k].bids
	}
	return total
}

// prune moves the edges that are far from being anybody's choice behind the end of their rows, if a sample of the needs
// says that it is worth it, and reports whether it was.
func (a *auction[Q, V]) prune(slack V) bool {
	s := a.s
	const samples = 64
	before, kept := int32(0), int32(0)
	for k := range int64(samples) {
		i := int32(int64(s.needs) * k / samples)
		before += s.end[i] - s.start[i]
		kept += a.keepNear(i, slack)
	}
	if 8*kept > 7*before {
		return false
	}
	for i := range s.needs {
		if s.meter.done(int64(s.end[i] - s.start[i])) {
			break
		}
		s.end[i] = s.start[i] + a.keepNear(i, slack)
	}
	return true
}

// keepNear brings the edges of a row that are near its best to its front and returns how many they are.
func (a *auction[Q, V]) keepNear(need int32, slack V) int32 {
	row, price, scale := a.s.near(need), a.price, V(1)<<a.shift
	best := V(0)
	for k := range row {
		best = max(best, row[k].value*scale-price[row[k].resource])
	}
	n := 0
	for k, e := range row {
		row[k], row[n] = row[n], e // whether it is near or not: a processor could not guess it
		next := n
		if e.value*scale-price[e.resource] >= best-slack {
			next++
		}
		n = next
	}
	return int32(n)
}
