package charges

import (
	"math/rand/v2"
	"slices"
)

// Settings of ruin and recreate, found on the instances of the tests: wider ruins and more blur only cost time.
const (
	leastRuined = 2 // needs and resources
	mostRuined  = 16
	blurPercent = 20
	spareOne    = 4    // one in so many keeps its pairs
	startHeat   = 0.25 // of the mean charge: what a step may lose at first
	patience    = 60   // steps without a new best, per pair in use, before the search gives up
	leastTries  = 6_000
)

// ruin is a search by ruin and recreate.
type ruin struct {
	a     *allocation
	r     *rand.Rand
	nodes []node // the neighbourhood in hand
}

// node is a need or a resource.
type node struct {
	index int32
	need  bool
}

// search changes the allocation until the budget is spent, no new best comes, or the bound is reached. It ends with the
// best allocation that it met.
func (u *ruin) search(bound int64) {
	a := u.a
	a.journal = a.journal[:0] // from now on it holds the way back to the best one
	best, idle := a.value, 0
	heat := startHeat * u.meanCharge()
	for best < bound && idle < max(patience*a.used, leastTries) && !a.budget.spent() {
		before, length := a.value, len(a.journal)
		u.step()
		if float64(before-a.value) > heat*a.budget.remaining()*u.r.Float64() {
			a.undo(length)
		}
		idle++
		if a.value > best {
			best, idle = a.value, 0
			a.journal = a.journal[:0]
		}
	}
	a.undo(0)
}

func (u *ruin) meanCharge() float64 {
	sum, n := int64(0), int64(1)
	for _, list := range u.a.atNeed {
		for _, k := range list {
			sum += u.a.pairs[k].charge
			n++
		}
	}
	return float64(sum) / float64(n)
}

// step ruins a neighbourhood and recreates it.
func (u *ruin) step() {
	u.pick(leastRuined + u.r.IntN(mostRuined-leastRuined))
	for _, n := range slices.Clone(u.nodes) {
		if u.r.IntN(spareOne) > 0 {
			u.free(n)
		}
	}
	u.r.Shuffle(len(u.nodes), func(i, j int) { u.nodes[i], u.nodes[j] = u.nodes[j], u.nodes[i] })
	for _, n := range u.nodes {
		u.serve(n, u.blur)
	}
	for _, n := range u.nodes {
		u.serve(n, nil)
	}
}

// pick walks from a random need along pairs, those in use as often as the others.
func (u *ruin) pick(size int) {
	a := u.a
	u.nodes = append(u.nodes[:0], node{int32(u.r.IntN(len(a.atNeed))), true})
	for range 2 * size {
		from := u.nodes[u.r.IntN(len(u.nodes))]
		k, ok := u.randomPair(from)
		if !ok {
			continue
		}
		to := node{a.pairs[k].resource, false}
		if !from.need {
			to = node{a.pairs[k].need, true}
		}
		if !slices.Contains(u.nodes, to) {
			u.nodes = append(u.nodes, to)
		}
		if len(u.nodes) == size {
			return
		}
	}
}

func (u *ruin) randomPair(n node) (int32, bool) {
	used, all := u.a.atResource, &u.a.ofResource
	if n.need {
		used, all = u.a.atNeed, &u.a.ofNeed
	}
	list := all.of(n.index)
	if len(used[n.index]) > 0 && u.r.IntN(2) == 0 {
		list = used[n.index]
	}
	if len(list) == 0 {
		return 0, false
	}
	return list[u.r.IntN(len(list))], true
}

// free takes all pairs of a node out of use; the nodes at their other ends join the neighbourhood.
func (u *ruin) free(n node) {
	side := u.a.atResource
	if n.need {
		side = u.a.atNeed
	}
	for len(side[n.index]) > 0 {
		k := side[n.index][len(side[n.index])-1]
		u.a.clear(k)
		other := node{u.a.pairs[k].need, true}
		if n.need {
			other = node{u.a.pairs[k].resource, false}
		}
		u.nodes = append(u.nodes, other)
	}
}

func (u *ruin) serve(n node, blur func(int64) int64) {
	if n.need {
		u.a.fill(u.a.ofNeed.of(n.index), &u.a.needLeft[n.index], blur)
	} else {
		u.a.fill(u.a.ofResource.of(n.index), &u.a.resourceLeft[n.index], blur)
	}
}

// blur changes a gain by up to half of blurPercent in either direction.
func (u *ruin) blur(gain int64) int64 {
	return gain + int64(float64(gain)*(u.r.Float64()-0.5)*blurPercent/100)
}
