package matching

import "slices"

// salvage makes the most of a component whose search was stopped, whatever it was doing: it keeps what was allotted, now or
// earlier, hands out what is left, and proves the best of three bounds. It looks at each row a handful of times, and needs
// nothing of the search but its wishes and prices, so that a search can be left at any point.
type salvage struct {
	task   *task
	want   []int64 // by position in the task's needs: what is still wanted
	left   []int64 // by number of a resource: what is still to be had
	wishes []wish
	first  []int32 // by position: the need's wishes, or none
	slot   []int32 // by number: the wish of the need at hand, + 1
	offers offers
}

// wish is how many units of a resource a need would keep.
type wish struct {
	need, resource int32 // position in the task's needs, number in the component
	units, granted int64
	next           int32 // of the same need; or none
}

// salvage begins with the best of the allocations that the search came to, if any, and the earlier run's, and with the prices
// in the task's resourcePrice.
func (t *task) salvage(found ...[]wish) {
	h := &salvage{task: t}
	h.prove()
	if t.warm != nil {
		found = append(found, h.asBefore())
	}
	var best []wish
	most := int64(0)
	for _, wishes := range found {
		if value := h.keep(slices.Clone(wishes)); value > most {
			best, most = wishes, value
		}
	}
	h.keep(best)
	h.handOut()
	h.remember()
}

// prove numbers the resources and finds the best of three bounds. Any resource prices >= 0 prove one, with each need
// priced at the best that they leave it. Here they are those that were found, none at all, and every resource at the most
// that anybody would give.
func (h *salvage) prove() {
	t, p := h.task, h.task.problem
	var atFound, atNone, atMost sum128
	best := make([]int64, len(t.needs))
	most := make([]int64, len(t.resources))
	for k, i := range t.needs {
		surplus, top := int64(0), int64(0)
		for _, e := range p.Row(int(i)) {
			if e.Value <= 0 || t.local[e.Resource] == closed {
				continue
			}
			n := t.numberOf(e.Resource)
			if int(n) == len(most) {
				most = append(most, 0)
			}
			most[n] = max(most[n], e.Value)
			top = max(top, e.Value)
			surplus = max(surplus, e.Value-t.resourcePrice[e.Resource])
		}
		t.needPrice[i], best[k] = surplus, top
		atFound.addProduct(p.NeedQuantity[i], surplus)
		atNone.addProduct(p.NeedQuantity[i], top)
	}
	for n, r := range t.resources {
		t.resourcePrice[r] = min(t.resourcePrice[r], most[n])
		atFound.addProduct(p.ResourceQuantity[r], t.resourcePrice[r])
		atMost.addProduct(p.ResourceQuantity[r], most[n])
	}
	switch {
	case !atNone.less(atFound) && !atMost.less(atFound):
		t.bound = atFound.int64()
	case !atMost.less(atNone):
		t.bound = atNone.int64()
		for k, i := range t.needs {
			t.needPrice[i] = best[k]
		}
		for _, r := range t.resources {
			t.resourcePrice[r] = 0
		}
	default:
		t.bound = atMost.int64()
		for _, i := range t.needs {
			t.needPrice[i] = 0
		}
		for n, r := range t.resources {
			t.resourcePrice[r] = most[n]
		}
	}
}

// asBefore are wishes for what an earlier basis gave, in this component.
func (h *salvage) asBefore() (list []wish) {
	t, b := h.task, h.task.warm.basis
	for k, i := range t.needs {
		t.warm.place[i] = int32(k)
		if r := b.NeedParent[i]; r >= 0 && int(r) < len(t.warm.resource) && t.warm.resource[r] == t.number {
			list = append(list, wish{need: int32(k), resource: t.numberOf(r), units: min(b.NeedFlow[i], MaxMagnitude)})
		}
	}
	for n, r := range t.resources {
		if i := b.ResourceParent[r]; i >= 0 && int(i) < len(t.warm.component) && t.warm.component[i] == t.number {
			list = append(list, wish{need: t.warm.place[i], resource: int32(n), units: min(b.ResourceFlow[r], MaxMagnitude)})
		}
	}
	return list
}

