package live

import (
	"fmt"
	"math/bits"

	"github.com/city-resource-graph/crg/matching"
)

// maxSum is the limit of all sums, as in package matching.
const maxSum = 1 << 62

// inRange refuses a change that names what is not there, or a number beyond its limits.
func (l *Live) inRange(c Change) error {
	needs, resources := len(l.needs.quantity), len(l.resources.quantity)
	pair := c.kind == changeForce || c.kind == changeForbid || c.kind == changePair
	switch {
	case (pair || c.kind == changeNeed) && (c.need < 0 || int(c.need) >= needs):
		return fmt.Errorf("need %d: want 0..%d", c.need, needs-1)
	case (pair || c.kind == changeResource) && (c.resource < 0 || int(c.resource) >= resources):
		return fmt.Errorf("resource %d: want 0..%d", c.resource, resources-1)
	case c.quantity < 0 || c.quantity > matching.MaxMagnitude:
		return fmt.Errorf("quantity %d: want 0..%d", c.quantity, matching.MaxMagnitude)
	}
	others := resources
	if c.kind == changeAddResource {
		others = needs
	}
	for _, e := range c.edges {
		if e.Other < 0 || int(e.Other) >= others {
			return fmt.Errorf("edge to %d: want 0..%d", e.Other, others-1)
		}
	}
	for _, e := range append([]Edge{{Value: c.value, Charge: c.charge}}, c.edges...) {
		if e.Value < -matching.MaxMagnitude || e.Value > matching.MaxMagnitude {
			return fmt.Errorf("value %d: want -%d..%d", e.Value, matching.MaxMagnitude, matching.MaxMagnitude)
		}
		switch {
		case e.Charge < 0 || e.Charge > matching.MaxMagnitude:
			return fmt.Errorf("charge %d: want 0..%d", e.Charge, matching.MaxMagnitude)
		case e.Charge > 0 && l.charge == nil:
			return fmt.Errorf("charge %d: want 0, the problem has no charges", e.Charge)
		}
	}
	return nil
}

// checkRoom refuses a change after which the optimum could leave 62 bits: it rises by what the change adds at most.
func (l *Live) checkRoom(c Change) error {
	quantity, value := c.quantity, c.value
	switch c.kind {
	case changeNeed:
		value = l.best(node{c.need, true})
	case changeResource:
		value = l.best(node{c.resource, false})
	case changePair:
		quantity = min(l.needs.quantity[c.need], l.resources.quantity[c.resource])
	case changeAddNeed, changeAddResource:
		for _, e := range c.edges {
			value = max(value, e.Value)
		}
	case changeForce, changeForbid:
		return nil // both only lower it
	}
	over, gain := bits.Mul64(uint64(quantity), uint64(max(value, 0)))
	if over > 0 || gain > maxSum || l.total > maxSum-int64(gain) {
		return &matching.OverflowError{Sum: "the total value (quantity x value)"}
	}
	return nil
}

// best is the most that a unit of a node is worth anywhere, before any charge.
func (l *Live) best(n node) int64 {
	best := int64(0)
	l.eachEdge(n, func(edge int32) { best = max(best, l.gross[edge]) })
	return best
}
