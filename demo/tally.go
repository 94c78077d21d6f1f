package demo

import "sync"

// tally counts what the people did; they act at the same time.
type tally struct {
	mu                                            sync.Mutex
	done                                          map[string]bool // keys of what was said already
	approvals, refusals, receipts, short, noShows int
}

func newTally() *tally { return &tally{done: map[string]bool{}} }

// first reports whether something is said for the first time: a workflow takes a moment to act on it, and until then
// its match still stands in the lists.
func (t *tally) first(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done[key] {
		return false
	}
	t.done[key] = true
	return true
}

func (t *tally) decided(refused bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if refused {
		t.refusals++
		return
	}
	t.approvals++
}

func (t *tally) received(short bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.receipts++
	if short {
		t.short++
	}
}

func (t *tally) missed(happened bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if happened {
		t.noShows++
	}
}
