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

// calendar maps spans to 64 bits over the horizon of the snapshot, so that most pairs that are never open together are
// told apart by one instruction, and to 128 moments, so that most that are need no search either. In between only
// earliestArrival decides.
type calendar struct{ bucket, step int64 }

func newCalendar(horizon int64) calendar {
	return calendar{bucket: horizon/64 + 1, step: horizon/128 + 1}
}

// mask has the bits of all spans, each prolonged by the longest travel. A common bit is a maybe.
func (c calendar) mask(spans []span, travel int64) uint64 {
	var mask uint64
	for _, s := range spans {
		first := min(s.from/c.bucket, 63)
		last := min((s.to-1+travel)/c.bucket, 63)
		mask |= (^uint64(0) << first) & (^uint64(0) >> (63 - last))
	}
	return mask
}

// moments are points of time, a step apart, at which a listing is open.
type moments [2]uint64

// moments has those at which a span is open and stays so for a while. A giver who is open at such a moment and a receiver
// who is so for as long as the way takes can meet.
func (c calendar) moments(spans []span, while int64) moments {
	var m moments
	for _, s := range spans {
		if s.to <= while {
			continue
		}
		first, end := (s.from+c.step-1)/c.step, min((s.to-1-while)/c.step+1, 128)
		m[0] |= bitsBetween(first, min(end, 64))
		m[1] |= bitsBetween(max(first-64, 0), end-64)
	}
	return m
}

// bitsBetween has the bits from first to the one before end, at most 64.
func bitsBetween(first, end int64) uint64 {
	if first >= end {
		return 0
	}
	return (^uint64(0) << first) & (^uint64(0) >> (64 - end))
}

func (m moments) meet(n moments) bool { return m[0]&n[0]|m[1]&n[1] != 0 }
