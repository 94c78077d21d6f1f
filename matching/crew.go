package matching

import "sync"

// crew are the workers of a Solve. Each takes one component after the other; whoever is between two of them, or has
// none left, helps with a component that calls for help.
type crew struct {
	mu      sync.Mutex
	changed *sync.Cond
	workers int
	calls   []*call
	next    int // task to be begun
	running int // tasks that may call for help
}

// call is work in independent pieces.
type call struct {
	pieces, next, done int
	do                 func(piece int)
}

func newCrew(workers int) *crew {
	c := &crew{workers: workers}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// share does all pieces, with whoever is free, and returns when all are done.
func (c *crew) share(pieces int, do func(piece int)) {
	if pieces < 2 || c.workers < 2 {
		for piece := range pieces {
			do(piece)
		}
		return
	}
	mine := &call{pieces: pieces, do: do}
	c.mu.Lock()
	c.calls = append(c.calls, mine)
	c.changed.Broadcast()
	for mine.next < mine.pieces {
		c.help(mine)
	}
	for mine.done < mine.pieces {
		c.changed.Wait()
	}
	c.mu.Unlock()
}

// help does the next piece of a call. The lock is held before and after, not during.
func (c *crew) help(m *call) {
	piece := m.next
	if m.next++; m.next == m.pieces {
		for k, other := range c.calls {
			if other == m {
				c.calls = append(c.calls[:k], c.calls[k+1:]...)
				break
			}
		}
	}
	c.mu.Unlock()
	m.do(piece)
	c.mu.Lock()
	if m.done++; m.done == m.pieces {
		c.changed.Broadcast()
	}
}

// work is the day of one worker: calls first, for somebody waits for them, then tasks.
func (c *crew) work(tasks int, do func(task int)) {
	c.mu.Lock()
	for {
		switch {
		case len(c.calls) > 0:
			c.help(c.calls[0])
		case c.next < tasks:
			task := c.next
			c.next++
			c.running++
			c.mu.Unlock()
			do(task)
			c.mu.Lock()
			if c.running--; c.running == 0 {
				c.changed.Broadcast()
			}
		case c.running > 0:
			c.changed.Wait()
		default:
			c.mu.Unlock()
			return
		}
	}
}
