package candidates

import "math"

// glance is what the first look at an offer needs of it. The glances of a grid lie in the order of its offers, so that
// a run of cells is one short stretch of memory.
type glance struct {
	at    place
	open  uint64
	reach int64
	left  int64
	worth int32
	cost  int32
}

func (o *offer) glance() glance {
	return glance{at: o.at, open: o.open, reach: o.reach, left: o.left, worth: o.worth, cost: o.cost}
}

// sieve is the first look: which offers of a run may be in reach, open together with the need, and worth more than a
// floor. It has no branch to mispredict, no square root and no division, and it asks the worth in floating point with a
// margin above all rounding: it may let through what the exact look refuses, never the other way round.
//
// A pair is worth more than the floor if its charge is less than (score - floor) x quantity. Charges grow with the
// distance, so that is a bound on the distance.
type sieve struct {
	at       place
	open     uint64
	reach    int64
	left     int64
	weight   float64
	success  float64
	fixed    float64 // charge of any trip
	perMinor float64 // decimetres that one minor unit of charge pays for
}

func newSieve(w *want, g *grid) sieve {
	return sieve{
		at: w.at, open: w.open, reach: w.reach, left: w.left,
		weight: float64(w.weight) / float64(million), success: float64(g.success) / float64(million),
		fixed: float64(g.charge.FixedMinor), perMinor: g.charge.perMinor(),
	}
}

// perMinor is the distance in decimetres that one minor unit of charge pays for.
func (t *TripCharge) perMinor() float64 {
	if t.MilliMinorPerKm == 0 {
		return 10 * maxDecimetres // any trip costs the same: half a unit to spare pays for the longest
	}
	return decimetresPerMetre * float64(million) / float64(t.MilliMinorPerKm)
}

// nearestWhole, added and taken away again, rounds a float64 below 2^51 to a whole number.
const nearestWhole = 3 << 51

// roundingMargin is above the error of a float64 score before it is rounded, so that half is rounded up.
const roundingMargin = 1.0 / 1024

// sift writes the positions in run of what may be worth more than floor to kept, and returns how many they are.
func (s *sieve) sift(run []glance, floor int64, kept []int32) int {
	x, y, least := int64(s.at.x), int64(s.at.y), float64(floor)
	kept = kept[:len(run)]
	n := 0
	for k := range run {
		o := &run[k]
		dx, dy := int64(o.at.x)-x, int64(o.at.y)-y
		squared := dx*dx + dy*dy
		inReach := min(o.reach, s.reach) - squared
		together := o.open & s.open
		weighted := float64(o.worth)*s.weight + roundingMargin + nearestWhole - nearestWhole
		score := (weighted-float64(o.cost))*s.success + roundingMargin + nearestWhole - nearestWhole
		// Charges are rounded to whole units, so half a unit less is no less; distances to whole metres, so half a metre more.
		pays := ((score-least)*float64(min(o.left, s.left))-s.fixed-0.5)*s.perMinor + decimetresPerMetre/2 + roundingMargin
		near := pays*pays - float64(squared)
		// All conditions hold if no sign bit is set.
		refused := uint64(inReach) | math.Float64bits(pays) | math.Float64bits(near) | ^(together | -together)
		kept[n] = int32(k)
		n += int(^refused >> 63)
	}
	return n
}

// farthest is a bound on the squared distance of offers that pay: their score exceeds what is held by no more than spare,
// and there is no more of them than most.
func (s *sieve) farthest(spare, most int64) int64 {
	pays := (float64(spare)*float64(most)-s.fixed)*s.perMinor + decimetresPerMetre/2 + roundingMargin
	if pays <= 0 {
		return -1
	}
	return int64(min(pays*pays*(1+1e-9)+1, math.MaxInt64/2))
}
