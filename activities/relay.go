package activities

import (
	"context"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/city"
)

// EventStore is the outbox.
type EventStore interface {
	NumberEvents(ctx context.Context, limit int) (int, error)
	Announcements(ctx context.Context, c city.ID, position int64, limit int) ([]city.Announcement, error)
	EventRange(ctx context.Context) (oldest, newest int64, err error)
	DropEvents(ctx context.Context, before, unread time.Time, limit int) (int, error)
}

// EventStream is where listeners read. It may be away, and may lose what it had.
type EventStream interface {
	Mark(ctx context.Context) (cache.Mark, error)
	Append(ctx context.Context, events []city.Announcement) (before cache.Mark, err error)
	Clear(ctx context.Context) error
}

// Relay gives committed events their numbers and passes them on to listeners. The numbers are its duty: without the
// stream it goes on numbering, and fills the stream when that is back.
type Relay struct {
	Store  EventStore
	Stream EventStream // nil = no listeners
	Logger *slog.Logger
	Now    func() time.Time
}

// RelayRound is one round of the relay.
type RelayRound struct {
	Length time.Duration `json:"length"` // how long it goes on
}

// RelaySummary is what a round did.
type RelaySummary struct {
	Numbered int   `json:"numbered"`
	Relayed  int   `json:"relayed"` // handed to the stream, those that it had lost included
	Dropped  int   `json:"dropped"` // old ones that everybody has read
	Position int64 `json:"position"`
}

const (
	relayBatch = 500
	relayPause = 50 * time.Millisecond // between two looks for new events
	relayBeat  = time.Second
	// eventsKept is for how long an event can be read after it happened; docs/api.md says so.
	eventsKept = 7 * 24 * time.Hour
	// unreadKept is for how long one is kept that a consumer has not read, such as the graph with Neo4j switched off. One
	// that comes back after that begins with the tables.
	unreadKept = 30 * 24 * time.Hour
	dropBatch  = 20_000
)

// RelayEvents numbers and passes on events until the round is over or the worker stops.
func (r *Relay) RelayEvents(ctx context.Context, in RelayRound) (RelaySummary, error) {
	t := &relaying{Relay: r}
	err := t.drop(ctx)
	if err == nil {
		err = t.run(ctx, in.Length)
	}
	return t.done, classify(err)
}

// relaying is one round.
type relaying struct {
	*Relay
	done   RelaySummary
	at     int64     // the stream has what comes before, as far as it is meant to
	mark   int64     // what the stream is thought to say of itself
	known  bool      // the two are known
	looked time.Time // at the stream
}

func (t *relaying) drop(ctx context.Context) error {
	var err error
	t.done.Dropped, err = t.Store.DropEvents(ctx, t.Now().Add(-eventsKept), t.Now().Add(-unreadKept), dropBatch)
	return err
}

func (t *relaying) run(ctx context.Context, length time.Duration) error {
	over := time.NewTimer(length)
	defer over.Stop()
	beats := time.NewTicker(relayBeat)
	defer beats.Stop()
	stopping := stopChannel(ctx)
	for {
		numbered, err := t.Store.NumberEvents(ctx, relayBatch)
		if err != nil {
			return err
		}
		t.done.Numbered += numbered
		t.feed(ctx, numbered > 0)
		pause := time.NewTimer(relayPause)
		if numbered == relayBatch {
			pause.Reset(0)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-stopping:
			return nil // the next round begins on another worker
		case <-over.C:
			return nil
		case <-beats.C:
			if activity.IsActivity(ctx) {
				activity.RecordHeartbeat(ctx, t.done)
			}
		case <-pause.C:
		}
		pause.Stop()
	}
}

// stopChannel is closed when the worker is told to stop.
func stopChannel(ctx context.Context) <-chan struct{} {
	if !activity.IsActivity(ctx) {
		return nil
	}
	return activity.GetWorkerStopChannel(ctx)
}

// feed passes on what the stream does not have. Its failures are the stream's: nobody waits for it, and listeners read
// PostgreSQL meanwhile. Without news it looks once a second whether the stream still has what it had.
func (t *relaying) feed(ctx context.Context, news bool) {
	if t.Stream == nil || (!news && t.known && t.Now().Sub(t.looked) < relayBeat) {
		return
	}
	t.looked = t.Now()
	if err := t.catchUp(ctx); err != nil {
		t.known = false
		t.Logger.DebugContext(ctx, "the stream of events waits", "error", err)
	}
}

func (t *relaying) catchUp(ctx context.Context) error {
	if err := t.recognise(ctx); err != nil {
		return err
	}
	for {
		events, err := t.Store.Announcements(ctx, "", t.at, relayBatch)
		if err != nil || len(events) == 0 {
			return err
		}
		before, err := t.Stream.Append(ctx, events)
		if err != nil {
			return err
		}
		lost := before.Position < t.mark
		t.at = events[len(events)-1].Position
		t.mark = t.at
		t.done.Relayed += len(events)
		t.done.Position = t.at
		if lost { // since the last look
			return t.refill(ctx)
		}
		if len(events) < relayBatch {
			return nil
		}
	}
}

// recognise finds out how far the stream was filled, and fills it anew when it lost something or holds the events of
// another history, as after the database was restored to an earlier moment.
func (t *relaying) recognise(ctx context.Context) error {
	mark, err := t.Stream.Mark(ctx)
	if err != nil {
		return err
	}
	switch {
	case t.known && mark.Position == t.mark:
		return nil
	case mark.Position == 0 || mark.Position < t.mark:
		return t.refill(ctx)
	}
	same, err := t.remembers(ctx, mark)
	if err != nil {
		return err
	}
	if !same {
		return t.refill(ctx)
	}
	t.at, t.mark, t.known = mark.Position, mark.Position, true // where the last round, or another relay, came to
	return nil
}

// remembers reports whether the outbox has the event that the mark is about. What is older than the outbox reaches cannot
// be told, and is as good as lost.
func (t *relaying) remembers(ctx context.Context, mark cache.Mark) (bool, error) {
	found, err := t.Store.Announcements(ctx, "", mark.Position-1, 1)
	if err != nil || len(found) == 0 {
		return false, err
	}
	return found[0].Position == mark.Position && found[0].At.Equal(mark.At), nil
}

// refill empties the stream and begins with the newest events that it can hold.
func (t *relaying) refill(ctx context.Context) error {
	t.known = false
	if err := t.Stream.Clear(ctx); err != nil {
		return err
	}
	oldest, newest, err := t.Store.EventRange(ctx)
	if err != nil {
		return err
	}
	t.at, t.mark, t.known = max(oldest-1, newest-cache.StreamLength, 0), 0, true
	return nil
}
