package graph

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrAway means that Neo4j did not answer, now or a moment ago.
var ErrAway = errors.New("neo4j is away")

// breaker fails calls at once while the server is known to be away: the driver would spend seconds on each of them. One
// call in every pause is let through to see whether the server is back.
type breaker struct {
	pause time.Duration
	now   func() time.Time

	mu    sync.Mutex
	until time.Time // open before this
	why   error
}

// allow says whether a call may try.
func (b *breaker) allow() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.why == nil {
		return nil
	}
	now := b.now()
	if now.Before(b.until) {
		return fmt.Errorf("%w, not asked for another %s: %w", ErrAway, b.until.Sub(now).Round(time.Millisecond), b.why)
	}
	b.until = now.Add(b.pause) // this one tries; the others wait for what it finds
	return nil
}

// note takes how a call ended. Only being away opens: a wrong question is answered, too.
func (b *breaker) note(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil || !errors.Is(err, ErrAway) {
		b.why = nil
		return
	}
	b.why, b.until = err, b.now().Add(b.pause)
}
