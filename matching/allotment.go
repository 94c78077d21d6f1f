package matching

import "slices"

// allotment is a quantity of a resource that a need gets, and the value of their edge.
type allotment[Q quantity] struct {
	need, resource int32 // ids
	units          Q
	value          int64
}

// worth is what allotments are worth together.
func worth[Q quantity](list []allotment[Q]) (sum int64) {
	for _, g := range list {
		sum += g.value * int64(g.units)
	}
	return sum
}

// allotments lists what was sold.
func (a *auction[Q, V]) allotments() []allotment[Q] {
	a.s.spare.sold = a.sales(a.s.spare.sold[:0])
	return a.s.tidy(a.s.spare.sold)
}

// sales appends all lots to an empty list, which grows once at most: room for a component's lots is worth keeping.
func (a *auction[Q, V]) sales(list []allotment[Q]) []allotment[Q] {
	lots := 0
	for r := range a.market {
		lots += int(a.market[r].lots.size)
	}
	list = slices.Grow(list, lots)
	for r := range a.market {
		for _, l := range a.lots[a.market[r].grain].all(&a.market[r].lots) {
			list = append(list, allotment[Q]{need: l.need, resource: a.s.needs + int32(r), units: l.units})
		}
	}
	return list
}

// tidy orders allotments by need, adds up those of the same pair, gives each the value of the pair's best edge, and
// leaves out pairs without an edge. If the search is stopped, nobody needs it, and the list stays as it is.
func (s *simplex[Q, V]) tidy(list []allotment[Q]) []allotment[Q] {
	if s.meter.stopped {
		return list
	}
	next := grab(&s.spare.next, int(s.needs+1))
	for _, g := range list {
		next[g.need+1]++
	}
	for i := range s.needs {
		next[i+1] += next[i]
	}
	byNeed := grab(&s.spare.byNeed, len(list))
	for _, g := range list {
		byNeed[next[g.need]] = g
		next[g.need]++
	}
	out := list[:0]
	slot := grab(&s.spare.slot, int(s.resources)) // of the need at hand: the place in out of each resource's allotment, + 1
	for k := 0; k < len(byNeed); {
		need, first := byNeed[k].need, len(out)
		if s.meter.done(int64(len(s.row(need)))) {
			return byNeed
		}
		for ; k < len(byNeed) && byNeed[k].need == need; k++ {
			at := &slot[byNeed[k].resource-s.needs]
			if *at > 0 {
				out[*at-1].units += byNeed[k].units
				continue
			}
			out = append(out, byNeed[k])
			*at = int32(len(out))
		}
		for _, e := range s.row(need) {
			if at := slot[e.resource-s.needs]; at > 0 {
				out[at-1].value = max(out[at-1].value, int64(e.value))
			}
		}
		kept := first
		for _, g := range out[first:] {
			slot[g.resource-s.needs] = 0
			if g.value > 0 {
				out[kept] = g
				kept++
			}
		}
		out = out[:kept]
	}
	return out
}
