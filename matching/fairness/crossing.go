package fairness

import (
	"cmp"
	"math"
	"slices"

	"github.com/city-resource-graph/crg/matching"
)

// restricted is the reserve of floors that cross: each part of their groups is to get what it gets in an allocation that
// keeps them, less what no floor asks for, and a need whose edges count for different floors is split by what they carry.
// Whatever it allows keeps the floors, and that allocation is among it.
func (v *reserve) restricted(floors []Floor, flows []matching.EdgeFlow) *reserve {
	carried := make([]int64, len(v.whole.Edges))
	for _, f := range flows {
		carried[f.Edge] = f.Quantity
	}
	n := &reserve{whole: v.whole, rows: slices.Clone(v.rows), exact: true}
	parts := map[uint64]int64{} // units by sign
	first := 0                  // row of the need in hand: what the need goes without is in it
	for k := range n.rows {
		r := &n.rows[k]
		units := int64(0)
		for _, edge := range r.edges {
			units += carried[edge]
		}
		parts[r.sign] += units
		if r.need != n.rows[first].need {
			first = k
		}
		if k != first {
			r.quantity = units
			n.rows[first].quantity -= units
		}
	}
	n.groups = groupsOf(floors, parts)
	n.build()
	return n
}

// groupsOf asks of each part for what it gets, less what every floor that it counts for gets beyond what it asks for.
func groupsOf(floors []Floor, parts map[uint64]int64) []group {
	spare := make([]int64, len(floors))
	var groups []group
	for f := range floors {
		spare[f] = -floors[f].Least
	}
	for sign, units := range parts {
		for f := range floors {
			if sign&(1<<f) != 0 {
				spare[f] += units
			}
		}
		if sign != 0 {
			groups = append(groups, group{sign: sign, least: units, parent: -1})
		}
	}
	// Descending: a sign that holds another one comes before it, as homeOf wants it.
	slices.SortFunc(groups, func(a, b group) int { return cmp.Compare(b.sign, a.sign) })
	for k := range groups {
		g := &groups[k]
		less := int64(math.MaxInt64)
		for f := range floors {
			if g.sign&(1<<f) != 0 {
				less = min(less, max(spare[f], 0))
			}
		}
		less = min(less, g.least)
		g.least -= less
		for f := range floors {
			if g.sign&(1<<f) != 0 {
				spare[f] -= less
			}
		}
	}
	return groups
}
