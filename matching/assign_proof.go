package matching

import (
	"math"
	"slices"
)

// assign solves an assignment problem. Where its auction does not come to an end that is proven, because not everybody can
// be served or because somebody is better off unserved, shortest paths or pivots go on from what was found.
func (s *simplex[Q, V]) assign(t *task, m *meter, v values[V]) {
	if int64(v.widest) <= math.MaxInt32 {
		assignIn[int32](s, t, m, v)
	} else {
		assignIn[int64](s, t, m, v)
	}
}

// assignIn is assign with costs of a certain width.
func assignIn[C value, Q quantity, V value](s *simplex[Q, V], t *task, m *meter, v values[V]) {
	a := newAssignment[C](s)
	if !m.stopped {
		a.run(m, t.tuning.scales)
	}
	s.counters.Bids += a.bids
	given, price := s.owned(a.owner), a.wholePrices(int64(v.largest))
	level := s.levelsAt(price)
	switch {
	case s.proves(given, level):
		s.keepProven(given, level)
	case m.stopped:
		s.crash(given, s.pricesOf(price), 0, 0)
	case t.tuning.scales > 0:
		s.crash(given, make([]V, s.pool()), 0, 0)
	default:
		s.improveAssignment(m, given, level, v.widest/tightShare)
	}
}

// mostMended is how many nodes shortest paths put right one by one.
const mostMended = 16

// improveAssignment goes on from an allocation and levels that do not quite belong together: some needs were left out,
// some resources that are left over had a price in an earlier round. A few are put right by shortest paths, each of which
// may have to look at all edges; many by pivots, which are cheap where much hangs at the pool.
func (s *simplex[Q, V]) improveAssignment(m *meter, given []allotment[Q], level []int64, tolerance V) {
	s.potential = append(s.potential[:0], level...)
	if d := s.newMend(given); !m.stopped && d.wrong() <= mostMended {
		s.buildColumns()
		mended := d.run(m, budget{atOnce: mostMended})
		s.counters.EdgesPriced += d.work
		given, level = d.allotments(), slices.Clone(s.potential)
		if mended {
			s.keepProven(given, level)
			return
		}
	}
	s.crash(given, s.pricesOf(level[s.needs:s.pool()]), 0, tolerance)
}

// pricesOf returns by id what is given by number.
func (s *simplex[Q, V]) pricesOf(level []int64) []V {
	price := make([]V, s.pool())
	for k, p := range level {
		price[s.needs+int32(k)] = V(p)
	}
	return price
}

// wrong counts what is unmatched though that is worth something.
func (d *mend[Q, V]) wrong() (count int) {
	for x := range d.spots {
		if d.spots[x].left > 0 && d.level[x] != 0 {
			count++
		}
	}
	return count
}

// owned lists who has which resource.
func (s *simplex[Q, V]) owned(owner []int32) []allotment[Q] {
	list := grab(&s.spare.sold, len(owner))[:0]
	for r, i := range owner {
		if i != none {
			list = append(list, allotment[Q]{need: i, resource: s.needs + int32(r), units: 1})
		}
	}
	return s.tidy(list)
}

// wholePrices returns prices in units of value, the lowest 0, the highest what somebody may pay at most.
func (a *assignment[C]) wholePrices(most int64) []int64 {
	price := slices.Clone(a.price)
	roundLevels(price, a.shift, a.epsilon)
	lowest := slices.Min(price)
	for r := range price {
		price[r] = min(price[r]-lowest, most)
	}
	return price
}

// levelsAt returns potentials, by id, that hold the prices of resources, with every need at its best choice.
func (s *simplex[Q, V]) levelsAt(price []int64) []int64 {
	level := make([]int64, s.pool()+1)
	copy(level[s.needs:], price)
	for i := range s.needs {
		s.meter.done(int64(len(s.row(i))))
		for _, e := range s.row(i) {
			level[i] = min(level[i], level[e.resource]-int64(e.value))
		}
	}
	return level
}

// proves reports whether such levels prove an allocation of single units: whoever has a resource has a best one, and
// what is unmatched is worth nothing.
func (s *simplex[Q, V]) proves(given []allotment[Q], level []int64) bool {
	unmatched := slices.Clone(level)
	for _, g := range given {
		if level[g.resource]-level[g.need] != g.value {
			return false
		}
		unmatched[g.need], unmatched[g.resource] = 0, 0
	}
	return slices.Min(unmatched) == 0 && slices.Max(unmatched) == 0
}
