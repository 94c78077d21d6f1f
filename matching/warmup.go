package matching

import "slices"

// The warm-up's settings, all measured on the families of the speed table; see the ADR on the engine.
const (
	firstEpsilon = 16   // the first epsilon is the largest value divided by this,
	lastEpsilon  = 1024 // the last one about the largest value divided by this,
	epsilonRatio = 4    // each a quarter of the one before.

	// Between two rounds prices fall by this many halves of the last epsilon: less leaves units unsold at a price that
	// nobody pays, which pivots have to repair; more is bidding in vain.
	reserveHalves = 5

	// Edges that are this many epsilons worse than a need's best choice leave the search.
	farEpsilons = 6
)

// warmUp makes a first basis: by an auction where that pays, else with nothing matched.
func (s *simplex[Q, V]) warmUp(m *meter) {
	largest := V(0)
	for _, e := range s.arcs {
		largest = max(largest, e.value)
	}
	if len(s.arcs) < smallestAuction {
		s.star()
		return
	}
	shift := uint(0)
	for largest<<shift < 8*lastEpsilon && shift < 4 {
		shift++
	}
	a := newAuction(s, shift)
	scaled := largest << shift
	last := max(scaled/lastEpsilon, 1<<shift/16, 1)
	epsilon := max(scaled/firstEpsilon, last)
	fall := V(0)
	for {
		a.begin(epsilon, fall)
		a.run(1 << 62)
		if epsilon < 2*last {
			break
		}
		a.prune(farEpsilons * epsilon)
		fall = epsilon * reserveHalves / 2
		epsilon = max(epsilon/epsilonRatio, last)
	}
	sold := a.allotments()
	a.prune(farEpsilons * epsilon)
	s.counters.Bids = a.bids
	s.crash(sold, a.price, shift, epsilon)
}

const smallestAuction = 5000 // edges

// allotments lists what was sold, one entry per pair, with the values of the edges.
func (a *auction[Q, V]) allotments() []allotment[Q] {
	sold := 0
	next := make([]int32, a.s.needs+1)
	for r := range a.market {
		lots := a.lots.all(&a.market[r].lots)
		sold += len(lots)
		for _, l := range lots {
			next[l.need+1]++
		}
	}
	for i := range a.s.needs {
		next[i+1] += next[i]
	}
	byNeed := make([]allotment[Q], sold)
	for r := range a.market {
		for _, l := range a.lots.all(&a.market[r].lots) {
			byNeed[next[l.need]] = allotment[Q]{need: l.need, resource: a.s.needs + int32(r), units: l.units}
			next[l.need]++
		}
	}
	return a.join(byNeed)
}

// join adds up the lots of each pair; lots come by need, then by resource.
func (a *auction[Q, V]) join(lots []allotment[Q]) []allotment[Q] {
	out := lots[:0]
	for _, l := range lots {
		if k := len(out) - 1; k >= 0 && out[k].need == l.need && out[k].resource == l.resource {
			out[k].units += l.units
			continue
		}
		for _, e := range a.s.near(l.need) {
			if e.resource == l.resource {
				l.value = max(l.value, int64(e.value))
			}
		}
		out = append(out, l)
	}
	return slices.Clip(out)
}
