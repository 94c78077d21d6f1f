package matching

// The warm-up's settings, all measured on the families of the speed table; see the ADR on the engine.
const (
	firstEpsilon = 16   // the first epsilon is the largest value divided by this,
	lastEpsilon  = 1024 // the last one about the largest value divided by this, or less:
	epsilonRatio = 4    // each a quarter of the one before.

	// Where values are a large constant less a cost, the largest value says nothing about what choices differ by; the
	// mean gap between neighbouring values of a row does.
	gapsPerEpsilon = 2
	longRow        = 32 // edges; with few choices gaps say little, and chains of bids are long

	// A round with more bids per need than this is a war of prices, which pivots end sooner.
	mostBids = 128

	// Scaled values stay below this, so that bids fit into 32 bits where the values do.
	mostScaled = 1 << 24

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

// surveyValues returns the largest value, and, where rows are long, the mean gap between neighbouring values in a row.
func (s *simplex[Q, V]) surveyValues() (largest, gap V) {
	spread := int64(0)
	for i := range s.needs {
		if row := s.row(i); len(row) > 0 {
			low, high := row[0].value, row[0].value
			for _, e := range row {
				low, high = min(low, e.value), max(high, e.value)
			}
			largest = max(largest, high)
			spread += int64(high) - int64(low)
		}
	}
	if len(s.arcs) < longRow*int(s.needs) {
		return largest, largest
	}
	return largest, V(spread / int64(len(s.arcs)))
}

// holdAuction runs the rounds of the auction and builds the basis from its outcome.
func (s *simplex[Q, V]) holdAuction(t *task, m *meter) {
	largest, gap := s.surveyValues()
	shift := uint(0)
	for min(largest/lastEpsilon, gap/gapsPerEpsilon)<<shift < 8 && shift < 4 && largest<<shift <= mostScaled {
		shift++
	}
	a := s.newAuction(t.crew, shift)
	last := max(min(largest<<shift/lastEpsilon, gap<<shift/gapsPerEpsilon), 1<<shift/16, 1)
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
