package candidates

import (
	"math/bits"
)

// guesses foretell, from the needs that were searched before, what the worst candidate that a need keeps will be worth. A
// search that starts above such a threshold passes over most of what it would push out again. A guess never changes what
// is found: if it was too high, the search starts again from a lower one.
//
// Thresholds differ with the urgency and the quantity of a need. What neighbours have in common is how far away their
// worst candidate is, or rather, as worth differs too, what the trip of the best offer might cost on top of a trip to the
// door until it is worth no more than that. That is what is remembered, for each size of quantity.
type guesses [128]guess

type guess struct {
	known bool
	spare float64 // minor units, see above
}

// A guess is so much above the spare seen lately. Too little fails, too much looks at more than is kept.
var generous = [...]float64{1.15, 1.6}

// thresholds are what a need's worst candidate will be worth more than, most probably; 0 if there is no telling.
func (g *guesses) thresholds(c *Index, w *want, limit int) (guessed [len(generous)]int64) {
	last := g.of(w)
	if limit == 0 || !last.known {
		return guessed
	}
	top, most, fixed := c.outlook(w)
	if most == 0 {
		return guessed
	}
	for k, more := range generous {
		guessed[k] = int64(max(top-(fixed+last.spare*more)/most-1, 0))
	}
	return guessed
}

// learn remembers the threshold with which a search ended.
func (g *guesses) learn(c *Index, w *want, threshold int64) {
	top, most, fixed := c.outlook(w)
	if most == 0 {
		return
	}
	spare, last := max((top-float64(threshold))*most-fixed, 0), g.of(w)
	if last.known {
		spare = (spare + last.spare) / 2
	}
	*last = guess{true, spare}
}

func (g *guesses) forget(w *want) { g.of(w).known = false }

// of is the guess for quantities like that of a need: there are two to each power of two.
func (g *guesses) of(w *want) *guess {
	n := max(bits.Len64(uint64(w.left))-2, 0)
	return &g[2*n+int(w.left>>n)]
}

// outlook is what the best offer of a need's first leaf scores, how much of it there may be, and what its trip costs at
// least; nothing where there is none.
func (c *Index) outlook(w *want) (top, most, fixed float64) {
	g := &c.grids[w.leaves[0]]
	if len(g.layers) == 0 {
		return 0, 0, 0
	}
	l := &g.layers[0]
	score := rate{weight: w.weight, success: g.success}.score(l.mostWorth, l.leastCost) + w.bonusOf(g.index)
	return float64(score), float64(min(l.mostLeft, w.left)), float64(g.charge.FixedMinor)
}
