package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// The goals on two cores: start p50 25 ms, list p99 20 ms at 100,000 matches, signal accepted p99 100 ms. Requests go over
// a real connection, with sign-in, limits, validation, idempotency and audit as in production.
//
//	bin/crgdev exec -- go test ./api -run '^$' -bench . -benchtime 300x

const benchMatches = 100_000

func BenchmarkListMatches(b *testing.B) {
	bed := benchBed(b)
	bed.manyMatches(benchMatches)
	client := newBenchClient(b, bed)
	key := bed.auditor()
	middle := benchCursor(b, bed, benchMatches/2)
	for _, list := range []struct{ name, query string }{
		{"first page", "?limit=100"},
		{"middle", "?limit=100&after=" + middle},
		{"by state", "?limit=100&state=proposed"},
		{"by run and state", "?limit=100&run=bench-0050&state=proposed"},
		{"by participant", "?limit=100&participant=giver-7"},
	} {
		b.Run(list.name, func(b *testing.B) {
			client.measure(b, func() *http.Request { return client.get(key, "/api/v1/matches"+list.query) }, http.StatusOK)
		})
	}
}

func BenchmarkStartRun(b *testing.B) {
	bed := benchBed(b)
	bed.registerAttributes()
	client := newBenchClient(b, bed)
	key := bed.matcher()
	client.answered = func(body []byte) {
		var started wire.Started
		require.NoError(b, json.Unmarshal(body, &started))
		bed.endLater(started.WorkflowID)
	}
	client.measure(b, func() *http.Request { return client.post(key, "/api/v1/matching-runs", []byte(`{}`)) }, http.StatusAccepted)
}

func BenchmarkSignalAccepted(b *testing.B) {
	bed := benchBed(b)
	bed.manyMatches(b.N)
	client := newBenchClient(b, bed)
	key := bed.approver()
	matches, _, err := bed.store.ListMatches(b.Context(), bed.city, postgres.MatchFilter{}, postgres.Page{Limit: 500})
	require.NoError(b, err)
	require.GreaterOrEqual(b, len(matches), b.N, "at most 500 decisions: -benchtime 500x")
	for _, match := range matches[:b.N] {
		bed.openWorkflow(match.ID)
	}
	next := 0
	client.measure(b, func() *http.Request {
		path := decisions(matches[next].ID)
		next++
		return client.post(key, path, []byte(`{"decision":"approve","party":"city"}`))
	}, http.StatusAccepted)
}

func benchBed(b *testing.B) *bed {
	b.Helper()
	return newBedOver(b, wires{config: func(c *api.Config) { c.Rate = cache.Rate{PerSecond: 1_000_000, Burst: 1_000_000} }})
}

// manyMatches records proposals that each wait for one approver, a thousand to a run.
func (b *bed) manyMatches(n int) {
	b.t.Helper()
	ctx := b.t.Context()
	const givers, size = 50, 1000
	for i := range givers {
		b.participant(city.ParticipantID(fmt.Sprintf("giver-%d", i)), city.Business, city.Generated)
	}
	// Straight into the tables: the store's own ways are measured elsewhere.
	_, err := b.store.Pool().Exec(ctx, `
		INSERT INTO listing (city, id, side, holder, leaf, unit, quantity, quality, origin, lon, lat, location_quality, ward, state,
			source, source_key, created_at, updated_at, radius_metres, divisible, minimum_lot, condition, cost_per_unit, usable_chance,
			receiver_kinds, confirm_by_asker)
		SELECT $1, 'r-' || i, 'resource', 'giver-' || i % $2, $3, 'kg', 1000000, 'declared', 'generated', 9.5, 50, 'exact', '1', 'open',
			'bench', 'r-' || i, made, changed, 0, true, 1, 1, 0, 1, '{}', false
		FROM generate_series(0, $2 - 1) i, city_now($1) made, city_now($1) changed`, string(b.city), givers, string(produce))
	require.NoError(b.t, err)
	b.need("n", 1<<40)
	for first := 0; first < n; first += size {
		run := city.RunID(fmt.Sprintf("bench-%04d", first/size))
		require.NoError(b.t, b.store.CreateRun(ctx, postgres.Run{City: b.city, ID: run}))
		proposals := make([]postgres.Proposal, min(size, n-first))
		for i := range proposals {
			proposals[i] = postgres.Proposal{
				Leaf: produce, N: i + 1, Resource: city.ListingID(fmt.Sprintf("r-%d", i%givers)), Need: "n", Quantity: 10,
				ScoreMinor: 120, ChargeMinor: 300, ExpectedMinor: 900, DistanceM: 1200,
			}
		}
		_, err := b.store.RecordProposals(ctx, b.city, run, proposals)
		require.NoError(b.t, err)
	}
	_, err = b.store.Pool().Exec(ctx, `UPDATE match SET requirement_rule = 'one', requirement_sides = '{}', requirement_approvers = 1`)
	require.NoError(b.t, err)
	_, err = b.store.Pool().Exec(ctx, `VACUUM ANALYZE match, listing`)
	require.NoError(b.t, err)
}

func benchCursor(b *testing.B, bed *bed, n int) string {
	b.Helper()
	after := ""
	for seen := 0; seen < n; seen += postgres.MaxLimit {
		_, next, err := bed.store.ListMatches(b.Context(), bed.city, postgres.MatchFilter{}, postgres.Page{After: after, Limit: postgres.MaxLimit})
		require.NoError(b, err)
		after = next
	}
	return after
}

// benchClient sends one request after the other over a kept connection.
type benchClient struct {
	http     *http.Client
	base     string
	answered func(body []byte)
}

func newBenchClient(b *testing.B, bed *bed) *benchClient {
	b.Helper()
	server := httptest.NewServer(bed.handler)
	b.Cleanup(server.Close)
	return &benchClient{http: server.Client(), base: server.URL, answered: func([]byte) {}}
}

func (c *benchClient) get(key, path string) *http.Request {
	return c.request(http.MethodGet, key, path, nil)
}

func (c *benchClient) post(key, path string, body []byte) *http.Request {
	request := c.request(http.MethodPost, key, path, body)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", uuid.NewString())
	return request
}

func (c *benchClient) request(method, key, path string, body []byte) *http.Request {
	request, err := http.NewRequestWithContext(context.Background(), method, c.base+path, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	return request
}

// measure sends b.N requests and reports their percentiles in milliseconds.
func (c *benchClient) measure(b *testing.B, next func() *http.Request, status int) {
	b.Helper()
	times := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for range b.N {
		request := next()
		began := time.Now()
		response, err := c.http.Do(request)
		require.NoError(b, err)
		var body bytes.Buffer
		_, err = body.ReadFrom(response.Body)
		require.NoError(b, err)
		require.NoError(b, response.Body.Close())
		times = append(times, time.Since(began))
		require.Equal(b, status, response.StatusCode, body.String())
		c.answered(body.Bytes())
	}
	b.StopTimer()
	slices.Sort(times)
	for name, share := range map[string]float64{"p50-ms": .5, "p99-ms": .99} {
		at := min(int(share*float64(len(times))), len(times)-1)
		b.ReportMetric(float64(times[at])/1e6, name)
	}
}
