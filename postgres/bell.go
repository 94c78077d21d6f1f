package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// eventPoll is how often the head is looked at while nothing is heard: the connection that listens may be away.
const eventPoll = time.Second

// AwaitEvents returns as soon as there is an event behind position, or when wait is over; which of the two is told by
// EventsAfter. All that wait in a process share one connection of their own, outside the pool.
func (s *Store) AwaitEvents(ctx context.Context, position int64, wait time.Duration) error {
	limit := time.NewTimer(wait)
	defer limit.Stop()
	for {
		// Before the look at the head, so that a ring in between is heard.
		rung := s.bell.next()
		head, err := s.q.OutboxHead(ctx)
		if err != nil || head > position {
			return translate("await events", err)
		}
		poll := time.NewTimer(eventPoll)
		select {
		case <-rung:
		case <-poll.C:
		case <-limit.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
		poll.Stop()
	}
}

// bell wakes those who wait for events. It connects when it is first asked, and again whenever the connection breaks.
type bell struct {
	config *pgx.ConnConfig

	mu      sync.Mutex
	rung    chan struct{} // closed when it rings
	stop    context.CancelFunc
	stopped chan struct{}
}

// next is closed at the next ring.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	if b.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		b.stop, b.stopped = stop, make(chan struct{})
		go b.listen(ctx)
	}
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.rung)
	b.rung = make(chan struct{})
}

func (b *bell) close() {
	b.mu.Lock()
	stop, stopped := b.stop, b.stopped
	b.mu.Unlock()
	if stop != nil {
		stop()
		<-stopped
	}
}

func (b *bell) listen(ctx context.Context) {
	defer close(b.stopped)
	again := time.NewTicker(eventPoll)
	defer again.Stop()
	for ctx.Err() == nil {
		b.hear(ctx)
		select {
		case <-again.C:
		case <-ctx.Done():
		}
	}
}

// hear rings for each notification until the connection breaks. Whoever waits polls meanwhile, so nobody is told.
func (b *bell) hear(ctx context.Context) {
	conn, err := pgx.ConnectConfig(ctx, b.config.Copy())
	if err != nil {
		return
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+eventsNumbered); err != nil {
		return
	}
	b.ring() // what was said before
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return
		}
		b.ring()
	}
}