// keep grants wishes, as far as there is an edge and there are units, and returns what they are worth.
func (h *salvage) keep(wishes []wish) (value int64) {
	t, p := h.task, h.task.problem
	h.wishes = wishes
	h.want, h.left = make([]int64, len(t.needs)), make([]int64, len(t.resources))
	h.first, h.slot = make([]int32, len(t.needs)), make([]int32, len(t.resources))
	for k, i := range t.needs {
		h.want[k], h.first[k] = p.NeedQuantity[i], none
	}
	for n, r := range t.resources {
		h.left[n] = p.ResourceQuantity[r]
	}
	for l := range h.wishes {
		w := &h.wishes[l]
		w.next, h.first[w.need] = h.first[w.need], int32(l)
	}
	for k, first := range h.first {
		if first == none {
			continue
		}
		for l := first; l != none; l = h.wishes[l].next {
			w := &h.wishes[l]
			if at := h.slot[w.resource]; at > 0 {
				h.wishes[at-1].units += w.units
				continue
			}
			h.slot[w.resource] = l + 1
		}
		for _, e := range p.Row(int(t.needs[k])) {
			if n := t.local[e.Resource]; e.Value > 0 && n >= 0 && h.slot[n] > 0 {
				w := &h.wishes[h.slot[n]-1]
				units := h.take(int32(k), n, w.units-w.granted)
				w.granted += units
				value += units * e.Value
			}
		}
		h.unmark(first)
	}
	return value
}

// take gives a need up to so many units, as far as it wants them and they are left.
func (h *salvage) take(k, n int32, units int64) int64 {
	units = max(0, min(units, h.want[k], h.left[n]))
	h.want[k] -= units
	h.left[n] -= units
	return units
}

func (h *salvage) unmark(wishes int32) {
	for l := wishes; l != none; l = h.wishes[l].next {
		h.slot[h.wishes[l].resource] = 0
	}
}

// handOut gives what is left to needs that want more, to one after the other what is worth most to it, and lists all
// flows.
func (h *salvage) handOut() {
	t := h.task
	for k := range int32(len(t.needs)) {
		for l := h.first[k]; l != none; l = h.wishes[l].next {
			if w := &h.wishes[l]; w.granted > 0 {
				h.slot[w.resource] = l + 1
			}
		}
		h.serve(k)
		for l := h.first[k]; l != none; l = h.wishes[l].next {
			if w := &h.wishes[l]; w.granted > 0 {
				t.flow = append(t.flow, pairFlow{t.needs[k], t.resources[w.resource], w.granted})
			}
		}
		h.unmark(h.first[k])
	}
}

// serve gives a need what it still wants: most are content with one resource or two, some take thousands.
func (h *salvage) serve(k int32) {
	row := h.task.problem.Row(int(h.task.needs[k]))
	for range 3 {
		if h.want[k] == 0 {
			return
		}
		best, resource := int64(0), none
		for _, e := range row {
			if n := h.task.local[e.Resource]; e.Value > best && n >= 0 && h.left[n] > 0 {
				best, resource = e.Value, n
			}
		}
		if resource == none {
			return
		}
		h.give(k, resource)
	}
	h.offers = h.offers[:0]
	for _, e := range row {
		if n := h.task.local[e.Resource]; e.Value > 0 && n >= 0 && h.left[n] > 0 {
			h.offers = append(h.offers, offer{value: e.Value, units: h.left[n], resource: n})
		}
	}
	for _, o := range h.offers.best(h.want[k]) {
		h.give(k, o.resource)
	}
}

// give gives a need all that it wants of a resource, besides what was granted.
func (h *salvage) give(k, n int32) {
	t := h.task
	switch units := h.take(k, n, h.want[k]); {
	case units == 0: // of a pair with several edges
	case h.slot[n] > 0:
		h.wishes[h.slot[n]-1].granted += units
	default:
		t.flow = append(t.flow, pairFlow{t.needs[k], t.resources[n], units})
	}
}

// remember makes a basis of the flows, of each as far as its need or its resource has no parent yet.
func (h *salvage) remember() {
	t, b := h.task, h.task.basis
	for k, i := range t.needs {
		b.NeedParent[i], b.NeedFlow[i] = Unmatched, h.want[k]
	}
	for n, r := range t.resources {
		b.ResourceParent[r], b.ResourceFlow[r] = Unmatched, h.left[n]
	}
	for _, f := range t.flow {
		switch {
		case b.NeedParent[f.need] == Unmatched:
			b.NeedParent[f.need], b.NeedFlow[f.need] = f.resource, f.quantity
		case b.ResourceParent[f.resource] == Unmatched:
			b.ResourceParent[f.resource], b.ResourceFlow[f.resource] = f.need, f.quantity
		}
	}
}
