package matching

import "math"

// watch sees when pivots should give over to another way.
type watch struct {
	next    int64 // work after which to look again
	pivots  int64 // by the look before
	fresh   bool  // pivots began with nothing matched, and go on
	slowest int64 // as long as there is at least one for so many nodes in each pass over the edges
}

// Settings, measured on the families of the speed table and on hostile ones; see the ADR on the second engine.
const (
	// pivotPasses is how much work pivots from an auction's basis may be, in passes over the edges.
	pivotPasses = 192

	// The same where they are likely to lead nowhere.
	pivotPassesWary = 32

	// Pivots that began with nothing matched go on as long as in each of watchPasses passes over the edges there is at least
	// one for slowestPivots nodes, times the scales that cost scaling would take. Where they move ever larger parts of the
	// tree they become much fewer.
	watchPasses   = 16
	slowestPivots = 64
)

func (s *simplex[Q, V]) newWatch(t *task) watch {
	switch {
	case t.tuning.handOver:
		return watch{next: 0}
	case len(s.arcs) < t.tuning.smallestAuction:
		return watch{next: math.MaxInt64}
	case s.unruly:
		v := s.surveyValues()
		return watch{
			next: s.work() + watchPasses*int64(len(s.arcs)), pivots: s.counters.Pivots,
			fresh: true, slowest: slowestPivots * s.scales(v),
		}
	case s.wary:
		return watch{next: s.work() + pivotPassesWary*int64(len(s.arcs))}
	default:
		return watch{next: s.work() + pivotPasses*int64(len(s.arcs))}
	}
}

// bidLimit is how many bids per need a round of the auction may take.
func (s *simplex[Q, V]) bidLimit() int64 {
	if s.wary {
		return mostBidsWary
	}
	return mostBids
}

// goesOn reports whether pivots make headway.
func (s *simplex[Q, V]) goesOn(w *watch) bool {
	before := w.pivots
	w.pivots, w.next = s.counters.Pivots, s.work()+watchPasses*int64(len(s.arcs))
	return w.fresh && w.slowest*(w.pivots-before) >= watchPasses*int64(len(s.nodes))
}

// goAnotherWay is what pivots that lead nowhere give over to: those from an auction's basis to pivots that begin with nothing
// matched, and those to cost scaling. Neither begins with what was found, which would lead them astray: prices that are far
// off in places are worse than none.
func (s *simplex[Q, V]) goAnotherWay(t *task, m *meter, w *watch) {
	if !w.fresh && !t.tuning.handOver {
		s.beginAnew(s.allotments())
		s.startPricing()
		*w = s.newWatch(t)
		return
	}
	given := s.allotments()
	if worth(s.found) > worth(given) {
		given = s.found
	}
	s.rescale(t, m, given)
	w.next = math.MaxInt64 // once is enough
	if len(s.nodes) > 0 {
		s.startPricing()
	}
}

// beginAnew begins with nothing matched. What was found counts if the search is stopped.
func (s *simplex[Q, V]) beginAnew(found []allotment[Q]) {
	s.unruly, s.found = true, append(s.found[:0], found...)
	copy(s.end, s.start[1:])
	s.star()
}
