package matching

import "math/bits"

// offers is what a need can have.
type offers []offer

type offer struct {
	value    int64
	units    int64
	resource int32 // its number
}

// best returns those that are worth most, as many as it takes to hold so many units: all of each but the last. It
// selects by one digit of the values after the other, the highest first, for a row may have millions of offers and a need
// may want half of them.
func (o offers) best(units int64) offers {
	const digit = 8 // bits
	highest := int64(0)
	for _, e := range o {
		highest = max(highest, e.value)
	}
	taken, rest := 0, o
	for shift := max(0, bits.Len64(uint64(highest))-digit); ; shift = max(0, shift-digit) {
		digitOf := func(e offer) int64 { return e.value >> shift & (1<<digit - 1) }
		var count [1 << digit]int64
		for _, e := range rest {
			count[digitOf(e)] += e.units
		}
		least := int64(1<<digit - 1)
		for ; least > 0 && count[least] < units; least-- {
			units -= count[least]
		}
		above := rest.gather(func(e offer) bool { return digitOf(e) > least })
		taken += above
		rest = rest[above:]
		rest = rest[:rest.gather(func(e offer) bool { return digitOf(e) == least })]
		if shift == 0 {
			break
		}
	}
	for ; units > 0 && len(rest) > 0; rest = rest[1:] { // they are worth the same
		units -= rest[0].units
		taken++
	}
	return o[:taken]
}

// gather moves the offers that are wanted to the front, and returns how many they are.
func (o offers) gather(wanted func(e offer) bool) (n int) {
	for k, e := range o {
		if wanted(e) {
			o[k], o[n] = o[n], e
			n++
		}
	}
	return n
}
