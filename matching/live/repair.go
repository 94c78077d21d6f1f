package live

import (
	"fmt"
	"math"
)

// shrink takes a quantity away from a node, first what is left of it, then flows. What its partners lose finds another
// home.
func (l *Live) shrink(n node, amount int64) {
	s := l.sideOf(n)
	for amount > s.left[n.index] {
		edge := s.used[n.index][0]
		part := min(amount-s.left[n.index], l.flow[edge])
		partner := l.across(n, edge)
		// Both ends lose the units for a moment: what remains is optimal for what remains.
		l.addFlow(edge, -part)
		l.addQuantity(n, -part)
		l.addQuantity(partner, -part)
		amount -= part
		l.grow(partner, part)
	}
	l.addQuantity(n, -amount)
}

// grow gives a node more, and the more a home.
func (l *Live) grow(n node, amount int64) {
	l.addQuantity(n, amount)
	l.settle(n)
}

// setQuantity changes a node's quantity. With charges the spread of its edges changes, so it is emptied first.
func (l *Live) setQuantity(n node, quantity int64) {
	s := l.sideOf(n)
	switch have := s.quantity[n.index]; {
	case l.charge != nil:
		l.shrink(n, have)
		l.respread(n, quantity)
		l.priceEmpty(n)
		l.grow(n, quantity)
	case quantity < have:
		l.shrink(n, have-quantity)
	default:
		l.grow(n, quantity-have)
	}
}

// respread computes the values of a node's edges for another quantity of it.
func (l *Live) respread(n node, quantity int64) {
	l.eachEdge(n, func(edge int32) {
		other := l.across(n, edge)
		most := min(quantity, l.sideOf(other).quantity[other.index])
		l.setValue(edge, spread(l.gross[edge], l.charge[edge], most))
	})
}

func spread(value, charge, most int64) int64 {
	if most > 0 {
		return value - charge/most
	}
	return value
}

// priceEmpty sets the price of a node without quantity to the least that none of its edges exceeds.
func (l *Live) priceEmpty(n node) {
	price := int64(0)
	l.eachEdge(n, func(edge int32) {
		other := l.across(n, edge)
		price = max(price, l.value[edge]-l.sideOf(other).price[other.index])
	})
	l.setPrice(n, price)
}

func (l *Live) eachEdge(n node, visit func(edge int32)) {
	s := l.sideOf(n)
	for _, edge := range s.edgesOf(n.index) {
		visit(edge)
	}
	for _, edge := range s.extra[n.index] {
		visit(edge)
	}
}

// force takes a quantity of both sides of a pair out of the problem and returns what it is worth.
func (l *Live) force(c Change, forced map[int32]int64) (int64, error) {
	edge, found := l.edgeOf(c.need, c.resource)
	if !found {
		return 0, fmt.Errorf("force need %d and resource %d: they are no candidates", c.need, c.resource)
	}
	n, r := node{c.need, true}, node{c.resource, false}
	if wanted, offered := l.needs.quantity[c.need], l.resources.quantity[c.resource]; c.quantity > min(wanted, offered) {
		return 0, fmt.Errorf("force %d of need %d and resource %d: they have %d and %d", c.quantity, c.need, c.resource, wanted, offered)
	}
	// What the pair carries already is forced at no loss.
	kept := min(c.quantity, l.flow[edge])
	if kept > 0 {
		l.addFlow(edge, -kept)
		l.addQuantity(n, -kept)
		l.addQuantity(r, -kept)
	}
	l.shrink(n, c.quantity-kept)
	l.shrink(r, c.quantity-kept)
	forced[edge] += c.quantity
	return c.quantity * l.value[edge], nil
}

// gone is the gross value of an edge that a change took away: nothing can be forced onto it.
const gone = math.MinInt64 / 2

// edgeOf finds the best edge of a pair.
func (l *Live) edgeOf(need, resource int32) (int32, bool) {
	found, best := int32(-1), int64(0)
	l.eachEdge(node{need, true}, func(edge int32) {
		if l.res[edge] == resource && l.gross[edge] != gone && (found < 0 || l.value[edge] > best) {
			found, best = edge, l.value[edge]
		}
	})
	return found, found >= 0
}

// setPair changes the worth of a pair, or makes it one.
func (l *Live) setPair(need, resource int32, value, charge int64) {
	n := node{need, true}
	quantity := l.needs.quantity[need]
	l.shrink(n, quantity)
	l.eachEdge(n, func(edge int32) {
		if l.res[edge] == resource {
			l.setValue(edge, 0)
			l.setGross(edge, gone)
		}
	})
	if value > 0 {
		l.addEdge(need, resource, value, charge, quantity)
	}
	l.priceEmpty(n)
	l.grow(n, quantity)
}

// addNode adds a need or resource that holds nothing yet, and lets it grow.
func (l *Live) addNode(need bool, c Change) {
	n := node{need: need}
	s := l.sideOf(n)
	n.index = int32(len(s.quantity))
	kind := entryResource
	if need {
		kind = entryNeed
	}
	s.quantity, s.left, s.price = append(s.quantity, 0), append(s.left, 0), append(s.price, 0)
	s.used = append(s.used, nil)
	l.journal = append(l.journal, entry{kind: kind})
	for len(l.search.needs) < len(s.quantity) {
		l.search.needs, l.search.resource = append(l.search.needs, mark{}), append(l.search.resource, mark{})
	}
	for _, e := range c.edges {
		if need {
			l.addEdge(n.index, e.Other, e.Value, e.Charge, c.quantity)
		} else {
			l.addEdge(e.Other, n.index, e.Value, e.Charge, l.needs.quantity[e.Other])
		}
		if !need && l.charge != nil {
			edge := int32(len(l.value) - 1)
			l.value[edge] = spread(e.Value, e.Charge, min(c.quantity, l.needs.quantity[e.Other]))
		}
	}
	l.priceEmpty(n)
	l.grow(n, c.quantity)
}

// addEdge adds an edge to a need that will have the given quantity.
func (l *Live) addEdge(need, resource int32, value, charge, quantity int64) {
	edge := int32(len(l.value))
	l.gross = append(l.gross, value)
	if l.charge != nil {
		l.charge = append(l.charge, charge)
		value = spread(value, charge, min(quantity, l.resources.quantity[resource]))
	}
	l.value, l.flow = append(l.value, value), append(l.flow, 0)
	l.need, l.res = append(l.need, need), append(l.res, resource)
	l.needs.extra[need] = append(l.needs.extra[need], edge)
	l.resources.extra[resource] = append(l.resources.extra[resource], edge)
	l.journal = append(l.journal, entry{kind: entryEdge, index: edge})
}

// removeEdge takes the last edge away again.
func (l *Live) removeEdge(edge int32) {
	i, r := l.need[edge], l.res[edge]
	l.needs.extra[i] = l.needs.extra[i][:len(l.needs.extra[i])-1]
	l.resources.extra[r] = l.resources.extra[r][:len(l.resources.extra[r])-1]
	l.value, l.gross, l.flow = l.value[:edge], l.gross[:edge], l.flow[:edge]
	l.need, l.res = l.need[:edge], l.res[:edge]
	if l.charge != nil {
		l.charge = l.charge[:edge]
	}
}

func (s *side) removeLast() {
	last := len(s.quantity) - 1
	s.quantity, s.left, s.price, s.used = s.quantity[:last], s.left[:last], s.price[:last], s.used[:last]
}
