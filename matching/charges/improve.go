package charges

import "slices"

// improve searches the neighbourhood of an allocation until no move gains anything or the budget is spent. A move is
// made, completed greedily around what it touched, kept if the value rose and taken back if not:
//
//   - drop or swap: a pair is taken out of use, and its two sides look for something better, or for nothing;
//   - merge: all pairs of a need or resource are taken out of use and it is served anew, the fullest trip first.
func (a *allocation) improve() {
	for improved := true; improved && !a.budget.spent(); {
		improved = a.dropAndSwap()
		improved = a.merge() || improved
	}
}

// try makes a move and keeps it if it gains.
func (a *allocation) try(move func()) bool {
	before, length := a.value, len(a.journal)
	move()
	if a.value > before {
		return true
	}
	a.undo(length)
	return false
}

func (a *allocation) dropAndSwap() (improved bool) {
	for i := range a.atNeed {
		for _, k := range slices.Clone(a.atNeed[i]) {
			need, resource := int32(i), a.pairs[k].resource
			if a.budget.spent() {
				return improved
			}
			if a.pairs[k].quantity > 0 {
				improved = a.try(func() { a.clear(k); a.fillNeed(need); a.fillResource(resource) }) || improved
			}
			if a.pairs[k].quantity > 0 {
				improved = a.try(func() { a.clear(k); a.fillResource(resource); a.fillNeed(need) }) || improved
			}
		}
	}
	return improved
}

func (a *allocation) merge() (improved bool) {
	for i := range int32(len(a.atNeed)) {
		if len(a.atNeed[i]) > 0 && !a.budget.spent() {
			improved = a.try(func() { a.rebuildNeed(i, true) }) || improved
			improved = a.try(func() { a.rebuildNeed(i, false) }) || improved
		}
	}
	for r := range int32(len(a.atResource)) {
		if len(a.atResource[r]) > 0 && !a.budget.spent() {
			improved = a.try(func() { a.rebuildResource(r, true) }) || improved
			improved = a.try(func() { a.rebuildResource(r, false) }) || improved
		}
	}
	return improved
}

// rebuildNeed frees a need of its pairs; then it chooses first, or the resources that it let go do.
func (a *allocation) rebuildNeed(i int32, first bool) {
	freed := slices.Clone(a.atNeed[i])
	for _, k := range freed {
		a.clear(k)
	}
	if first {
		a.fillNeed(i)
	}
	for _, k := range freed {
		a.fillResource(a.pairs[k].resource)
	}
	a.fillNeed(i)
}

func (a *allocation) rebuildResource(r int32, first bool) {
	freed := slices.Clone(a.atResource[r])
	for _, k := range freed {
		a.clear(k)
	}
	if first {
		a.fillResource(r)
	}
	for _, k := range freed {
		a.fillNeed(a.pairs[k].need)
	}
	a.fillResource(r)
}
