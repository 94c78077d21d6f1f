package candidates

import (
	"cmp"
	"math"
	"slices"
)

// ranked is a pair that passed all filters, and what it is ranked by. It is kept small: most are pushed out again. What
// else the graph holds of a pair is computed anew for those that stay.
type ranked struct {
	worth    int64 // of a unit after its spread trip charge; for a pricer, what exceeds the resource's price
	resource int32
}

// best keeps the best candidates of one need: all of them without a limit, else a heap with the worst one on top.
type best struct {
	limit     int
	kept      []ranked
	threshold int64 // a candidate must be worth more than this to be kept
	cut       bool  // something worth more than nothing was left out
}

func (b *best) reset(limit int) {
	b.limit, b.kept, b.threshold, b.cut = limit, b.kept[:0], 0, false
	if limit == 0 {
		b.limit = math.MaxInt
	}
}

// worse orders by worth; of two equals the one with the larger resource index is the worse.
func worse(a, b *ranked) bool {
	if a.worth != b.worth {
		return a.worth < b.worth
	}
	return a.resource > b.resource
}

// add keeps c, whose worth is above the threshold, and drops the worst one when there are too many.
func (b *best) add(c ranked) {
	if len(b.kept) < b.limit {
		b.kept = append(b.kept, c)
		if len(b.kept) == b.limit {
			for k := len(b.kept)/2 - 1; k >= 0; k-- {
				b.sink(k)
			}
			b.threshold = b.kept[0].worth
		}
		return
	}
	b.cut = true
	b.kept[0] = c
	b.sink(0)
	b.threshold = b.kept[0].worth
}

func (b *best) sink(k int) {
	for {
		child := 2*k + 1
		if child >= len(b.kept) {
			return
		}
		if right := child + 1; right < len(b.kept) && worse(&b.kept[right], &b.kept[child]) {
			child = right
		}
		if !worse(&b.kept[child], &b.kept[k]) {
			return
		}
		b.kept[k], b.kept[child] = b.kept[child], b.kept[k]
		k = child
	}
}

// bound is the most that a unit of anything left out can be worth.
func (b *best) bound() int64 {
	if b.cut {
		return b.threshold
	}
	return 0
}

// row returns what was kept, ascending by resource. It is valid until the next reset.
func (b *best) row() []ranked {
	slices.SortFunc(b.kept, func(x, y ranked) int { return cmp.Compare(x.resource, y.resource) })
	return b.kept
}
