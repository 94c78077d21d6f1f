package candidates

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// span is a stretch of time in seconds after the snapshot's now, end excluded.
type span struct{ from, to int64 }

// always is what a listing without windows is open for.
var always = []span{{0, math.MaxInt64 / 4}}

// spansOf turns windows into ascending spans that neither touch nor overlap; what has passed is gone. They lie at the
// end of the arena.
func spansOf(arena []span, windows []city.Window, now time.Time) (longer, spans []span) {
	if len(windows) == 0 {
		return arena, always
	}
	start := len(arena)
	for _, w := range windows {
		s := span{max(w.Start.Unix()-now.Unix(), 0), w.End.Unix() - now.Unix()}
		if s.from < s.to {
			arena = append(arena, s)
		}
	}
	spans = arena[start:]
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	merged := spans[:0]
	for _, s := range spans {
		if last := len(merged) - 1; last >= 0 && s.from <= merged[last].to {
			merged[last].to = max(merged[last].to, s.to)
		} else {
			merged = append(merged, s)
		}
	}
	return arena[:start+len(merged)], merged[:len(merged):len(merged)]
}

// earliestArrival is the first moment at which something that was picked up while the giver is open can arrive while
// the receiver is open, travel seconds later; false when there is none.
func earliestArrival(giver, receiver []span, travel int64) (int64, bool) {
	for i, k := 0, 0; i < len(giver) && k < len(receiver); {
		g := span{giver[i].from + travel, giver[i].to + travel}
		r := receiver[k]
		if from := max(g.from, r.from); from < min(g.to, r.to) {
			return from, true
		}
		if g.to <= r.to {
			i++
		} else {
			k++
		}
	}
	return 0, false
}

// steps is how many parts the time to the horizon is divided into.
const steps = 256

// calendar maps spans to steps over the horizon of the snapshot, so that most pairs need no search: four steps to a bit
// tell most of those apart that are never open together, single steps most of the others, and most of those that are
// open together are so at one of the moments between the steps. What is left only earliestArrival decides.
type calendar float64 // steps a second

func newCalendar(horizon int64) calendar { return calendar(steps / float64(horizon+1)) }

// step is that of a time from 0 on. It need not be exact: it never falls as time goes on, and nothing else is asked of it.
func (c calendar) step(t int64) int64 { return int64(min(float64(t)*float64(c), steps)) }

// bitset has a bit for each step, or for the moment at which it begins.
type bitset [steps / 64]uint64

// during has the steps of all spans, each prolonged by the longest travel, and the same with four steps to a bit. Who has
// none in common cannot meet.
func (c calendar) during(spans []span, travel int64) (b bitset, coarse uint64) {
	for _, s := range spans {
		first, last := min(c.step(s.from), steps-1), min(c.step(s.to-1+travel), steps-1)
		b.add(first, last+1)
		coarse |= bitsBetween(first/4, last/4+1)
	}
	return b, coarse
}

// moments are the moments at which a span is open and stays so for a while. A giver who is open at such a moment and a
// receiver who is so for as long as the way takes can meet.
func (c calendar) moments(spans []span, while int64) bitset {
	var b bitset
	for _, s := range spans {
		if s.to <= while {
			continue
		}
		first := int64(0)
		if s.from > 0 {
			first = c.step(s.from-1) + 1 // the first that begins after the second before
		}
		b.add(first, c.step(s.to-1-while)+1)
	}
	return b
}

// add sets the bits from first to the one before end.
func (b *bitset) add(first, end int64) {
	for k := first / 64; k < int64(len(b)) && 64*k < end; k++ {
		b[k] |= bitsBetween(max(first-64*k, 0), min(end-64*k, 64))
	}
}

// bitsBetween has the bits from first to the one before end, at most 64.
func bitsBetween(first, end int64) uint64 {
	if first >= end {
		return 0
	}
	return (^uint64(0) << first) & (^uint64(0) >> (64 - end))
}

func (b *bitset) meets(a *bitset) bool { return a[0]&b[0]|a[1]&b[1]|a[2]&b[2]|a[3]&b[3] != 0 }
