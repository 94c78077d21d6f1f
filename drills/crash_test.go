//go:build drill

package drills

import (
	"net/http"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
)

// TestTemporalKilled kills crgdev, and the Temporal server in it, at four moments of the main job. An operator's
// `crgdev up` brings it back; nobody touches the demo, its API or its workers.
func TestTemporalKilled(t *testing.T) { killEachTime(t, temporalPart) }

// TestPostgresKilled kills the postmaster at the same moments. The product and Temporal both have their data there.
func TestPostgresKilled(t *testing.T) { killEachTime(t, postgresPart) }

// killEachTime plays the main job and kills a part of the stack at each of its moments.
func killEachTime(t *testing.T, part string) {
	t.Helper()
	want := calm(t)
	s := newStack(t)
	d := s.demo()
	for _, m := range moments() {
		d.until(m)
		began := time.Now()
		s.down(part)
		d.awaitAway(part, http.StatusServiceUnavailable)
		s.up()
		t.Logf("%s killed while %s, back after %.1f s", part, m.name, time.Since(began).Seconds())
	}
	requireSame(t, want, d.finish())
	s.requireConsistent()
}

// TestRedisKilledAndFlushed takes Redis away for good parts of the main job and empties it in others: nothing waits for it,
// and nothing was only there.
func TestRedisKilledAndFlushed(t *testing.T) {
	want := calm(t)
	s := newStack(t)
	d := s.demo()
	for i, m := range moments() {
		d.until(m)
		if i%2 == 0 {
			s.down(redisPart)
			d.awaitAway(redisPart, http.StatusOK)
		} else {
			s.up()
			s.flush()
		}
	}
	requireSame(t, want, d.finish())
	s.requireConsistent()
}

// flush forgets everything that is in Redis.
func (s *stack) flush() {
	s.t.Helper()
	options, err := redis.ParseURL(s.servers["REDIS_URL"])
	require.NoError(s.t, err)
	c := redis.NewClient(options)
	defer func() { require.NoError(s.t, c.Close()) }()
	require.NoError(s.t, c.FlushAll(s.t.Context()).Err())
}

// awaitAway waits until the readiness of the demo's API names the part as away, with the status that this means.
func (d *played) awaitAway(part string, status int) {
	d.t.Helper()
	d.s.eventually(20*time.Second, "/ready says that "+part+" is away", func() bool {
		got, answer := ready(d.t, d.base())
		names := away(answer)
		return got == status && len(names) == 1 && names[0] == part
	})
}

// ready asks an API for its readiness; zero while it does not answer.
func ready(t *testing.T, base string) (status int, answer wire.Readiness) {
	t.Helper()
	response, err := http.Get(base + "/ready") // it answers within two seconds
	if err != nil {
		return 0, answer
	}
	defer func() { _ = response.Body.Close() }()
	decode(t, response, &answer)
	return response.StatusCode, answer
}

// away are the dependencies that a readiness names as down.
func away(r wire.Readiness) []string {
	names := []string{}
	for _, one := range r.Dependencies {
		if one.Status == wire.DependencyStatusDown {
			names = append(names, one.Name)
		}
	}
	return names
}
