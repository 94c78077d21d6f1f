package matching

import "context"

// meter says when a search has to end: when its context is done or when its pivots are used up. Asking a context is
// slow, so it is asked once in a while.
type meter struct {
	ctx       context.Context
	maxPivots int64 // 0: no limit
	steps     int64 // since the context was asked
	stopped   bool
}

const lookEvery = 1024 // pivots or bids between two looks at the context, well below a millisecond

// stop is asked after every pivot.
func (m *meter) stop(pivots int64) bool {
	if m.maxPivots > 0 && pivots >= m.maxPivots {
		m.stopped = true
	}
	return m.done(1)
}

// done is asked after some steps that are not pivots.
func (m *meter) done(steps int64) bool {
	if m.steps += steps; m.steps >= lookEvery {
		m.steps = 0
		m.stopped = m.stopped || m.ctx.Err() != nil
	}
	return m.stopped
}
