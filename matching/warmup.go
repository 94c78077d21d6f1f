package matching

// The warm-up's settings, all measured on the families of the speed table; see the ADR on the engine.
const (
	firstEpsilon = 41   // the first epsilon is the largest value divided by this,
	lastEpsilon  = 1024 // the last one about the largest value divided by this, or less:
	epsilonRatio = 5    // each a fifth of the one before.

	// Where values are a large constant less a cost, the largest value says nothing about what choices differ by; the
	// mean gap between neighbouring values of a row does.
	gapsPerEpsilon = 2
	longRow        = 32 // edges; with few choices gaps say little, and chains of bids are long
	spreads        = 64 // so many spreads of a row count as the largest value, if that is less

	// A round with more bids per need than this is a war of prices, which others end sooner.
	mostBids = 48

	// Where rows are short and values are a constant less a cost, that is likely, and is seen sooner.
	mostBidsWary = 16

	// Where a part in so many of the needs, or more, must be left over, an assignment problem is one for pivots: its auction
	// would have to find out who that is by bidding.
	fewLeft = 16

	// Where less than one in so many units is left over, hardly anything hangs at the pool, the tree is deep, and cost scaling
	// begins at once if values are a constant less a cost.
	leastLeft = 1024

	// Values above mostNarrow need 64 bits, for below mostScaled there has to be room for fractions.
	mostNarrow = 1 << 20
	mostScaled = 1 << 26

	// Between two rounds prices fall by this many of the last epsilons: less leaves units unsold at a price that nobody
	// pays, which pivots have to repair; more is bidding in vain.
	reserveFall = 3

	// Edges that are this many epsilons worse than a need's best choice leave the search.
	farEpsilons = 6

	// Components with fewer edges start with nothing matched: an auction brings little where pivots are cheap.
	smallestAuction = 5000
)

// warmUp makes a first basis: from an earlier one, or by an auction where that pays, else with nothing matched. It reports
// false if it gave up to start from an earlier one.
func (s *simplex[Q, V]) warmUp(t *task, m *meter) bool {
	switch {
	case m.stopped:
	case t.startsWarm() && s.warmStart(t, m):
		return !t.inVain
	case t.tuning.alwaysScale:
		s.rescale(t, m, nil)
	case len(s.arcs) < t.tuning.smallestAuction:
		s.star()
	case s.biddingPasses() > longestBidding:
		s.solveMirrored(t, m)
	default:
		s.holdAuction(t, m)
	}
	return true
}

// longestBidding is how long a round of an auction may be, in passes over the edges, if everybody bids once for each
// resource. A need that wants the units of thousands of resources would look at its whole row for each of them; then the
// resources bid instead.
const longestBidding = 8

func (s *simplex[Q, V]) biddingPasses() int64 {
	offered := float64(0)
	for _, q := range s.quantity[s.needs:] {
		offered += float64(q)
	}
	edges := float64(0)
	for i := range s.needs {
		row := float64(s.start[i+1] - s.start[i])
		edges += row * min(row, max(1, float64(s.quantity[i])*float64(s.resources)/offered))
	}
	return int64(edges / float64(len(s.arcs)))
}

// values is what a survey of a component's values finds.
type values[V value] struct {
	largest V
	spread  V // mean difference between the largest and the smallest value in a row, + 1
	widest  V // largest difference
	gap     V // where rows are long, the mean gap between neighbouring values in a row, else the largest value
}

func (s *simplex[Q, V]) surveyValues() values[V] {
	var v values[V]
	spread := int64(0)
	for i := range s.needs {
		if s.meter.done(int64(len(s.row(i)))) {
			break
		}
		if row := s.row(i); len(row) > 0 {
			low, high := row[0].value, row[0].value
			for _, e := range row {
				low, high = min(low, e.value), max(high, e.value)
			}
			v.largest = max(v.largest, high)
			v.widest = max(v.widest, high-low)
			spread += int64(high) - int64(low)
		}
	}
	v.spread, v.gap = V(spread/int64(s.needs))+1, v.largest
	if len(s.arcs) >= longRow*int(s.needs) {
		v.gap = V(spread / int64(len(s.arcs)))
	}
	return v
}

// isUnit reports whether all quantities are 1.
func (s *simplex[Q, V]) isUnit() bool {
	for _, q := range s.quantity {
		if q != 1 {
			return false
		}
	}
	return true
}

// isBalanced reports whether next to nothing is left over if everything that is wanted or offered is matched.
func (s *simplex[Q, V]) isBalanced() bool {
	wanted, offered := int64(0), int64(0)
	for x, q := range s.quantity {
		if int32(x) < s.needs {
			wanted += int64(q)
		} else {
			offered += int64(q)
		}
	}
	return max(wanted-offered, offered-wanted) <= min(wanted, offered)/leastLeft
}

// epsilons returns the bits by which the auction's values are scaled, and its first and last epsilon.
func (s *simplex[Q, V]) epsilons(v values[V]) (shift uint, first, last V) {
	least := func() V { return min(v.scale()<<shift/lastEpsilon, v.gap<<shift/gapsPerEpsilon) }
	for least() < 8 && shift < 4 && v.largest<<shift <= mostScaled {
		shift++
	}
	last = max(least(), 1<<shift/16, 1)
	return shift, max(v.scale()<<shift/firstEpsilon, last), last
}

// scale is what epsilons are measured by: the largest value, unless that says nothing about what choices differ by.
func (v values[V]) scale() V {
	if v.isConstantLessCost() {
		return v.spread * spreads
	}
	return v.largest
}

// isConstantLessCost reports whether values differ by little within rows, as where they are a large constant less a
// cost, so that everybody is served who can be.
func (v values[V]) isConstantLessCost() bool { return v.largest/spreads > v.spread }

// holdAuction runs the rounds of the auction and builds the basis from its outcome. Assignment problems have one of their
// own.
func (s *simplex[Q, V]) holdAuction(t *task, m *meter) {
	v := s.surveyValues()
	if m.stopped {
		return
	}
	if v.isConstantLessCost() && s.isUnit() {
		if s.needs > s.resources+s.resources/fewLeft {
			s.beginAnew(nil)
			return
		}
		s.assign(t, m, v)
		return
	}
	if s.wary = v.isConstantLessCost() && len(s.arcs) < longRow*int(s.needs); s.wary && s.isBalanced() {
		s.rescale(t, m, nil)
		return
	}
	shift, epsilon, last := s.epsilons(v)
	a := s.newAuction(t.crew, shift)
	var finished bool
	s.spare.before = s.spare.before[:0]
	for fall := V(0); !m.stopped; {
		a.begin(epsilon, fall)
		finished = a.run(m)
		s.counters.Bids += a.bids()
		if !finished || epsilon < 2*last {
			break
		}
		s.spare.before = a.sales(s.spare.before[:0])
		if a.prune(farEpsilons * epsilon) {
			a.openHalls()
		}
		fall = epsilon * reserveFall
		epsilon = max(epsilon/epsilonRatio, last)
	}
	sold := a.allotments()
	if !finished && m.stopped && len(s.spare.before) > 0 {
		sold = s.spare.before
	}
	if finished && s.isUnit() && s.mendAuction(sold, a.price, shift, m) {
		return
	}
	if finished || m.stopped {
		a.prune(farEpsilons * epsilon)
		s.crash(sold, a.price, shift, epsilon)
		return
	}
	s.beginAnew(sold)
}
