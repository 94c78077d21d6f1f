package matching

import (
	"math"
	"math/bits"
)

// assignment is the way to an optimum where every quantity is 1 and values are a constant less a cost, as in the
// published assignment problems. Everybody who can be served is, so it asks for nothing but the cheapest way to do so.
//
// It is an auction with falling epsilon (Bertsekas 1979, Bertsekas and Eckstein 1988), which is cost scaling by double
// pushes (Goldberg and Kennedy 1995): a need takes the resource that costs it least, price included, and raises its
// price until the second choice would do as well, and by epsilon. A round ends when everybody has a resource, none of
// them worse than another by more than epsilon. Below 1 / resources that is an optimum, and prices only have to be
// rounded (see roundLevels). It takes O(n m log(nC)) at worst, a handful of bids per need and round in practice.
//
// What makes it several times faster than the auction of auction.go is what this case can do without: lots, halls,
// needs that stay away, prices that fall between rounds. As prices only rise, a row remembers what the cheapest of the
// edges out of view costs at least, and no edge is looked at before it matters, or missed when it does.
type assignment[C value] struct {
	start  []int32  // of each need's row
	arcs   []arc[C] // resources counted from 0; the cost: how much less the edge is worth than the row's best
	views  []view
	price  []int64 // of each resource, scaled
	owner  []int32 // of each resource, or none
	before []int32 // the owners of the last round that came to its end

	waiting []int32 // needs that bid in this pass, and
	outbid  []int32 // those that were outbid in it

	shift   uint // scaled cost = cost << shift
	places  uint // bits that hold a place in a row
	epsilon int64
	boldest int64 // the most that a bid raises a price by, besides epsilon
	highest int64 // price at which nobody bids: there is no room for more
	bids    int64
}

// view is the part of a row that is looked at.
type view struct {
	bound   int64 // what an edge out of view costs at least
	end     int32 // of the part in view
	trimmed bool  // in this round
	out     bool  // of the auction
}

// Settings, measured on the families of the speed table; see the ADR on the second engine.
const (
	assignmentFirst = 4   // the first epsilon is the largest cost divided by this,
	assignmentRatio = 8   // each an eighth of the one before.
	viewSlack       = 16  // epsilons: edges that are worse than the second choice by more go out of view,
	shortView       = 8   // in rows that show more edges than this.
	tightShare      = 128 // of the largest difference in a row: edges as tight as that come into the first basis,
	bidBits         = 60  // what an edge costs and its place in the row share so many bits,
	priceRoom       = 6   // so many of them for prices that exceed the largest cost.
)

func newAssignment[C value, Q quantity, V value](s *simplex[Q, V]) *assignment[C] {
	a := &assignment[C]{
		start: s.start, arcs: make([]arc[C], len(s.arcs)), views: make([]view, s.needs),
		price: make([]int64, s.resources), owner: make([]int32, s.resources),
	}
	largest := int64(0)
	for i := range s.needs {
		row := s.row(i)
		if s.meter.done(2 * int64(len(row))) {
			break
		}
		best := V(0)
		for _, e := range row {
			best = max(best, e.value)
		}
		for k, e := range row {
			cost := best - e.value
			largest = max(largest, int64(cost))
			a.arcs[s.start[i]+int32(k)] = arc[C]{resource: e.resource - s.needs, value: C(cost)}
		}
		a.places = max(a.places, uint(bits.Len32(uint32(len(row)))))
		a.views[i] = view{bound: math.MaxInt64, end: s.start[i+1]}
	}
	room := bidBits - a.places
	for int64(1)<<a.shift <= int64(s.resources) && bits.Len64(uint64(largest))+int(a.shift)+priceRoom < int(room) {
		a.shift++
	}
	a.boldest, a.highest = largest<<a.shift, int64(1)<<room-largest<<(a.shift+2)
	a.epsilon = max(a.boldest/assignmentFirst, 1)
	return a
}

