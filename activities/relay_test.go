package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/city"
)

// outbox is an outbox whose events are one batch old already.
type outbox struct {
	events     []city.Announcement
	unnumbered int
}

func (o *outbox) NumberEvents(_ context.Context, limit int) (int, error) {
	n := min(limit, o.unnumbered)
	o.unnumbered -= n
	for range n {
		o.add()
	}
	return n, nil
}

func (o *outbox) add() {
	position := int64(len(o.events) + 1)
	o.events = append(o.events, city.Announcement{Position: position, Previous: position - 1, City: "town", At: time.UnixMicro(position)})
}

func (o *outbox) Announcements(_ context.Context, _ city.ID, position int64, limit int) ([]city.Announcement, error) {
	from := min(max(int(position), 0), len(o.events))
	return o.events[from:min(from+limit, len(o.events))], nil
}

func (o *outbox) EventRange(context.Context) (oldest, newest int64, err error) {
	return 1, int64(len(o.events)), nil
}

func (o *outbox) DropEvents(context.Context, time.Time, time.Time, int) (int, error) { return 0, nil }

// stream is a stream that can be away and can lose what it has. It calls look before each look at its mark.
type stream struct {
	mark   cache.Mark
	has    []int64
	away   bool
	clears int
	look   func(s *stream)
	looks  int
}

var errStreamAway = errors.New("away")

func (s *stream) Mark(context.Context) (cache.Mark, error) {
	s.looks++
	if s.look != nil {
		s.look(s)
	}
	if s.away {
		return cache.Mark{}, errStreamAway
	}
	return s.mark, nil
}

func (s *stream) Append(_ context.Context, events []city.Announcement) (cache.Mark, error) {
	if s.away {
		return cache.Mark{}, errStreamAway
	}
	before := s.mark
	for _, e := range events {
		if len(s.has) == 0 || s.has[len(s.has)-1] < e.Position {
			s.has = append(s.has, e.Position)
		}
		s.mark = cache.Mark{Position: e.Position, At: e.At}
	}
	return before, nil
}

func (s *stream) Clear(context.Context) error { s.clears++; s.lose(); return nil }

func (s *stream) lose() { s.has, s.mark = nil, cache.Mark{} }

// relay runs a round until the stream was looked at often enough; the clock jumps a second at each look at it.
func relay(t *testing.T, o *outbox, s *stream, looks int) activities.RelaySummary {
	t.Helper()
	now := time.Unix(0, 0)
	ctx, done := context.WithCancel(t.Context())
	defer done()
	inner := s.look
	s.looks = 0
	s.look = func(s *stream) {
		if inner != nil {
			inner(s)
		}
		if s.looks > looks {
			done()
		}
	}
	r := &activities.Relay{Store: o, Stream: s, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time {
		now = now.Add(time.Second)
		return now
	}}
	summary, err := r.RelayEvents(ctx, activities.RelayRound{Length: time.Minute})
	require.ErrorIs(t, err, context.Canceled)
	s.look = inner
	return summary
}

func positions(from, to int) []int64 {
	var all []int64
	for p := from; p <= to; p++ {
		all = append(all, int64(p))
	}
	return all
}

func TestTheRelayNumbersAndPassesOn(t *testing.T) {
	t.Parallel()
	o, s := &outbox{unnumbered: 1200}, &stream{}
	summary := relay(t, o, s, 5)
	require.Equal(t, activities.RelaySummary{Numbered: 1200, Relayed: 1200, Position: 1200}, summary)
	require.Equal(t, positions(1, 1200), s.has)
	o.unnumbered = 3
	summary = relay(t, o, s, 3)
	require.Equal(t, 3, summary.Relayed, "the next round goes on where the last one was")
	require.Equal(t, positions(1, 1203), s.has)
}

func TestTheRelayGoesOnNumberingWithoutTheStreamAndFillsItLater(t *testing.T) {
	t.Parallel()
	o := &outbox{unnumbered: 700}
	s := &stream{away: true}
	require.Equal(t, 700, relay(t, o, s, 4).Numbered)
	require.Empty(t, s.has)
	s.look = func(s *stream) { s.away = s.looks < 3 }
	require.Equal(t, 700, relay(t, o, s, 5).Relayed)
	require.Equal(t, positions(1, 700), s.has)
}

func TestTheRelayFillsAStreamThatLostSomething(t *testing.T) {
	t.Parallel()
	o := &outbox{unnumbered: 30}
	s := &stream{}
	s.look = func(s *stream) {
		if s.looks == 3 {
			s.lose() // FLUSHALL
			o.unnumbered += 2
		}
	}
	relay(t, o, s, 6)
	require.Equal(t, positions(1, 32), s.has)

	s.look, s.has, s.mark = nil, positions(1, 20), cache.Mark{Position: 20, At: time.UnixMicro(20)} // an older copy of Redis
	relay(t, o, s, 3)
	require.Equal(t, positions(1, 32), s.has)
}

func TestTheRelayForgetsAStreamOfAnotherHistory(t *testing.T) {
	t.Parallel()
	o := &outbox{unnumbered: 10}
	for _, foreign := range []cache.Mark{{Position: 5, At: time.UnixMicro(99)}, {Position: 40, At: time.UnixMicro(40)}} {
		s := &stream{mark: foreign, has: positions(1, int(foreign.Position))}
		relay(t, o, s, 3)
		require.Equal(t, positions(1, 10), s.has)
		require.Equal(t, 1, s.clears)
	}
}

func TestTheRelayFillsWhatTheStreamCanHold(t *testing.T) {
	t.Parallel()
	o, s := &outbox{}, &stream{}
	for range cache.StreamLength + 100 {
		o.add()
	}
	relay(t, o, s, 3)
	require.Equal(t, positions(101, cache.StreamLength+100), s.has)
}
