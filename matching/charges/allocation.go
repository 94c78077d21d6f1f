package charges

import "slices"

// allocation is a feasible allocation that is changed step by step. Every step is written down, so that what did not
// pay can be taken back.
type allocation struct {
	*graph
	budget *budget

	needLeft, resourceLeft []int64
	atNeed, atResource     [][]int32 // pairs in use
	used                   int
	value                  int64 // net of charges

	journal []step
}

type step struct {
	pair  int32
	delta int64
}

func newAllocation(g *graph, needs, resources []int64, b *budget) *allocation {
	return &allocation{
		graph: g, budget: b, needLeft: slices.Clone(needs), resourceLeft: slices.Clone(resources),
		atNeed: make([][]int32, len(needs)), atResource: make([][]int32, len(resources)),
	}
}

// change adds delta, positive or negative, to the quantity of a pair and writes it down.
func (a *allocation) change(k int32, delta int64) {
	a.apply(k, delta)
	a.journal = append(a.journal, step{k, delta})
}

// clear takes a pair out of use.
func (a *allocation) clear(k int32) { a.change(k, -a.pairs[k].quantity) }

func (a *allocation) apply(k int32, delta int64) {
	p := &a.pairs[k]
	before := p.quantity
	p.quantity += delta
	a.needLeft[p.need] -= delta
	a.resourceLeft[p.resource] -= delta
	a.value += delta * p.value
	switch {
	case before == 0:
		a.value -= p.charge
		a.used++
		a.atNeed[p.need] = append(a.atNeed[p.need], k)
		a.atResource[p.resource] = append(a.atResource[p.resource], k)
	case p.quantity == 0:
		a.value += p.charge
		a.used--
		a.atNeed[p.need] = without(a.atNeed[p.need], k)
		a.atResource[p.resource] = without(a.atResource[p.resource], k)
	}
}

func without(list []int32, k int32) []int32 {
	at := slices.Index(list, k)
	return slices.Delete(list, at, at+1)
}

// undo takes back every step after the given length of the journal.
func (a *allocation) undo(length int) {
	for at := len(a.journal) - 1; at >= length; at-- {
		a.apply(a.journal[at].pair, -a.journal[at].delta)
	}
	a.journal = a.journal[:length]
}

// reset makes the allocation the given one, without what is less than its lot, and forgets the journal.
func (a *allocation) reset(flows []step) {
	for i := range a.atNeed {
		for len(a.atNeed[i]) > 0 {
			k := a.atNeed[i][len(a.atNeed[i])-1]
			a.apply(k, -a.pairs[k].quantity)
		}
	}
	for _, f := range flows {
		if f.delta >= a.pairs[f.pair].lot {
			a.apply(f.pair, f.delta)
		}
	}
	a.journal = a.journal[:0]
}

// fit is reset for an allocation that may not fit any more: each flow is cut to what is left, and left out where that is
// no lot.
func (a *allocation) fit(flows []step) {
	a.reset(nil)
	for _, f := range flows {
		p := &a.pairs[f.pair]
		if quantity := min(f.delta, a.needLeft[p.need], a.resourceLeft[p.resource]); quantity > 0 && quantity >= p.lot {
			a.apply(f.pair, quantity)
		}
	}
}

// flows lists what is in use, ascending by pair.
func (a *allocation) flows() []step {
	flows := make([]step, 0, a.used)
	for _, list := range a.atNeed {
		for _, k := range list {
			flows = append(flows, step{k, a.pairs[k].quantity})
		}
	}
	slices.SortFunc(flows, func(x, y step) int { return int(x.pair) - int(y.pair) })
	return flows
}

// gain is what a pair would bring if it carried all that is left on its two sides; nothing if that is no lot.
func (a *allocation) gain(k int32) (gain, quantity int64) {
	p := &a.pairs[k]
	quantity = min(a.needLeft[p.need], a.resourceLeft[p.resource])
	if p.quantity+quantity < p.lot {
		return 0, 0
	}
	gain = quantity * p.value
	if p.quantity == 0 {
		gain -= p.charge
	}
	return gain, quantity
}

// fill gives what is left of a node to its pairs, the largest gain first, while one gains anything. The gains may be
// blurred, so that another try ends elsewhere.
func (a *allocation) fill(pairs []int32, left *int64, blur func(gain int64) int64) {
	for *left > 0 {
		best, most, quantity := int32(-1), int64(0), int64(0)
		for _, k := range pairs {
			gain, q := a.gain(k)
			if gain <= 0 {
				continue
			}
			if blur != nil {
				gain = blur(gain)
			}
			if gain > most {
				best, most, quantity = k, gain, q
			}
		}
		a.budget.spend(len(pairs))
		if best < 0 {
			return
		}
		a.change(best, quantity)
	}
}

func (a *allocation) fillNeed(i int32) { a.fill(a.ofNeed.of(i), &a.needLeft[i], nil) }

func (a *allocation) fillResource(r int32) { a.fill(a.ofResource.of(r), &a.resourceLeft[r], nil) }
