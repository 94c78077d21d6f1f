package api

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

const (
	// ringLength is how many events of a city a process keeps at hand. A client that falls further behind is cut.
	ringLength = 4096
	// listenFor is how long Redis is listened to before PostgreSQL is asked whether there is something that Redis was not
	// told.
	listenFor = 2 * time.Second
	livePage  = 500
)

// live is what the clients of this process listen to: one feed for each city that has clients here.
type live struct {
	store   *postgres.Store
	streams *cache.Streams
	logger  *slog.Logger

	mu       sync.Mutex
	feeds    map[city.ID]*feed
	stopping chan struct{} // closed when the process stops
	stopOnce sync.Once
}

func newLive(store *postgres.Store, streams *cache.Streams, logger *slog.Logger) *live {
	return &live{store: store, streams: streams, logger: logger, feeds: map[city.ID]*feed{}, stopping: make(chan struct{})}
}

// stop ends every stream, so that the process can end.
func (l *live) stop() { l.stopOnce.Do(func() { close(l.stopping) }) }

// join gives a client the feed of its city; leave is called when the client is gone. The first client starts the reader,
// the last one ends it.
func (l *live) join(ctx context.Context, c city.ID) (joined *feed, leave func(), err error) {
	_, head, err := l.store.EventRange(ctx)
	if err != nil {
		return nil, nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.feeds[c]
	if f == nil {
		reading, stop := context.WithCancel(context.Background()) // no request's own: it ends with the last client
		f = &feed{live: l, city: c, since: head, changed: make(chan struct{}), stop: stop}
		l.feeds[c] = f
		go f.read(reading, head)
	}
	f.clients++
	return f, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if f.clients--; f.clients == 0 {
			f.stop()
			delete(l.feeds, c)
		}
	}, nil
}

// history reads a page of a city's events behind a position: from Redis where it has them without a gap, else from
// PostgreSQL. Only when PostgreSQL has no more is the page the last one.
func (l *live) history(ctx context.Context, c city.ID, position int64) (events []city.Announcement, last bool, err error) {
	events, err = l.streams.Following(ctx, c, position, livePage, 0)
	if err == nil && len(events) > 0 && events[0].Previous <= position {
		return events, false, nil
	}
	events, err = l.store.Announcements(ctx, c, position, livePage)
	return events, len(events) < livePage, err
}

// feed is the live events of one city. One goroutine reads, whatever the number of clients; each client knows its own
// position, so that a slow one costs nobody anything.
type feed struct {
	live    *live
	city    city.ID
	clients int // guarded by live.mu
	stop    context.CancelFunc

	mu      sync.Mutex
	since   int64 // all events of the city behind it, as far as they were read, are in ring
	ring    []heard
	changed chan struct{} // closed when there is more
}

// heard is an event ready to be sent.
type heard struct {
	city.Announcement
	frame []byte
}

// after is what the feed has behind a position, and what to wait on when that is nothing. It is not covered when the
// feed begins later.
func (f *feed) after(position int64) (events []heard, changed <-chan struct{}, covered bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if position < f.since {
		return nil, nil, false
	}
	at := len(f.ring)
	for at > 0 && f.ring[at-1].Position > position {
		at--
	}
	return f.ring[at:len(f.ring):len(f.ring)], f.changed, true
}

// begins is where the feed begins.
func (f *feed) begins() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.since
}

func (f *feed) add(events []city.Announcement) {
	more := make([]heard, len(events))
	for i, event := range events {
		more[i] = heard{event, frame(event)}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ring = append(f.ring, more...)
	if over := len(f.ring) - ringLength; over > 0 {
		f.since = f.ring[over-1].Position
		f.ring = append(make([]heard, 0, ringLength+livePage), f.ring[over:]...) // clients may still read the old one
	}
	close(f.changed)
	f.changed = make(chan struct{})
}

// read takes in events until the last client is gone.
func (f *feed) read(ctx context.Context, position int64) {
	for ctx.Err() == nil {
		events, err := f.next(ctx, position)
		if err != nil && ctx.Err() == nil {
			f.live.logger.WarnContext(ctx, "live events wait", "city", f.city, "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
		if len(events) > 0 {
			f.add(events)
			position = events[len(events)-1].Position
		}
	}
}

// next waits for events behind a position; none after a while is no failure.
func (f *feed) next(ctx context.Context, position int64) ([]city.Announcement, error) {
	events, err := f.live.streams.Following(ctx, f.city, position, livePage, listenFor)
	if err == nil && len(events) > 0 && events[0].Previous <= position {
		return events, nil
	}
	away := err != nil
	_, newest, err := f.live.store.EventRange(ctx)
	if err != nil {
		return nil, err
	}
	events, err = f.live.store.Announcements(ctx, f.city, position, livePage)
	if err != nil || len(events) > 0 || !away {
		return events, err
	}
	return nil, f.live.store.AwaitEvents(ctx, newest, listenFor)
}
