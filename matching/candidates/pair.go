package candidates

import "math"

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

// Lot is the least quantity of a pair if it is used at all. The resource has a place and a quantity.
func (c *Index) Lot(need, resource int32) int64 {
	at := c.spots[resource]
	return max(c.grids[at.grid].offers[at.slot].lot, c.wants[need].lot, 1)
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
