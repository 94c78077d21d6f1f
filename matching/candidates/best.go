package candidates

import (
	"math"
	"math/bits"
	"slices"
)

// ranked is a pair that passed all filters, and what it is ranked by. It is kept small: most are pushed out again. What
// else the graph holds of a pair is computed anew for those that stay.
type ranked struct {
	worth    int64 // of a unit after its spread trip charge; for a pricer, what exceeds the resource's price
	resource int32
	at       int32 // where the search holds the rest
}

// best keeps the best candidates of one need: all of them without a limit, else a heap with the worst one on top.
type best struct {
	limit     int
	kept      []ranked
	keys      []uint64
	threshold int64 // a candidate must be worth more than this to be kept
	cut       bool  // something worth more than nothing was left out
}

// reset empties it; limit 0 keeps all that is worth more than a threshold.
func (b *best) reset(limit int, threshold int64) {
	b.limit, b.kept, b.threshold, b.cut = limit, b.kept[:0], threshold, false
	if limit == 0 {
		b.limit = math.MaxInt
	}
}

func (b *best) full() bool { return len(b.kept) == b.limit }

// leave notes that something is left out that is worth no more than the threshold, or that nothing unseen is worth more
// than this.
func (b *best) leave(worth int64) { b.cut = b.cut || worth > 0 && b.full() }

// worse is 1 if a is worth less than b, or as much with the larger resource index, else 0. It has no branch: which of
// two candidates is the worse cannot be foretold.
func worse(a, b ranked) int {
	_, tie := bits.Sub64(uint64(b.resource), uint64(a.resource), 0)
	_, less := bits.Sub64(uint64(a.worth)^signBit, uint64(b.worth)^signBit, tie)
	return int(less)
}

const signBit = 1 << 63 // flipped, the order of signed numbers is that of unsigned ones

// add keeps c, whose worth is above the threshold, and drops the worst one when there are too many.
func (b *best) add(c ranked) {
	if len(b.kept) < b.limit {
		b.kept = append(b.kept, c)
		if len(b.kept) == b.limit {
			for k := len(b.kept)/2 - 1; k >= 0; k-- {
				b.sink(k, b.kept[k])
			}
			b.threshold = b.kept[0].worth
		}
		return
	}
	b.cut = true
	b.sink(0, c)
	b.threshold = b.kept[0].worth
}

// sink puts c where the hole at k is, or below it.
func (b *best) sink(k int, c ranked) {
	kept := b.kept
	for {
		child := 2*k + 1
		if child >= len(kept) {
			break
		}
		if right := child + 1; right < len(kept) {
			child += worse(kept[right], kept[child])
		}
		if worse(kept[child], c) == 0 {
			break
		}
		kept[k] = kept[child]
		k = child
	}
	kept[k] = c
}

// bound is the most that a unit of anything left out can be worth.
func (b *best) bound() int64 {
	if b.cut {
		return b.threshold
	}
	return 0
}

// ascending returns, by resource, what was kept: the resource in the upper half of each key, where the rest is held in the
// lower one. It is valid until the next call.
func (b *best) ascending() []uint64 {
	keys := b.keys[:0]
	for k := range b.kept {
		keys = append(keys, uint64(b.kept[k].resource)<<32|uint64(b.kept[k].at))
	}
	b.keys = keys
	if len(keys) > shortRow {
		slices.Sort(keys)
		return keys
	}
	for k := 1; k < len(keys); k++ {
		key, at := keys[k], k
		for ; at > 0 && keys[at-1] > key; at-- {
			keys[at] = keys[at-1]
		}
		keys[at] = key
	}
	return keys
}

// shortRow is up to how many resources a row is sorted by insertion, which is faster there.
const shortRow = 64
