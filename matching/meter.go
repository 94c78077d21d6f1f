package matching

import "context"

// meter says when a search has to end: when its context is done or when its pivots are used up. Asking a context is
// slow, so it is asked once in a while. What goes over many edges or nodes tells the meter of each row, or of as many
// nodes at a time, so that a deadline is missed by a row or by lookEvery steps, whatever is going on.
type meter struct {
	ctx       context.Context
	maxPivots int64 // 0: no limit
	steps     int64 // since the context was asked
	stopped   bool  // for good
}

// lookEvery is how many steps, edges looked at or nodes visited, lie between two looks at the context: tens of
// microseconds, or a millisecond if each of them waits for memory.
const lookEvery = 1 << 14

// stop is asked after every pivot, the steps of which were counted.
func (m *meter) stop(pivots int64) bool {
	if m.maxPivots > 0 && pivots >= m.maxPivots {
		m.stopped = true
	}
	return m.done(1)
}

// count counts steps, for somebody who asks later.
func (m *meter) count(steps int64) { m.steps += steps }

// done is asked after some steps that are not pivots.
func (m *meter) done(steps int64) bool {
	if m.steps += steps; m.steps >= lookEvery {
		m.look()
	}
	return m.stopped
}

// look is not part of done so that done can be inlined.
//
//go:noinline
func (m *meter) look() {
	m.steps = 0
	m.stopped = m.stopped || m.ctx.Err() != nil
}
