// Package cache keeps in Redis what may be lost at any moment: how much of its rate limit a caller used, copies of
// answers whose truth is in PostgreSQL, and the live events on their way to listeners. docs/cache.md lists every key.
// Nothing exists only here, and nothing waits long for it: while Redis is away the cache misses, limits are kept by each
// process for itself, listeners read PostgreSQL, and no caller sees an error.
package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Cache is a connection to Redis that may be away.
type Cache struct {
	redis   *redis.Client
	waiting *redis.Client // its connections wait for events, one for each city that is listened to
	logger  *slog.Logger
	limit   time.Duration // of one command
	rested  atomic.Int64  // Unix nanoseconds until which Redis is not asked again
}

const (
	// patience is how long one command may take where the address does not say. Redis on the same network answers in well under a millisecond.
	patience = 150 * time.Millisecond
	// rest is how long Redis is left alone after a failure, so that an outage does not cost patience in each request.
	rest = time.Second
	// maxWaiting is how many cities one process can listen to.
	maxWaiting = 500
)

// ErrAway is returned while Redis does not answer. Callers go on without it.
var ErrAway = errors.New("redis is away")

// Open prepares a connection to url (redis://...); it is made when first used, so Redis need not be there yet. With
// ?read_timeout=1s a command may take that long, as where Redis is far away or its machine busy with other things.
func Open(url string, logger *slog.Logger) (*Cache, error) {
	silenceDriver()
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("REDIS_URL: want redis://user:password@host:port/db: %w", err)
	}
	limit := patience
	if options.ReadTimeout > 0 {
		limit = options.ReadTimeout
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = limit, limit, limit
	options.PoolTimeout = limit
	options.MaxRetries, options.DialerRetries = -1, 1 // no retry: the caller goes on without Redis instead
	options.ContextTimeoutEnabled = true
	waiting := *options
	waiting.PoolSize, waiting.ReadTimeout = maxWaiting, -1 // as long as the command's context lets it
	return &Cache{redis: redis.NewClient(options), waiting: redis.NewClient(&waiting), logger: logger, limit: limit}, nil
}

// silenceDriver keeps the driver, whose logger is one for the whole process, from writing plain lines between the JSON
// ones. What it would say comes back as errors, and is logged once an outage.
var silenceDriver = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

type silent struct{}

// Printf writes nothing.
func (silent) Printf(context.Context, string, ...any) {}

// Close lets go of the connections.
func (c *Cache) Close() error {
	if err := errors.Join(c.redis.Close(), c.waiting.Close()); err != nil {
		return fmt.Errorf("close redis: %w", err)
	}
	return nil
}

// Ping asks Redis at once, whether or not it failed before.
func (c *Cache) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	if err := c.redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	c.answered(ctx)
	return nil
}

func (c *Cache) answered(ctx context.Context) {
	if c.rested.Load() != 0 && c.rested.Swap(0) != 0 {
		c.logger.InfoContext(ctx, "redis answers again")
	}
}

// ask runs one command, unless Redis failed a moment ago. A missing key is no failure.
func (c *Cache) ask(ctx context.Context, command func(context.Context) error) error {
	return c.askWithin(ctx, c.limit, command)
}

// askWithin is ask for what may take longer.
func (c *Cache) askWithin(ctx context.Context, limit time.Duration, command func(context.Context) error) error {
	if time.Now().UnixNano() < c.rested.Load() {
		return ErrAway
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := command(limited)
	if err == nil || errors.Is(err, redis.Nil) {
		c.answered(ctx)
		return err
	}
	if ctx.Err() == nil { // the fault is not that the caller left
		if c.rested.Swap(time.Now().Add(rest).UnixNano()) == 0 {
			c.logger.WarnContext(ctx, "redis is away, going on without it", "error", err)
		}
	}
	return fmt.Errorf("%w: %w", ErrAway, err)
}
