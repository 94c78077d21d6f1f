package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/cache"
)

// lines are the three networks of a bed, each of which a test can cut.
type lines struct{ database, redis, temporal *line }

func newLines(t *testing.T) (*bed, lines) {
	t.Helper()
	l := lines{
		database: newLine(t, hostOf(t, environment(t, "DATABASE_URL"))),
		redis:    newLine(t, hostOf(t, environment(t, "REDIS_URL"))),
		temporal: newLine(t, environment(t, "TEMPORAL_ADDRESS")),
	}
	return newBedOver(t, wires{database: l.database.address(), redis: l.redis.address(), temporal: l.temporal.address()}), l
}

func TestReadySaysWhichDependencyIsAway(t *testing.T) {
	t.Parallel()
	b, l := newLines(t)
	ready := func() (int, wire.Readiness, string) {
		a := b.get("", "/ready")
		r := want[wire.Readiness](a, a.status)
		var down []string
		for _, one := range r.Dependencies {
			if one.Status == wire.DependencyStatusDown {
				down = append(down, one.Name)
			}
		}
		return a.status, r, strings.Join(down, ",")
	}
	status, r, down := ready()
	require.Equal(t, http.StatusOK, status, "down: %s", down)
	require.Equal(t, wire.ReadinessStatusReady, r.Status)
	require.Empty(t, down)
	require.Len(t, r.Dependencies, 3)

	l.redis.cut()
	status, r, down = ready()
	require.Equal(t, http.StatusOK, status, "without Redis requests go on")
	require.Equal(t, wire.ReadinessStatusDegraded, r.Status)
	require.Equal(t, "redis", down)

	l.database.cut()
	status, r, down = ready()
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, wire.ReadinessStatusNotReady, r.Status)
	require.Equal(t, "postgres,redis", down)
	require.Equal(t, http.StatusOK, b.get("", "/health").status, "the process lives")

	l.database.mend()
	l.redis.mend()
	require.Eventually(t, func() bool { _, _, down := ready(); return down == "" }, patience, 100*time.Millisecond)
	l.temporal.cut()
	_, _, down = ready()
	require.Equal(t, "temporal", down)
}

func TestWithoutPostgresEverythingIs503WithRetryAfter(t *testing.T) {
	t.Parallel()
	b, l := newLines(t)
	key, once := b.receiver(), uuid.NewString()
	c := call{method: http.MethodPost, path: "/api/v1/needs", key: key, once: once, body: newNeed()}
	l.database.cut()
	for _, a := range []answer{b.get(key, "/api/v1/needs"), b.do(c)} {
		a.problem(http.StatusServiceUnavailable, "dependency-away")
		require.NotEmpty(t, a.header.Get("Retry-After"))
	}
	l.database.mend()
	var a answer
	require.Eventually(t, func() bool { a = b.send(c); return a.status == http.StatusCreated }, patience, 50*time.Millisecond)
	require.Len(t, want[wire.ListingPage](b.get(key, "/api/v1/needs"), http.StatusOK).Items, 1)
}

func TestWithoutTemporalReadsGoOnAndStartsAre503(t *testing.T) {
	t.Parallel()
	b, l := newLines(t)
	b.registerAttributes()
	l.temporal.cut()
	require.Equal(t, http.StatusOK, b.get(b.auditor(), "/api/v1/needs").status)
	require.Equal(t, http.StatusCreated, b.post(b.receiver(), "/api/v1/needs", newNeed()).status)

	c := call{method: http.MethodPost, path: "/api/v1/matching-runs", key: b.matcher(), once: uuid.NewString(), body: wire.NewRun{}}
	began := time.Now()
	a := b.do(c)
	a.problem(http.StatusServiceUnavailable, "dependency-away")
	require.NotEmpty(t, a.header.Get("Retry-After"))
	require.Less(t, time.Since(began), 12*time.Second, "a caller is told before the time of a request is over")

	l.temporal.mend()
	require.Eventually(t, func() bool { a = b.send(c); return a.status == http.StatusAccepted }, patience, 100*time.Millisecond)
	run := want[wire.Started](a, http.StatusAccepted)
	b.endLater(run.WorkflowID)
}

func TestWithoutRedisRequestsGoOnWithLocalLimits(t *testing.T) {
	t.Parallel()
	redis := newLine(t, hostOf(t, environment(t, "REDIS_URL")))
	b := newBedOver(t, wires{redis: redis.address(), config: func(c *api.Config) { c.Rate = cache.Rate{PerSecond: 1, Burst: 5} }})
	key := b.auditor()
	redis.cut()
	a, asked := b.get(key, "/api/v1/needs"), 1
	for ; a.status == http.StatusOK && asked < 30; asked++ { // a slow machine gets one more with each second
		a = b.get(key, "/api/v1/needs")
	}
	require.Greater(t, asked, 5)
	a.problem(http.StatusTooManyRequests, "rate-limited")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	require.Equal(t, http.StatusOK, b.get(b.operator(), "/api/v1/needs").status, "each key has a limit of its own")
	require.Equal(t, 1, strings.Count(b.logs.String(), "redis is away"), "an outage is logged once, not with each request")
}

func TestTheLimitIsSharedThroughRedis(t *testing.T) {
	t.Parallel()
	b := newBedOver(t, wires{config: func(c *api.Config) { c.Rate = cache.Rate{PerSecond: 1, Burst: 3} }})
	key := b.auditor()
	a, asked := b.get(key, "/api/v1/needs"), 1
	for ; a.status == http.StatusOK && asked < 30; asked++ { // a slow machine gets one more with each second
		a = b.get(key, "/api/v1/needs")
	}
	require.Greater(t, asked, 3)
	a.problem(http.StatusTooManyRequests, "rate-limited")
	require.NotEmpty(t, a.header.Get("Retry-After"))
}

func TestGuessingKeysIsSlowedDown(t *testing.T) {
	t.Parallel()
	b := newBedOver(t, wires{config: func(c *api.Config) { c.Rate = cache.Rate{PerSecond: 10, Burst: 20} }})
	address := map[string]string{"X-Forwarded-For": "203.0.113.7"} // a sender's word: it opens no fresh limit
	statuses := map[int]int{}
	for range 10 {
		statuses[b.do(call{method: http.MethodGet, path: "/api/v1/needs", key: "crg_guess", header: address}).status]++
	}
	require.Positive(t, statuses[http.StatusTooManyRequests])
	require.Zero(t, statuses[http.StatusOK])
}
