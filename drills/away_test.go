//go:build drill

package drills

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// TestAway starts API and workers while a part of the stack is away, and takes it away again with a run under way. Each
// process says by its /ready what is missing, a caller is told to come back later, and once the part is there again
// everything goes on, without anybody's help.
func TestAway(t *testing.T) {
	for _, part := range []string{postgresPart, redisPart, temporalPart} {
		t.Run(part, func(t *testing.T) {
			w := newTown(t, 300)
			key := w.addCity("millbrook", w.data, "operator", "matcher", "auditor")
			w.down(part)
			began := time.Now()
			w.startAPI()
			_, city := w.startWorker("worker-city", "city")
			_, matching := w.startWorker("worker-matching", "matching")
			w.requireAway(part, key, city, matching)
			w.up()
			w.awaitReady(city, matching)
			t.Logf("%s away at the start: all ready after %.1f s", part, time.Since(began).Seconds())

			c := newClient(t, w.api, key)
			first := w.load(c, "first")
			require.Equal(t, first.Read, first.Accepted+first.Rejected)
			w.settle("millbrook")
			w.startRun(c, "r")
			w.eventually(time.Minute, "the run is under way", func() bool {
				return len(query[outcome](t, w.store, `SELECT state, 1::bigint FROM run WHERE state = 'running'`)) == 1
			})
			began = time.Now()
			w.down(part)
			w.requireAway(part, key, city, matching)
			w.up()
			w.awaitReady(city, matching)
			run := w.awaitRun(c, "r", 2*time.Minute)
			t.Logf("%s away in the middle: the run is completed after %.1f s, %+v", part, time.Since(began).Seconds(), run.Counts)
			w.awaitPolicy()
			w.requireNothingTwice(w.store, "millbrook")
			w.requireConsistent()
		})
	}
}

// requireAway looks at what everybody says while a part is away. Without Redis everything goes on, and workers never ask it.
func (w *town) requireAway(part, key string, workers ...string) {
	w.t.Helper()
	status := http.StatusServiceUnavailable
	if part == redisPart {
		status = http.StatusOK
	}
	w.eventually(20*time.Second, "the API's /ready names "+part, func() bool {
		got, answer := ready(w.t, w.api)
		names := away(answer)
		return got == status && len(names) == 1 && names[0] == part
	})
	for _, worker := range workers {
		w.eventually(20*time.Second, "what a worker's /ready says of "+part, func() bool {
			got, text := w.workerReady(worker)
			return got == status && (part == redisPart || strings.Contains(text, part+" does not answer"))
		})
	}
	w.requireLater(part == postgresPart, http.MethodGet, key, "/api/v1/needs", nil)
	w.requireLater(part != redisPart, http.MethodPost, key, "/api/v1/matching-runs", crgclient.NewRun{ID: "while-" + part + "-is-away", Ward: "1"})
}

// requireLater sends a request once: it succeeds, or is answered with 503 and when to come back.
func (w *town) requireLater(later bool, method, key, path string, body any) {
	w.t.Helper()
	got, text := w.ask(method, w.api+path, key, body) //nolint:bodyclose // ask reads it to its end and closes it
	if !later {
		require.Less(w.t, got.StatusCode, 300, "%s %s: %s", method, path, text)
		return
	}
	require.Equal(w.t, http.StatusServiceUnavailable, got.StatusCode, "%s %s: %s", method, path, text)
	require.NotEmpty(w.t, got.Header.Get("Retry-After"))
	require.Equal(w.t, "application/problem+json", got.Header.Get("Content-Type"))
}

// ask sends one request, without repeating it.
func (w *town) ask(method, address, key string, body any) (*http.Response, []byte) {
	w.t.Helper()
	content := []byte(nil)
	if body != nil {
		var err error
		content, err = json.Marshal(body)
		require.NoError(w.t, err)
	}
	request, err := http.NewRequestWithContext(w.t.Context(), method, address, bytes.NewReader(content))
	require.NoError(w.t, err)
	request.Header.Set("Authorization", "Bearer "+key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", crgclient.NewKey())
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(w.t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	require.NoError(w.t, response.Body.Close())
	return response, text
}

// workerReady is what a worker's /ready answers; zero while nobody listens yet.
func (w *town) workerReady(base string) (status int, text string) {
	w.t.Helper()
	response, err := http.Get(base + "/ready") // it answers within two seconds
	if err != nil {
		return 0, ""
	}
	body, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	require.NoError(w.t, response.Body.Close())
	return response.StatusCode, string(body)
}

// awaitReady waits until the API and the workers say that nothing is missing.
func (w *town) awaitReady(workers ...string) {
	w.t.Helper()
	for _, worker := range workers {
		w.eventually(time.Minute, "a worker is ready", func() bool {
			status, _ := w.workerReady(worker)
			return status == http.StatusOK
		})
	}
	w.eventually(time.Minute, "the API is ready", func() bool {
		status, answer := ready(w.t, w.api)
		return status == http.StatusOK && len(away(answer)) == 0
	})
}
