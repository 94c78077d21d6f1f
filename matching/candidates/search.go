package candidates

// search looks for the candidates of one need after the other. Each worker has its own.
type search struct {
	c       *Index
	best    best
	details []detail // of everything that was ever kept for the need at hand
	row     []pair
	guesses guesses
	ahead   [16]want // the next ones: they lie far apart, and fetched together the waits for them overlap

	// what scan needs of the need and the grid at hand
	w      *want
	rate   rate
	bonus  int64
	grid   *grid
	sieve  sieve
	list   []special
	kept   []int32  // by the sieve
	judged []judged // parallel to it

	// bold is a search that starts above a guessed threshold. It may pass over what is worth less and not notice that
	// something was cut off.
	bold bool
}

// detail is what the graph holds of a pair, besides its resource.
type detail struct{ score, charge int64 }

// pair is a candidate in the row of its need.
type pair struct {
	detail
	resource int32
}

// fetch copies the wants of the first needs ahead.
func (s *search) fetch(needs []int32) {
	for k, need := range needs[:min(len(needs), len(s.ahead))] {
		s.ahead[k] = s.c.wants[need]
	}
}

// candidatesOf finds the best candidates of a need, ascending by resource; limit 0 finds all. What it returns is valid
// until the next call.
func (s *search) candidatesOf(w *want, limit int) []pair {
	if w.left == 0 || !w.located || len(w.leaves) == 0 {
		s.best.reset(limit, 0)
		return nil
	}
	for _, threshold := range s.guesses.thresholds(s.c, w, limit) {
		if threshold > 0 && s.look(w, limit, threshold) {
			s.guesses.learn(s.c, w, s.best.threshold)
			return s.sorted()
		}
	}
	if s.look(w, limit, 0) {
		s.guesses.learn(s.c, w, s.best.threshold)
	} else {
		s.guesses.forget(w)
	}
	return s.sorted()
}

// look fills best with what is worth more than a threshold. It reports whether there was more than best may hold: then
// the result does not depend on the threshold.
func (s *search) look(w *want, limit int, threshold int64) bool {
	s.best.reset(limit, threshold)
	s.bold, s.details = threshold > 0, s.details[:0]
	s.w, s.list = w, s.c.special.of(w.need)
	for k := range s.list {
		s.trySpecial(&s.list[k])
	}
	for _, leaf := range w.leaves {
		s.searchLeaf(&s.c.grids[leaf])
	}
	return s.best.full() && s.best.cut
}

// sorted is what best holds, ascending by resource.
func (s *search) sorted() []pair {
	s.row = s.row[:0]
	for _, key := range s.best.ascending() {
		s.row = append(s.row, pair{s.details[uint32(key)], int32(key >> 32)})
	}
	return s.row
}

// keep adds a candidate to the best.
func (s *search) keep(worth int64, resource int32, d detail) {
	s.best.add(ranked{worth, resource, int32(len(s.details))})
	s.details = append(s.details, d)
}

// searchLeaf looks into the layers of a leaf, the one of the large offers first.
func (s *search) searchLeaf(g *grid) {
	if len(g.offers) == 0 {
		return
	}
	s.grid, s.rate, s.sieve = g, rate{weight: s.w.weight, success: g.success}, newSieve(s.w, g)
	s.bonus = s.w.bonusOf(g.index)
	for k := range g.layers {
		s.searchLayer(&g.layers[k])
	}
}

// searchLayer goes outward ring by ring until nothing farther away can be in reach, pay its trip, or beat what is held.
func (s *search) searchLayer(l *layer) {
	top, most := s.rate.score(l.mostWorth, l.leastCost)+s.bonus, min(l.mostLeft, s.w.left)
	reach := min(s.w.reach, l.mostReach)
	x, y := l.column(s.w.at), l.row(s.w.at)
	for r := l.firstRing(x, y); r <= l.lastRing(x, y); r++ {
		gap := l.gap(s.w.at, x, y, r)
		if gap > reach {
			return
		}
		bound := top - s.grid.charge.over(metres(gap))/most
		if bound <= s.best.threshold {
			s.best.leave(bound)
			return
		}
		within := reach
		if s.bold || s.best.cut {
			within = min(reach, s.sieve.farthest(top-s.best.threshold, most))
		}
		l.scanRing(s.w.at, x, y, r, within, s)
	}
}

// scan tries the offers of one run of cells: at a glance first, then exactly.
func (s *search) scan(from, to int32) {
	floor := s.best.threshold
	if !s.bold && !s.best.cut {
		floor = 0 // whatever is worth something is left out if it is not kept, and must be noticed
	}
	if len(s.kept) < int(to-from) {
		s.kept = make([]int32, 2*(to-from))
	}
	n := s.sieve.sift(s.grid.glances[from:to], floor-s.bonus, s.kept)
	s.judge(s.grid.offers[from:to], s.kept[:n])
	for k, at := range s.kept[:n] {
		s.try(&s.grid.offers[from+at], &s.judged[k])
	}
}

// judged is an offer's exact worth, and what it is made of.
type judged struct {
	detail
	worth, distance int64
}

// judge computes what some offers of a run are worth, all of them before any is decided on: so the roots and divisions
// of one do not wait for those of the one before.
func (s *search) judge(run []offer, kept []int32) {
	s.judged = s.judged[:0]
	for _, k := range kept {
		o := &run[k]
		distance := metres(o.at.squared(s.w.at))
		d := detail{score: s.rate.score(int64(o.worth), int64(o.cost)) + s.bonus, charge: s.grid.charge.over(distance)}
		s.judged = append(s.judged, judged{d, d.score - d.charge/min(o.left, s.w.left), distance})
	}
}

// try decides on an offer in reach. The cheap conditions come first, then the worth, and only what would be kept is
// checked to the end.
func (s *search) try(o *offer, j *judged) {
	w := s.w
	if o.kinds&w.kind == 0 || o.temperature&w.temperatures == 0 {
		return
	}
	if j.worth <= s.best.threshold {
		s.best.leave(j.worth)
		return
	}
	if len(s.list) > 0 && s.c.special.find(w.need, o.resource) != nil {
		return
	}
	if s.c.fits(w, o, j.distance) {
		s.keep(j.worth, o.resource, j.detail)
	}
}

// trySpecial looks at a pair whose score has a part of its own.
func (s *search) trySpecial(sp *special) {
	at := s.c.spots[sp.resource]
	if at.grid < 0 {
		return
	}
	g := &s.c.grids[at.grid]
	o := &g.offers[at.slot]
	if _, rejected := s.c.firstFilter(s.w, at.grid, o, sp); rejected {
		return
	}
	parts := s.c.parts(s.w, g, o, sp)
	if parts.Amortised <= s.best.threshold {
		s.best.leave(parts.Amortised)
		return
	}
	s.keep(parts.Amortised, sp.resource, detail{parts.Score, parts.Charge})
}
