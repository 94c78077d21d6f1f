package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/browsertest"
	"github.com/city-resource-graph/crg/loopback/loopbacktest"
)

// served runs the bed's API on real ports until the returned stop is called, which gives Run's result.
func (b *bed) served(grace time.Duration) (base, metrics string, stop func() error) {
	b.t.Helper()
	return b.servedWith(grace, func(*api.Config) {})
}

func (b *bed) servedWith(grace time.Duration, configure func(*api.Config)) (base, metrics string, stop func() error) {
	b.t.Helper()
	base, metrics = loopbacktest.Address(b.t), loopbacktest.Address(b.t)
	ctx, cancel := context.WithCancel(b.t.Context())
	ended := make(chan error, 1)
	go func() {
		config := api.Config{Address: base, MetricsAddress: metrics, QueuePrefix: string(b.city), GraceTime: grace}
		configure(&config)
		ended <- api.Run(ctx, config, b.deps)
	}()
	b.t.Cleanup(cancel)
	require.Eventually(b.t, func() bool {
		return fetch(b.t, "http://"+base+"/health") != "" && fetch(b.t, "http://"+metrics+"/metrics") != ""
	},
		patience, 20*time.Millisecond)
	return "http://" + base, "http://" + metrics, func() error { cancel(); return <-ended }
}

func fetch(t testing.TB, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return ""
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

// followAs reads a stream of events to its end. It tells when the stream first said that it lives, or ended, and then the
// whole text.
func followAs(b *bed, address, key string) (alive <-chan struct{}, text <-chan string) {
	beats, whole := make(chan struct{}), make(chan string, 1)
	beat := sync.OnceFunc(func() { close(beats) })
	go func() {
		var read strings.Builder
		defer func() { beat(); whole <- read.String() }()
		request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address, http.NoBody)
		if err != nil {
			return
		}
		request.Header.Set("Authorization", "Bearer "+key)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return
		}
		defer func() { _ = response.Body.Close() }()
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			fmt.Fprintln(&read, lines.Text())
			if lines.Text() == ": alive" {
				beat()
			}
		}
	}()
	return beats, whole
}

// listenersOf reads from the metrics how many clients follow events.
func listenersOf(metrics string) string {
	_, rest, _ := strings.Cut(metrics, "\nevent_listeners ")
	count, _, _ := strings.Cut(rest, "\n")
	return count
}

func TestMetricsHaveTheirNamesAndNoPathsOfStrangers(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	base, metrics, stop := b.served(time.Second)
	for _, path := range []string{"/api/v1/needs", "/wp-admin.php", "/api/v1/needs/x"} {
		fetch(t, base+path)
	}
	text := fetch(t, metrics+"/metrics")
	require.Contains(t, text, `http_requests_total{method="GET",route="/api/v1/needs",status="401"} 1`)
	require.Contains(t, text, `http_requests_total{method="GET",route="none",status="404"} 1`)
	require.Contains(t, text, `http_request_duration_seconds_bucket{method="GET",route="/api/v1/needs/:listing",le="0.02"}`)
	require.Contains(t, text, "matching_duration_seconds_count 0")
	require.Contains(t, text, "go_goroutines")
	require.NotContains(t, text, "wp-admin")
	require.NotContains(t, fetch(t, base+"/metrics"), "http_requests_total", "metrics have a port of their own")
	require.NoError(t, stop())
}

func TestAStopLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	base, _, stop := b.served(patience)
	// A request whose body arrives slowly is under way when the stop comes: the client sends the body only when the
	// server asks for it.
	slow := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: patience}}
	reader, writer := io.Pipe()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/api/v1/needs", reader)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+b.receiver())
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "slow-but-whole")
	request.Header.Set("Expect", "100-continue")
	type result struct {
		status int
		err    error
	}
	done := make(chan result, 1)
	go func() {
		response, err := slow.Do(request)
		if err != nil {
			done <- result{err: err}
			return
		}
		_ = response.Body.Close()
		done <- result{status: response.StatusCode}
	}()
	_, err = io.WriteString(writer, `{"leaf":"food.produce",`)
	require.NoError(t, err)
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	require.Eventually(t, func() bool { return strings.Contains(b.logs.String(), "the API stops") }, patience, 10*time.Millisecond)
	_, err = io.WriteString(writer, `"quantity":3,"need":{}}`)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	answered := <-done
	require.NoError(t, answered.err)
	require.Equal(t, http.StatusCreated, answered.status)
	require.NoError(t, <-stopped)
	require.Empty(t, fetch(t, base+"/health"), "nobody listens any more")
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	err = api.Run(t.Context(), api.Config{Address: listener.Addr().String()}, b.deps)
	require.ErrorContains(t, err, "CRG_API_ADDRESS")
}

func TestTheExplorerAsksNobodyElse(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for path, kind := range map[string]string{
		"/docs/": "text/html", "/docs/explorer.js": "text/javascript", "/docs/explorer.css": "text/css", "/openapi.json": "application/json",
	} {
		a := b.send(call{method: http.MethodGet, path: path})
		require.Equal(t, http.StatusOK, a.status, path)
		require.Contains(t, a.header.Get("Content-Type"), kind)
		if path == "/openapi.json" {
			continue
		}
		require.Contains(t, a.header.Get("Content-Security-Policy"), "default-src 'none'")
		require.NotRegexp(t, `(?i)(src|href|url\()\s*=?\s*["']?(https?:)?//`, string(a.body), "%s asks another server", path)
	}
	require.Equal(t, "/docs/", b.send(call{method: http.MethodGet, path: "/docs"}).header.Get("Location"))
}

// Each operation of the description has its card, whatever its body is.
func TestTheExplorerShowsEveryOperation(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	served := httptest.NewServer(b.handler)
	t.Cleanup(served.Close)
	spec, err := document()
	require.NoError(t, err)
	page := browsertest.Open(t)
	page.Visit(served.URL + "/docs/#uploadSheet")
	page.See("getMaintenance", "uploadSheet", "File")
	markup := page.Markup("details.operation")
	for _, item := range spec.Paths.Map() {
		for _, operation := range item.Operations() {
			require.Contains(t, markup, `id="`+operation.OperationID+`"`)
		}
	}
	page.FitsAPhone()
}

func TestEveryAnswerHasARequestID(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	given := b.do(call{method: http.MethodGet, path: "/api/v1/needs", key: b.auditor(), header: map[string]string{"X-Request-Id": "trace-me-0001"}})
	require.Equal(t, "trace-me-0001", given.header.Get("X-Request-Id"))
	require.Contains(t, b.logs.String(), `"request_id":"trace-me-0001"`)
	forged := b.do(call{method: http.MethodGet, path: "/api/v1/needs", key: b.auditor(), header: map[string]string{"X-Request-Id": `x","level":"ERROR`}})
	require.Regexp(t, "^[0-9a-f]{24}$", forged.header.Get("X-Request-Id"))
	require.NotContains(t, b.logs.String(), b.auditor(), "a key's text stands in no log")
}
