package matching

import "context"

// meter says when a search has to end: when its context is done or when its pivots are used up. Asking a context is
// slow, so it is asked once in a while.
type meter struct {
	ctx       context.Context
	maxPivots int64 // 0: no limit
	nextLook  int64
}

const lookEvery = 1024 // pivots between two looks at the context, well below a millisecond

func (m *meter) stop(pivots int64) bool {
	if m.maxPivots > 0 && pivots >= m.maxPivots {
		return true
	}
	if pivots < m.nextLook {
		return false
	}
	m.nextLook = pivots + lookEvery
	return m.ctx.Err() != nil
}
