package candidates

import "math"

// search looks for the candidates of one need after the other. Each worker has its own.
type search struct {
	c    *Index
	best best

	// what scan needs of the need and the grid at hand
	w     *want
	rate  rate
	bonus int64
	grid  *grid
	sieve sieve
	list  []special
	kept  []int32 // by the sieve
}

// candidatesOf finds the resources of the best candidates of a need, ascending; limit 0 finds all.
func (s *search) candidatesOf(w *want, limit int) []int32 {
	s.best.reset(limit)
	if w.left == 0 || !w.located {
		return nil
	}
	s.w, s.list = w, s.c.special.of(w.need)
	for k := range s.list {
		s.trySpecial(&s.list[k])
	}
	for _, leaf := range w.leaves {
		s.searchLeaf(&s.c.grids[leaf])
	}
	return s.best.row()
}

// searchLeaf looks into the layers of a leaf, the one of the large offers first.
func (s *search) searchLeaf(g *grid) {
	if len(g.offers) == 0 {
		return
	}
	s.grid, s.rate, s.sieve = g, rate{weight: s.w.weight, success: g.success}, newSieve(s.w, g)
	s.bonus = s.w.bonusOf(g.index)
	for k := range g.layers {
		s.searchLayer(&g.layers[k])
	}
}

// searchLayer goes outward ring by ring until nothing farther away can be in reach, pay its trip, or beat what is held.
func (s *search) searchLayer(l *layer) {
	top, most := s.rate.score(l.mostWorth, l.leastCost)+s.bonus, min(l.mostLeft, s.w.left)
	reach := min(s.w.reach, l.mostReach)
	x, y := l.column(s.w.at), l.row(s.w.at)
	for r := l.firstRing(x, y); r <= l.lastRing(x, y); r++ {
		gap := l.gap(s.w.at, x, y, r)
		if gap > reach {
			return
		}
		bound := top - s.grid.charge.over(metres(gap))/most
		if bound <= s.best.threshold {
			s.best.cut = s.best.cut || bound > 0
			return
		}
		l.scanRing(x, y, r, s)
	}
}

// scan tries the offers of one run of cells: at a glance first, then exactly.
func (s *search) scan(from, to int32) {
	floor := s.best.threshold
	if !s.best.cut {
		floor = 0 // whatever is worth something is left out if it is not kept, and must be noticed
	}
	if len(s.kept) < int(to-from) {
		s.kept = make([]int32, 2*(to-from))
	}
	n := s.sieve.sift(s.grid.glances[from:to], floor-s.bonus, s.kept)
	offers := s.grid.offers[from:to]
	for _, k := range s.kept[:n] {
		s.try(&offers[k])
	}
}

// try looks at an offer in reach. The cheap conditions come first, then the worth, and only what would be kept is
// checked to the end.
func (s *search) try(o *offer) {
	w := s.w
	if o.kinds&w.kind == 0 || o.temperature&w.temperatures == 0 {
		return
	}
	distance := metres(o.at.squared(w.at))
	amortised := s.rate.score(int64(o.worth), int64(o.cost)) + s.bonus - s.grid.charge.over(distance)/min(o.left, w.left)
	if amortised <= s.best.threshold {
		s.best.cut = s.best.cut || amortised > 0
		return
	}
	if len(s.list) > 0 && s.c.special.find(w.need, o.resource) != nil {
		return
	}
	if s.c.fits(w, o, distance) {
		s.best.add(ranked{amortised, o.resource})
	}
}

// trySpecial looks at a pair whose score has a part of its own.
func (s *search) trySpecial(sp *special) {
	at := s.c.spots[sp.resource]
	if at.grid < 0 {
		return
	}
	g := &s.c.grids[at.grid]
	o := &g.offers[at.slot]
	if _, rejected := s.c.firstFilter(s.w, at.grid, o, sp); rejected {
		return
	}
	parts := s.c.parts(s.w, g, o, sp)
	if parts.Amortised <= s.best.threshold {
		s.best.cut = s.best.cut || parts.Amortised > 0
		return
	}
	s.best.add(ranked{parts.Amortised, sp.resource})
}

// fits checks what scan has not: the conditions that few pairs fail or that cost time.
func (c *Index) fits(w *want, o *offer, distance int64) bool {
	if max(o.lot, w.lot) > min(w.left, o.left) || int64(o.cost) > w.budget || !w.conditionsHold(o.resource) {
		return false
	}
	if o.perish == math.MaxInt64 && o.moments.meets(&w.moments) {
		return true // it can leave at such a moment
	}
	offered := &c.offered[o.resource]
	if !offered.during.meets(&w.during) {
		return false
	}
	arrival, ok := earliestArrival(offered.spans, w.spans, c.travel.seconds(distance))
	return ok && arrival <= o.perish
}

