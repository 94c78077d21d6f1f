package cache

import (
	"context"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"golang.org/x/time/rate"
)

// Rate is a limit: PerSecond in the long run, Burst at once.
type Rate struct {
	PerSecond int
	Burst     int
}

// Limiter counts the requests of each caller over all processes by Redis, and within this process while Redis is away.
type Limiter struct {
	cache  *Cache
	shared *redis_rate.Limiter
	limit  Rate
	local  localLimits
}

// NewLimiter limits each caller to limit.
func (c *Cache) NewLimiter(limit Rate) *Limiter {
	return &Limiter{
		cache: c, shared: redis_rate.NewLimiter(c.redis), limit: limit,
		local: localLimits{limit: limit, callers: map[string]*localLimit{}},
	}
}

// Allow takes one request of caller. When it is refused, wait says when to come back.
func (l *Limiter) Allow(ctx context.Context, caller string) (allowed bool, wait time.Duration) {
	var result *redis_rate.Result
	err := l.cache.ask(ctx, func(ctx context.Context) error {
		var err error
		result, err = l.shared.Allow(ctx, "crg:"+caller, redis_rate.Limit{
			Rate: l.limit.PerSecond, Burst: l.limit.Burst, Period: time.Second,
		})
		return err
	})
	if err != nil {
		return l.local.allow(caller, time.Now())
	}
	return result.Allowed > 0, max(result.RetryAfter, 0)
}

// localLimits are the limits of one process. It forgets callers that it did not see for a while.
type localLimits struct {
	limit Rate

	mu      sync.Mutex
	callers map[string]*localLimit
	swept   time.Time
}

type localLimit struct {
	bucket *rate.Limiter
	seen   time.Time
}

// sweepAfter is longer than a bucket takes to fill again, so that forgetting a caller gives nothing away.
const sweepAfter = time.Minute

func (l *localLimits) allow(caller string, now time.Time) (allowed bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	one, known := l.callers[caller]
	if !known {
		one = &localLimit{bucket: rate.NewLimiter(rate.Limit(l.limit.PerSecond), l.limit.Burst)}
		l.callers[caller] = one
	}
	one.seen = now
	if one.bucket.AllowN(now, 1) {
		return true, 0
	}
	return false, time.Second / time.Duration(l.limit.PerSecond)
}

func (l *localLimits) sweep(now time.Time) {
	if now.Sub(l.swept) < sweepAfter {
		return
	}
	l.swept = now
	for caller, one := range l.callers {
		if now.Sub(one.seen) > sweepAfter {
			delete(l.callers, caller)
		}
	}
}
