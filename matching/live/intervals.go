package live

// Interval holds the prices that a need or resource can have in an optimum. Prices are not unique: Low is what one more
// unit would be worth, High what one unit less would lose (the two derivatives of the optimum).
type Interval struct {
	Low  int64 `json:"low"`
	High int64 `json:"high"`
}

// Intervals gives the lowest and the highest supporting price of every need and resource. All lowest prices of the
// resources belong together, and to the highest ones of the needs, and the other way round: optimal prices form a
// lattice (Shapley and Shubik 1971). So two runs of Dijkstra's algorithm over the residual graph find them all. What
// has no quantity has no unit less to lose: its High is its Low, what a first unit would be worth.
func (l *Live) Intervals() (needs, resources []Interval) {
	needs, resources = make([]Interval, len(l.needs.price)), make([]Interval, len(l.resources.price))
	l.slack(false) // how far resources' prices can rise and needs' fall
	for k := range resources {
		resources[k].High = l.resources.price[k] + l.distance(node{int32(k), false})
	}
	for k := range needs {
		needs[k].Low = l.needs.price[k] - l.distance(node{int32(k), true})
	}
	l.slack(true)
	for k := range resources {
		resources[k].Low = l.resources.price[k] - l.distance(node{int32(k), false})
	}
	for k := range needs {
		needs[k].High = l.needs.price[k] + l.distance(node{int32(k), true})
	}
	l.priceIdle(true, needs, resources)
	l.priceIdle(false, resources, needs)
	return needs, resources
}

// slack measures how far all prices can move together before one of them has to stop: that of something left over,
// which is 0, or one that falls to 0. Needs says whether the prices of the needs rise.
func (l *Live) slack(needs bool) {
	rising, falling := &l.resources, &l.needs
	if needs {
		rising, falling = falling, rising
	}
	s := &l.search
	s.begin()
	for k, left := range rising.left {
		if left > 0 {
			s.reach(node{int32(k), needs}, 0, -1)
		}
	}
	for k, price := range falling.price {
		s.reach(node{int32(k), !needs}, price, -1)
	}
	for len(s.heap) > 0 {
		top := s.pop()
		m := s.mark(top.node)
		if m.settled || m.dist != top.dist {
			continue
		}
		m.settled = true
		if top.node.need == needs {
			l.relaxAll(top)
		} else {
			l.relaxUsed(top)
		}
	}
}

// distance is 0 for what the last search did not reach: a node without quantity.
func (l *Live) distance(n node) int64 {
	if m := l.search.mark(n); m.number == l.search.number {
		return m.dist
	}
	return 0
}

// priceIdle sets the intervals of what has no quantity. A first unit would go where it is worth most beyond what a unit
// less is worth to its partner, whose other partners it spares.
func (l *Live) priceIdle(need bool, own, partners []Interval) {
	s, other := l.sideOf(node{need: need}), l.sideOf(node{need: !need})
	for k, quantity := range s.quantity {
		if quantity > 0 {
			continue
		}
		n, low := node{int32(k), need}, int64(0)
		l.eachEdge(n, func(edge int32) {
			partner := l.across(n, edge).index
			if other.quantity[partner] > 0 {
				low = max(low, l.first(edge)-partners[partner].High)
			}
		})
		own[k] = Interval{low, low}
	}
}

// first is what one unit alone is worth on an edge: it pays for the whole trip.
func (l *Live) first(edge int32) int64 {
	if l.charge == nil {
		return l.value[edge]
	}
	return spread(l.gross[edge], l.charge[edge], 1)
}