// firstFilter is the first filter that a pair fails, in the order of the funnel. The offer of the resource must be in
// the grid: FilterQuantity and FilterPlace of the resource were decided when it was built.
func (c *Index) firstFilter(w *want, leaf int32, o *offer, sp *special) (Filter, bool) {
	squared := o.at.squared(w.at)
	switch {
	case !w.accepts(leaf):
		return FilterLeaf, true
	case w.left == 0:
		return FilterQuantity, true
	case !w.located:
		return FilterPlace, true
	case squared > w.reach:
		return FilterDistance, true
	case squared > o.reach:
		return FilterRadius, true
	case o.kinds&w.kind == 0:
		return FilterReceiver, true
	case o.temperature&w.temperatures == 0:
		return FilterTemperature, true
	case !w.conditionsHold(o.resource):
		return FilterConstraint, true
	}
	arrival, meet := earliestArrival(c.offered[o.resource].spans, w.spans, c.travel.seconds(metres(squared)))
	switch {
	case !meet:
		return FilterWindow, true
	case arrival > o.perish:
		return FilterPerish, true
	case o.lot > min(w.left, o.left):
		return FilterLot, true
	case w.lot > min(w.left, o.left):
		return FilterShort, true
	case int64(o.cost) > w.budget:
		return FilterBudget, true
	case sp != nil && sp.forbidden:
		return FilterForbidden, true
	case c.parts(w, &c.grids[leaf], o, sp).Amortised <= 0:
		return FilterWorth, true
	}
	return 0, false
}

func (w *want) conditionsHold(resource int32) bool {
	for k := range w.conditions {
		if !w.conditions[k].holds(resource) {
			return false
		}
	}
	return true
}

func (w *want) accepts(leaf int32) bool {
	for _, l := range w.leaves {
		if l == leaf {
			return true
		}
	}
	return false
}

// parts computes the score of a pair with all its parts.
func (c *Index) parts(w *want, g *grid, o *offer, sp *special) Parts {
	need := &c.snapshot.Needs[w.need]
	rate := rate{weight: w.weight, success: g.success}
	p := Parts{
		UnitValue: int64(o.worth), Urgency: c.snapshot.Scoring.urgencyWeight(need.Need.Urgency), Equity: w.equity,
		Weighted: int64(o.worth), Cost: int64(o.cost), Success: g.success,
	}
	if rate.weight != million {
		p.Weighted = share(p.UnitValue, rate.weight)
	}
	p.Expected = rate.score(p.UnitValue, p.Cost)
	if sp != nil {
		p.Affinity = sp.affinity
		if sp.proposed {
			p.Stability = share(max(p.Expected, 0), millionths(c.snapshot.Scoring.Stability))
		}
	}
	p.Floors = w.bonusOf(g.index)
	p.Score = p.Expected + p.Affinity + p.Stability + p.Floors
	p.Distance = metres(o.at.squared(w.at))
	p.Charge = g.charge.over(p.Distance)
	p.Spread = p.Charge
	if quantity := min(o.left, w.left); quantity > 0 {
		p.Spread = p.Charge / quantity
	}
	p.Amortised = p.Score - p.Spread
	if w.left == 0 {
		p.Amortised = math.MinInt64
	}
	return p
}

// candidate is what the graph holds of a pair.
type candidate struct {
	score, charge, lot int64
	resource           int32
}

// pairOf computes a candidate.
func (c *Index) pairOf(w *want, resource int32) candidate {
	at := c.spots[resource]
	g := &c.grids[at.grid]
	p := candidate{lot: w.lot, resource: resource}
	if c.lots {
		p.lot = max(g.offers[at.slot].lot, w.lot)
	}
	if sp := c.special.find(w.need, resource); sp != nil {
		parts := c.parts(w, g, &g.offers[at.slot], sp)
		p.score, p.charge = parts.Score, parts.Charge
		return p
	}
	o := &g.glances[at.slot]
	p.score = rate{weight: w.weight, success: g.success}.score(int64(o.worth), int64(o.cost)) + w.bonusOf(at.grid)
	p.charge = g.charge.over(metres(o.at.squared(w.at)))
	return p
}
