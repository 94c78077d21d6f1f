package matching

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

	// Components with fewer edges start with nothing matched: an auction brings little where pivots are cheap.
	smallestAuction = 5000
)

// warmUp makes a first basis: from an earlier one, or by an auction where that pays, else with nothing matched. It
// returns the prices of the auction in units of value, nil if there was none.
func (s *simplex[Q, V]) warmUp(t *task, m *meter) {
	switch {
	case s.warmStart(t):
	case m.done(lookEvery):
		a := s.newAuction(t.crew, 0)
		a.begin(0, 0)
		a.handOut()
		sold := a.allotments()
		s.crash(sold, a.price, 0, 0)
	case len(s.arcs) < t.tuning.smallestAuction:
		s.star()
	default:
		s.holdAuction(t, m)
	}
}

// holdAuction runs the rounds of the auction and builds the basis from its outcome.
func (s *simplex[Q, V]) holdAuction(t *task, m *meter) {
	largest := V(0)
	for _, e := range s.arcs {
		largest = max(largest, e.value)
	}
	shift := uint(0)
	for largest<<shift < 8*lastEpsilon && shift < 4 {
		shift++
	}
	a := s.newAuction(t.crew, shift)
	last := max(largest<<shift/lastEpsilon, 1<<shift/16, 1)
	epsilon := max(largest<<shift/firstEpsilon, last)
	for fall := V(0); ; {
		a.begin(epsilon, fall)
		finished := a.run(m)
		s.counters.Bids += a.bids()
		if !finished {
			a.handOut()
			break
		}
		if epsilon < 2*last {
			break
		}
		a.prune(farEpsilons * epsilon)
		fall = epsilon * reserveHalves / 2
		epsilon = max(epsilon/epsilonRatio, last)
	}
	sold := a.allotments()
	a.prune(farEpsilons * epsilon)
	s.crash(sold, a.price, shift, epsilon)
	if m.stopped {
		t.suggested = make([]int64, s.resources)
		for k := range t.suggested {
			t.suggested[k] = int64(a.price[s.needs+int32(k)] >> shift)
		}
	}
}
