package demo

import "sync"

// tally counts what the people did; they act at the same time.
type tally struct {
	mu                                            sync.Mutex
	done                                          map[string]bool // keys of what was said already
	approvals, refusals, receipts, short, noShows int

	refusing map[string]float64 // by match: what the work list said a no would cost at most
	refused  float64            // of those that were refused
}

func newTally() *tally { return &tally{done: map[string]bool{}, refusing: map[string]float64{}} }

// shown notes what the work list says about refusing a match, before anybody decides.
func (t *tally) shown(match string, atMost float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refusing[match] = atMost
}

// dearest is the most that a single no would have cost, and on how many matches that was shown.
func (t *tally) dearest() (most float64, matches int) {
	for _, cost := range t.refusing {
		most = max(most, cost)
	}
	return most, len(t.refusing)
}

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

func (t *tally) decided(match string, refused bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if refused {
		t.refusals++
		t.refused += t.refusing[match]
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