// run holds all rounds, or as many as it is told if that is not 0.
func (a *assignment[C]) run(m *meter, rounds int) {
	for round := 1; a.round(m); round++ {
		if a.epsilon == 1 || round == rounds {
			return
		}
		a.epsilon = max(a.epsilon/assignmentRatio, 1)
	}
	a.goBack()
}

// round finds everybody a resource that is right up to epsilon. It reports false if the meter stopped it. Where it becomes
// a war of prices, as there are fewer resources than needs that want them, those who wait last are left out from then on.
func (a *assignment[C]) round(m *meter) bool {
	for r := range a.owner {
		a.owner[r] = none
	}
	a.waiting = a.waiting[:0]
	for i := range a.views {
		a.views[i].trimmed = false
		if !a.views[i].out {
			a.waiting = append(a.waiting, int32(i))
		}
	}
	for most := a.bids + mostBids*int64(len(a.views)); len(a.waiting) > 0; {
		a.outbid = a.outbid[:0]
		for _, i := range a.waiting {
			a.bids++
			if m.done(a.bid(i)) {
				return false
			}
		}
		a.waiting, a.outbid = a.outbid, a.waiting
		if a.bids > most {
			for _, i := range a.waiting {
				a.views[i].out = true
			}
			break
		}
	}
	a.before = append(a.before[:0], a.owner...)
	return true
}

// bid lets a need have its cheapest resource, and returns its steps.
func (a *assignment[C]) bid(i int32) (steps int64) {
	v, from, places := &a.views[i], a.start[i], a.places&63
	steps = bidSteps
	if !v.trimmed {
		if v.trimmed = true; v.end-from > shortView {
			steps += 2 * int64(v.end-from)
			a.trim(i, v.end, v.bound)
		}
	}
	best, second := cheapestTwo(a.arcs[from:v.end], a.price, a.shift, places)
	if second>>places > v.bound {
		steps += 2 * int64(a.start[i+1]-from)
		a.trim(i, a.start[i+1], math.MaxInt64)
		best, second = cheapestTwo(a.arcs[from:v.end], a.price, a.shift, places)
	}
	steps += int64(v.end - from)
	r := a.arcs[from+int32(best&(1<<places-1))].resource
	if a.price[r] > a.highest {
		v.out = true
		return steps
	}
	a.price[r] += min(second>>places-best>>places, a.boldest) + a.epsilon
	if loser := a.owner[r]; loser != none {
		a.outbid = append(a.outbid, loser)
	}
	a.owner[r] = i
	return steps
}

// cheapestTwo returns what the cheapest two edges of a row cost, joined with their places in it, for the reasons of
// bestTwo.
//
//go:noinline
func cheapestTwo[C value](row []arc[C], price []int64, shift, places uint) (best, second int64) {
	best, second = math.MaxInt64, math.MaxInt64
	for k := range row {
		cost := (int64(row[k].value)<<(shift&63)+price[row[k].resource])<<(places&63) | int64(k)
		second = min(second, max(best, cost))
		best = min(best, cost)
	}
	return best, second
}

// trim keeps in view what is near to the second choice among a row's edges before end. Those behind cost at least bound.
func (a *assignment[C]) trim(i, end int32, bound int64) {
	from := a.start[i]
	row := a.arcs[from:end]
	_, second := cheapestTwo(row, a.price, a.shift, a.places)
	far := second>>(a.places&63) + viewSlack*a.epsilon
	n := int32(0)
	for k := range row {
		if cost := int64(row[k].value)<<a.shift + a.price[row[k].resource]; cost > far {
			bound = min(bound, cost)
			continue
		}
		row[k], row[n] = row[n], row[k]
		n++
	}
	a.views[i].bound, a.views[i].end = bound, from+n
}

// goBack gives everybody what they had when the last round came to its end, if one did: for an auction that was stopped.
func (a *assignment[C]) goBack() {
	if len(a.before) > 0 {
		copy(a.owner, a.before)
	}
}
