package cache_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/cache/cachetest"
)

func open(t *testing.T, url string) (*cache.Cache, *logs) {
	t.Helper()
	lines := &logs{}
	c, err := cache.Open(url, slog.New(slog.NewJSONHandler(lines, nil)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	return c, lines
}

// awayURL is an address at which nobody listens.
const awayURL = "redis://127.0.0.1:1"

// silentURL is an address that takes connections and never says a word.
func silentURL(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return "redis://" + listener.Addr().String()
}

func TestAnswersAreKept(t *testing.T) {
	t.Parallel()
	c, _ := open(t, cachetest.URL(t))
	key := uuid.NewString()
	require.Nil(t, c.Answer(t.Context(), key))
	c.StoreAnswer(t.Context(), key, []byte("yes"))
	require.Equal(t, "yes", string(c.Answer(t.Context(), key)))
	require.NoError(t, c.Ping(t.Context()))
}

func TestALimitIsSharedByProcesses(t *testing.T) {
	t.Parallel()
	one, _ := open(t, cachetest.URL(t))
	other, _ := open(t, cachetest.URL(t))
	rate := cache.Rate{PerSecond: 1, Burst: 4}
	limiters := []*cache.Limiter{one.NewLimiter(rate), other.NewLimiter(rate)}
	caller, allowed := uuid.NewString(), 0
	var wait time.Duration
	began := time.Now()
	for i := range 12 {
		ok, pause := limiters[i%2].Allow(t.Context(), caller)
		if ok {
			allowed++
		} else {
			wait = pause
		}
	}
	require.GreaterOrEqual(t, allowed, 4)
	require.LessOrEqual(t, allowed, 5+int(time.Since(began).Seconds()), "a slow machine gets one more with each second")
	require.Positive(t, wait)
	ok, _ := limiters[0].Allow(t.Context(), uuid.NewString())
	require.True(t, ok, "another caller has a limit of its own")
}

func TestWithoutRedisNothingFailsAndNothingWaitsLong(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"refused": awayURL, "silent": silentURL(t)} {
		c, lines := open(t, url)
		limiter := c.NewLimiter(cache.Rate{PerSecond: 1, Burst: 3})
		began := time.Now()
		allowed := 0
		for range 50 {
			require.Nil(t, c.Answer(t.Context(), "key"), name)
			c.StoreAnswer(t.Context(), "key", []byte("lost"))
			if ok, wait := limiter.Allow(t.Context(), "caller"); ok {
				allowed++
			} else {
				require.Equal(t, time.Second, wait)
			}
		}
		took := time.Since(began)
		require.Less(t, took, 15*time.Second, "%s: an outage costs its patience once a second, not 150 times", name)
		require.GreaterOrEqual(t, allowed, 3, name)
		require.LessOrEqual(t, allowed, 4+int(took.Seconds()), name)
		require.Equal(t, 1, strings.Count(lines.String(), "redis is away"), name)
		require.ErrorIs(t, c.Ping(t.Context()), cache.ErrAway, name)
	}
}

// A caller that gives up says nothing about Redis: the next one must not be kept from it.
func TestALeavingCallerIsNoOutage(t *testing.T) {
	t.Parallel()
	c, lines := open(t, cachetest.URL(t))
	key := uuid.NewString()
	gone, leave := context.WithCancel(t.Context())
	leave()
	require.Nil(t, c.Answer(gone, key))
	c.StoreAnswer(t.Context(), key, []byte("here"))
	require.Equal(t, "here", string(c.Answer(t.Context(), key)))
	require.NotContains(t, lines.String(), "away")
}

func TestAWrongAddressIsNamed(t *testing.T) {
	t.Parallel()
	_, err := cache.Open("http://nowhere", slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "REDIS_URL")
}

type logs struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logs) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
