package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/city-resource-graph/crg/city"
)

// StreamLength is about how many events Redis keeps of each city; older ones are read from PostgreSQL.
const StreamLength = 10_000

// Streams are the live events: a Redis Stream for each city, whose entry ids are the events' positions, and a mark that
// says how far they were filled. They are a copy: what is missing here is read from PostgreSQL.
type Streams struct {
	cache  *Cache
	prefix string
}

// Streams are those of one installation; prefix keeps it apart from others that share a Redis.
func (c *Cache) Streams(prefix string) *Streams {
	return &Streams{cache: c, prefix: "crg:events:" + prefix + ":"}
}

func (s *Streams) key(c city.ID) string { return s.prefix + "city:" + string(c) }

func (s *Streams) markKey() string { return s.prefix + "mark" }

// Mark is the last event that was appended. Position 0 means none: Redis is new, or lost what it had.
type Mark struct {
	Position int64
	At       time.Time // when the event was written: another history has another event at the same position
}

func (m Mark) text() string { return fmt.Sprintf("%d %d", m.Position, m.At.UnixMicro()) }

func parseMark(text string) Mark {
	var m Mark
	position, micro, _ := strings.Cut(text, " ")
	at, err := strconv.ParseInt(micro, 10, 64)
	if err != nil {
		return Mark{}
	}
	if m.Position, err = strconv.ParseInt(position, 10, 64); err != nil {
		return Mark{}
	}
	m.At = time.UnixMicro(at).UTC()
	return m
}

// Mark reads how far the streams were filled.
func (s *Streams) Mark(ctx context.Context) (Mark, error) {
	var text string
	err := s.cache.ask(ctx, func(ctx context.Context) error {
		var err error
		text, err = s.cache.redis.Get(ctx, s.markKey()).Result()
		return err
	})
	if errors.Is(err, redis.Nil) {
		return Mark{}, nil
	}
	return parseMark(text), err
}

// Append adds events in their order and moves the mark, all or nothing. What is there already stays. It answers with the
// mark that was there before: when it is not what the caller expects, Redis lost something or another one appended too.
func (s *Streams) Append(ctx context.Context, events []city.Announcement) (before Mark, err error) {
	if len(events) == 0 {
		return s.Mark(ctx)
	}
	last := events[len(events)-1]
	bodies := make([][]byte, len(events))
	for i, event := range events {
		if bodies[i], err = json.Marshal(event); err != nil {
			return Mark{}, fmt.Errorf("event %d: %w", event.Position, err)
		}
	}
	var was *redis.StringCmd
	err = s.cache.askWithin(ctx, max(appendTime, s.cache.limit), func(ctx context.Context) error {
		pipe := s.cache.redis.TxPipeline()
		was = pipe.Get(ctx, s.markKey())
		added := make([]*redis.StringCmd, len(events))
		for i, event := range events {
			added[i] = pipe.XAdd(ctx, &redis.XAddArgs{
				Stream: s.key(event.City), MaxLen: StreamLength, Approx: true,
				ID: entryID(event.Position), Values: []any{"event", bodies[i]},
			})
		}
		pipe.Set(ctx, s.markKey(), Mark{last.Position, last.At}.text(), 0)
		_, err := pipe.Exec(ctx)
		if err == nil || !answeredAll(was, added) {
			return err
		}
		return nil
	})
	if err != nil {
		return Mark{}, err
	}
	return parseMark(was.Val()), nil
}

// appendTime is how long one batch may take.
const appendTime = 2 * time.Second

// answeredAll reports whether each command did its work, or found it done.
func answeredAll(was *redis.StringCmd, added []*redis.StringCmd) bool {
	if err := was.Err(); err != nil && !errors.Is(err, redis.Nil) {
		return false
	}
	for _, one := range added {
		if err := one.Err(); err != nil && !strings.Contains(err.Error(), "equal or smaller") {
			return false
		}
	}
	return true
}

// Clear forgets all events and the mark.
func (s *Streams) Clear(ctx context.Context) error {
	return s.cache.askWithin(ctx, max(appendTime, s.cache.limit), func(ctx context.Context) error {
		keys := []string{s.markKey()}
		found := s.cache.redis.Scan(ctx, 0, s.prefix+"city:*", 1000).Iterator()
		for found.Next(ctx) {
			keys = append(keys, found.Val())
		}
		if err := found.Err(); err != nil {
			return err
		}
		return s.cache.redis.Unlink(ctx, keys...).Err()
	})
}

// Following reads at most limit of a city's events behind a position. When there is none it waits for one, at most for
// wait, and returns none then. The events have no gap between them; whether there is one before the first, its Previous
// says.
func (s *Streams) Following(ctx context.Context, c city.ID, position int64, limit int, wait time.Duration) ([]city.Announcement, error) {
	block := wait
	if wait <= 0 {
		block = -1 // does not wait; 0 would wait for ever
	}
	var streams []redis.XStream
	err := s.cache.askWithin(ctx, max(wait, 0)+s.cache.limit, func(ctx context.Context) error {
		var err error
		streams, err = s.cache.waiting.XRead(ctx, &redis.XReadArgs{
			Streams: []string{s.key(c), entryID(position)}, Count: int64(limit), Block: block,
		}).Result()
		return err
	})
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil || len(streams) == 0 {
		return nil, err
	}
	return entries(streams[0].Messages), nil
}

// entries reads a stream's entries up to the first that does not follow the one before it.
func entries(messages []redis.XMessage) []city.Announcement {
	var events []city.Announcement
	for _, message := range messages {
		var event city.Announcement
		body, _ := message.Values["event"].(string)
		if err := json.Unmarshal([]byte(body), &event); err != nil || entryID(event.Position) != message.ID {
			break // not ours: whoever wants it reads PostgreSQL
		}
		if len(events) > 0 && event.Previous != events[len(events)-1].Position {
			break
		}
		events = append(events, event)
	}
	return events
}

func entryID(position int64) string { return strconv.FormatInt(position, 10) + "-0" }
