package candidates

import (
	"math"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// span is a stretch of time in seconds after the snapshot's now, end excluded.
type span struct{ from, to int64 }

// always is what a listing without windows is open for.
var always = []span{{0, math.MaxInt64 / 4}}

// spansOf turns windows into ascending spans that neither touch nor overlap; what has passed is gone.
func spansOf(windows []city.Window, now time.Time) []span {
	if len(windows) == 0 {
		return always
	}
	spans := make([]span, 0, len(windows))
	for _, w := range windows {
		s := span{max(w.Start.Unix()-now.Unix(), 0), w.End.Unix() - now.Unix()}
		if s.from < s.to {
			spans = append(spans, s)
		}
	}
	slices.SortFunc(spans, func(a, b span) int {
		if a.from != b.from {
			return int(min(max(a.from-b.from, -1), 1))
		}
		return int(min(max(a.to-b.to, -1), 1))
	})
	merged := spans[:0]
	for _, s := range spans {
		if last := len(merged) - 1; last >= 0 && s.from <= merged[last].to {
			merged[last].to = max(merged[last].to, s.to)
		} else {
			merged = append(merged, s)
		}
	}
	return merged
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
// told apart by one instruction. A set bit is a maybe; only earliestArrival decides.
type calendar struct{ bucket int64 }

func newCalendar(horizon int64) calendar { return calendar{bucket: horizon/64 + 1} }

// mask has the bits of all spans, each prolonged by the longest travel.
func (c calendar) mask(spans []span, travel int64) uint64 {
	var mask uint64
	for _, s := range spans {
		first := min(s.from/c.bucket, 63)
		last := min((s.to-1+travel)/c.bucket, 63)
		mask |= (^uint64(0) << first) & (^uint64(0) >> (63 - last))
	}
	return mask
}
