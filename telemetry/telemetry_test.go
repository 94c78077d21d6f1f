package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/loopback/loopbacktest"
	"github.com/city-resource-graph/crg/telemetry"
)

func TestLogLinesCarryTheIDsOfTheirContext(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := telemetry.NewLogger(&out, slog.LevelInfo).With("service", "api")
	ctx := telemetry.WithRequestID(t.Context(), "r-1")
	inner := telemetry.WithWorkflowID(ctx, "match/dc/run/food.produce/1")
	logger.InfoContext(inner, "told the workflow", "signal", "approve")
	logger.DebugContext(inner, "not written")
	logger.WithGroup("http").InfoContext(ctx, "answered")
	logger.InfoContext(t.Context(), "no ids")

	lines := decode(t, &out)
	require.Len(t, lines, 3)
	require.Equal(t, "r-1", lines[0]["request_id"])
	require.Equal(t, "match/dc/run/food.produce/1", lines[0]["workflow_id"])
	require.Equal(t, "approve", lines[0]["signal"])
	require.Equal(t, "api", lines[0]["service"])
	require.NotContains(t, lines[1], "workflow_id", "a context does not reach back into the one it came from")
	require.NotContains(t, lines[2], "request_id")
	require.Equal(t, "r-1", telemetry.RequestID(inner))
	require.Empty(t, telemetry.RequestID(t.Context()))
}

func decode(t *testing.T, out *bytes.Buffer) []map[string]any {
	t.Helper()
	var lines []map[string]any
	decoder := json.NewDecoder(out)
	for decoder.More() {
		var line map[string]any
		require.NoError(t, decoder.Decode(&line))
		lines = append(lines, line)
	}
	return lines
}

// Everything that a process shows is in one registry: the product's metrics, Go's and the Temporal SDK's.
func TestOneRegistryForAll(t *testing.T) {
	t.Parallel()
	metrics := telemetry.NewMetrics()
	handler, stop, err := metrics.TemporalMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	tagged := handler.WithTags(map[string]string{"namespace": "default", "operation": "StartWorkflowExecution"})
	tagged.Counter("temporal_request").Inc(3)
	tagged.Timer("temporal_request_latency").Record(30 * time.Millisecond)
	tagged.Gauge("temporal_worker_task_slots_available").Update(7)
	metrics.Requests.WithLabelValues("GET", "/health", "200").Inc()
	metrics.MatchingSeconds.Observe(1.5)

	address := loopbacktest.Address(t)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- metrics.Serve(ctx, address, map[string]http.Handler{
			"GET /ready": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ready") }),
		})
	}()
	require.Eventually(t, func() bool { return get(t, "http://"+address+"/ready") == "ready" }, time.Minute, 10*time.Millisecond)
	text := get(t, "http://"+address+"/metrics")
	for _, sample := range []string{
		`http_requests_total{method="GET",route="/health",status="200"} 1`,
		"matching_duration_seconds_sum 1.5",
		`temporal_request_total{namespace="default",operation="StartWorkflowExecution"} 3`,
		`temporal_request_latency_seconds_bucket{namespace="default",operation="StartWorkflowExecution",le="0.05"} 1`,
		`temporal_worker_task_slots_available{namespace="default",operation="StartWorkflowExecution"} 7`,
		"go_goroutines ", "process_open_fds ",
	} {
		require.Contains(t, text, sample)
	}
	cancel()
	require.NoError(t, <-served)
	require.NoError(t, stop(t.Context()))
}

func TestATakenPortIsNamed(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	require.ErrorContains(t, telemetry.NewMetrics().Serve(t.Context(), listener.Addr().String(), nil), "CRG_METRICS_ADDRESS")
}

func get(t *testing.T, address string) string {
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
