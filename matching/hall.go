package matching

import "math/bits"

// An auction in a large component is held in several halls at a time. Resources, which are numbered along the
// component, are divided into grains of neighbours; two neighbouring grains are a hall for the needs that have no
// business elsewhere. Three sittings follow each other: grains 0 and 1, 2 and 3, ...; then grains 1 and 2, 3 and 4, ...,
// for needs on the border of the first; then, in a hall of their own, the needs that look farther than any hall.
// Nobody reads or writes what another hall of the same sitting writes, so the outcome is the same for any number of
// workers.
const (
	grains         = 8
	pairs          = grains / 2
	smallestHalled = 1 << 13 // resources; below, one hall is enough
)

// sittings are the halls that are open at the same time: the first and the one after the last.
var sittings = [...][2]int{{0, pairs}, {pairs, 2*pairs - 1}, {2*pairs - 1, 2 * pairs}}

// hall is where some needs bid. Their places are marked while they want more.
type hall[Q quantity] struct {
	needs  []int32 // ascending
	active []uint64
	busy   bool        // somebody may be active
	outbid []outbid[Q] // needs of other halls
	bids   int64
	most   int64 // bids: beyond, the auction ends
	meter  meter
}

// outbid is what a need of another hall lost. It is told when the sitting is over.
type outbid[Q quantity] struct {
	need  int32
	units Q
}

// seat says where a need bids, and for how many units more.
type seat[Q quantity] struct {
	left        Q
	hall, place int32
}

// openHalls gives every need its seat.
func (a *auction[Q, V]) openHalls() {
	for k := range a.halls {
		a.halls[k].needs = a.halls[k].needs[:0]
	}
	for i := range a.s.needs {
		if a.s.meter.done(int64(a.s.end[i] - a.s.start[i])) {
			return
		}
		first, last := a.s.pool(), a.s.needs
		for _, e := range a.s.near(i) {
			first, last = min(first, e.resource), max(last, e.resource)
		}
		first, last = (first-a.s.needs)/a.grain, (last-a.s.needs)/a.grain
		h := int32(2*pairs - 1)
		switch {
		case first > last: // nothing to bid for
			h = 0
		case first/2 == last/2:
			h = first / 2
		case last-first <= 1:
			h = pairs + first/2
		}
		a.seats[i] = seat[Q]{hall: h, place: int32(len(a.halls[h].needs))}
		a.halls[h].needs = append(a.halls[h].needs, i)
	}
}

// run lets needs bid until nobody wants more. It reports false if the meter stopped it, or if there were too many bids.
func (a *auction[Q, V]) run(m *meter) bool {
	over := false
	for busy := true; busy; {
		for _, sitting := range sittings {
			at := a.open[:0]
			for k := sitting[0]; k < sitting[1]; k++ {
				if h := &a.halls[k]; h.busy {
					h.meter = meter{ctx: m.ctx, stopped: m.stopped, steps: m.steps}
					at = append(at, int32(k))
				}
			}
			a.crew.share(len(at), func(k int) { a.sit(&a.halls[at[k]], at[k]) })
			for _, k := range at {
				m.stopped = m.stopped || a.halls[k].meter.stopped
				over = over || a.halls[k].bids > a.halls[k].most
				a.tell(&a.halls[k])
			}
			a.open = at
			if m.stopped || over {
				return false
			}
		}
		busy = false
		for k := range a.halls {
			busy = busy || a.halls[k].busy
		}
	}
	return true
}

// sit lets the needs of a hall bid, always in their order, until none of them wants more.
func (a *auction[Q, V]) sit(h *hall[Q], number int32) {
	for h.busy {
		h.busy = false
		for w := range h.active {
			for h.active[w] != 0 {
				bit := bits.TrailingZeros64(h.active[w])
				h.active[w] &^= 1 << bit
				a.serve(h, number, h.needs[w<<6+bit])
				h.busy = true
				if h.meter.stopped {
					return
				}
			}
			if h.meter.done(1) || h.bids > h.most {
				return
			}
		}
	}
}

// tell lets needs of other halls know that they were outbid.
func (a *auction[Q, V]) tell(h *hall[Q]) {
	for _, o := range h.outbid {
		a.want(o.need, o.units)
	}
	h.outbid = h.outbid[:0]
}

// want lets a need bid for some units more.
func (a *auction[Q, V]) want(need int32, units Q) {
	at := &a.seats[need]
	h := &a.halls[at.hall]
	at.left += units
	h.active[at.place>>6] |= 1 << (at.place & 63)
	h.busy = true
}
