package matching

// newMend begins with the prices that the potentials of the resources hold, and with the allotments that fit to them, of
// which there is one per pair.
func (s *simplex[Q, V]) newMend(earlier []allotment[Q]) *mend[Q, V] {
	d := &s.spare.mend
	d.s, d.work, d.reached = s, 0, d.reached[:0]
	d.queue.empty()
	d.level, d.spots = grab(&d.level, int(s.pool())), grab(&d.spots, int(s.pool()))
	for x := range d.spots {
		d.spots[x] = spot[Q, V]{distance: farthest[V](), first: none, left: s.quantity[x]}
		d.level[x] = V(s.potential[x])
	}
	d.shares = d.shares[:0]
	for _, g := range earlier {
		if g.units > 0 {
			of := &d.spots[g.need]
			d.shares = append(d.shares, share[Q, V]{
				need: g.need, resource: g.resource, units: g.units, next: [2]int32{of.first, none},
			})
			of.first = int32(len(d.shares) - 1)
		}
	}
	slot := grab(&s.spare.slot, int(s.resources)) // of the need at hand: each resource's share, + 1
	for i := range s.needs {
		if s.meter.done(int64(len(s.row(i)))) {
			break
		}
		best := V(0)
		for _, e := range s.row(i) {
			best = max(best, e.value-d.level[e.resource])
		}
		d.level[i] = best
		d.keepTight(i, slot)
	}
	return d
}

// keepTight keeps those of a need's shares whose edges have no slack, as far as quantities allow. A slot counts if it is of
// a share of this need.
func (d *mend[Q, V]) keepTight(need int32, slot []int32) {
	of, open := &d.spots[need], 0
	for k := of.first; k != none; k = d.shares[k].next[0] {
		slot[d.shares[k].resource-d.s.needs] = k + 1
		open++
	}
	of.first = none
	row, surplus := d.s.row(need), d.level[need]
	for k := 0; k < len(row) && open > 0; k++ {
		e := row[k]
		if e.value-d.level[e.resource] != surplus {
			continue
		}
		at := slot[e.resource-d.s.needs] - 1
		if at < 0 || d.shares[at].need != need {
			continue
		}
		slot[e.resource-d.s.needs] = 0
		open--
		h, from := &d.shares[at], &d.spots[e.resource]
		if h.units = min(h.units, of.left, from.left); h.units > 0 {
			h.value, h.next = e.value, [2]int32{of.first, from.first}
			of.first, from.first = at, at
			of.left -= h.units
			from.left -= h.units
		}
	}
}

// What an auction of single units left wrong is put right by shortest paths if that is little: if a third of what was sold
// fits to the prices in whole units of value, and if rows are short, for a search looks at whole rows. Of values that have
// nothing to do with each other a sixth fits, and then searches are long. On city 100k with unit quantities half of it fits,
// and the searches take six passes over the edges.
const (
	fittingShare     = 3
	auctionedAtOnce  = 2
	auctionedByAndBy = 10
)

// mendAuction begins with what an auction of single units sold and with its prices, and ends with an optimum, or reports
// false: then a tree and its pivots have to do it. With single units nearly all pivots move nothing, and only find prices.
func (s *simplex[Q, V]) mendAuction(sold []allotment[Q], price []V, shift uint, m *meter) bool {
	if len(s.arcs) >= longRow*int(s.needs) {
		return false
	}
	s.potential = grab(&s.potential, int(s.pool()+1))
	for r := s.needs; r < s.pool(); r++ {
		s.potential[r] = int64(price[r] >> shift)
	}
	d := s.newMend(sold)
	fitting := 0
	for _, resource := range d.spots[s.needs:] {
		if resource.first != none {
			fitting++
		}
	}
	if fitting*fittingShare < len(sold) || m.stopped {
		return false
	}
	copy(s.end, s.start[1:])
	s.buildColumns()
	mended := d.run(m, budget{atOnce: auctionedAtOnce, byAndBy: auctionedByAndBy})
	s.counters.EdgesPriced += d.work
	if mended {
		s.keepProven(d.allotments(), s.potential)
	}
	return mended
}
