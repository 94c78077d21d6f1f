package demo

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPatientRepeatsWithTheSameBodyUntilItGetsThrough(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != "the same" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		if calls.Add(1) < 3 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)

	client := http.Client{Transport: patient{next: http.DefaultTransport, wait: time.Minute}}
	response, err := client.Post(server.URL, "text/plain", strings.NewReader("the same"))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.EqualValues(t, 3, calls.Load())
}

func TestPatientGivesUpInTheEnd(t *testing.T) {
	t.Parallel()
	client := http.Client{Transport: patient{next: http.DefaultTransport, wait: 10 * time.Millisecond}}
	_, err := client.Get("http://127.0.0.1:1") //nolint:bodyclose // nobody listens there
	require.Error(t, err)
}

func TestDrawDependsOnNothingButItsWords(t *testing.T) {
	t.Parallel()
	first, again, other := draw(1, "refuse", "a"), draw(1, "refuse", "a"), draw(2, "refuse", "a")
	require.InDelta(t, first, again, 0)
	require.Greater(t, math.Abs(first-other), 1e-6)
	sum := 0.0
	for subject := range 1000 {
		x := draw(7, "usable", string(rune('a'+subject%26))+time.Duration(subject).String())
		require.GreaterOrEqual(t, x, 0.0)
		require.Less(t, x, 1.0)
		sum += x
	}
	require.InDelta(t, 500, sum, 50, "uniform")
}
