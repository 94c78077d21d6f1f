package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/cache/cachetest"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph/graphtest"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/postgres/pgtest"
	"github.com/city-resource-graph/crg/workers"
	"github.com/city-resource-graph/crg/workflows"
)

// receiver is a local OTLP collector that keeps what it is sent.
type receiver struct {
	collector.UnimplementedTraceServiceServer

	mu    sync.Mutex
	spans []*spans.Span
}

// Export takes spans in.
func (r *receiver) Export(_ context.Context, in *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, resource := range in.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			r.spans = append(r.spans, scope.GetSpans()...)
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

func startReceiver(t *testing.T) (*receiver, string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	received, server := &receiver{}, grpc.NewServer()
	collector.RegisterTraceServiceServer(server, received)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return received, "http://" + listener.Addr().String()
}

// path is the names of a span and of those above it, outermost first.
func (r *receiver) path(of *spans.Span) []string {
	names := []string{of.GetName()}
	for len(of.GetParentSpanId()) > 0 {
		above := slices.IndexFunc(r.spans, func(s *spans.Span) bool { return bytes.Equal(s.GetSpanId(), of.GetParentSpanId()) })
		if above < 0 {
			return append([]string{"?"}, names...)
		}
		of = r.spans[above]
		names = append([]string{of.GetName()}, names...)
	}
	return names
}

// traced is a whole product in this process whose spans go to a receiver.
type traced struct {
	services *services
	handler  http.Handler
	temporal client.Client
	logs     *lockedWriter
	key      string
	folder   string
}

func startTraced(t *testing.T, traces string) *traced {
	t.Helper()
	prefix := "trace-" + strings.ToLower(uuid.NewString()[:8])
	neo4j := graphtest.Config(t)
	graphtest.Connect(t, neo4j) // deletes what is left at the end
	config, _, err := readSettings("", environment{
		"DATABASE_URL": pgtest.URL(t), "REDIS_URL": cachetest.URL(t), "TEMPORAL_ADDRESS": os.Getenv("TEMPORAL_ADDRESS"),
		"CRG_TRACES": traces, "CRG_IMPORT_FOLDERS": t.TempDir(), "NEO4J_URI": neo4j.URI, "NEO4J_USERNAME": neo4j.Username,
		"NEO4J_PASSWORD": neo4j.Password, "CRG_GRAPH_PREFIX": neo4j.Prefix,
	}.lookup)
	require.NoError(t, err)
	p := &traced{logs: &lockedWriter{}, folder: config.ImportFolders[0]}
	p.services = newServices(config, p.logs)
	require.NoError(t, p.services.trace(t.Context(), "crg-test"))
	store, err := p.services.store(t.Context())
	require.NoError(t, err)
	cache, err := p.services.cache()
	require.NoError(t, err)
	temporal, err := p.services.temporal()
	require.NoError(t, err)
	graph, err := p.services.graph()
	require.NoError(t, err)
	objects, err := blobs.Open(t.Context(), "file://"+t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { _ = objects.Close() })
	p.handler, err = api.New(api.Config{QueuePrefix: prefix, ImportFolders: config.ImportFolders}, api.Dependencies{
		Store: store, Cache: cache, Temporal: temporal, Graph: graph, Metrics: p.services.metrics, Traces: p.services.traces,
		Logger: p.services.logger,
	})
	require.NoError(t, err)
	_, err = generate.Write(t.Context(), p.folder, generate.Options{Participants: 60, Seed: 3})
	require.NoError(t, err)
	profile, err := openProfile("generated", city.ID(prefix))
	require.NoError(t, err)
	require.NoError(t, activities.InstallCity(t.Context(), store, profile, p.folder, 1, time.Now()))
	text, _, err := api.CreateKey(t.Context(), store, api.NewKey{City: city.ID(prefix), Actor: "olga", Roles: []city.Role{city.Operator, city.Auditor}})
	require.NoError(t, err)
	p.key, p.temporal = text, temporal

	ready, ended := &workers.Readiness{}, make(chan error, 1)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	go func() {
		ended <- workers.Run(ctx, workers.Config{
			Client: temporal, Namespace: config.TemporalNamespace, Queues: []workflows.Queue{workflows.CityQueue}, QueuePrefix: prefix,
			Store: store, Objects: objects, Graph: graph, Version: workers.Version{Deployment: prefix, BuildID: "b1"}, MakeCurrent: true,
			GraceTime: 5 * time.Second, Logger: p.services.logger, Readiness: ready,
		})
	}()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	require.Eventually(t, func() bool { return ready.Check() == nil }, time.Minute, 20*time.Millisecond)
	return p
}

// lockedWriter lets API and workers write into one log, and the test read it while they do.
type lockedWriter struct {
	mu sync.Mutex
	to bytes.Buffer
}

func (w *lockedWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(line)
}

func (w *lockedWriter) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.String()
}

func (p *traced) call(t *testing.T, method, path, body string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+p.key)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", uuid.NewString())
	for name, value := range header {
		request.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	p.handler.ServeHTTP(recorder, request)
	return recorder
}

// caller is the trace of whoever calls.
const caller = "4bf92f3577b34da6a3ce929d0e0e4736"

// starts asks for something that a workflow does, within the caller's trace, and waits for its end, with which its span ends.
func (p *traced) starts(t *testing.T, path, body string) {
	t.Helper()
	answer := p.call(t, http.MethodPost, path, body, map[string]string{"traceparent": "00-" + caller + "-00f067aa0ba902b7-01"})
	require.Equal(t, http.StatusAccepted, answer.Code, answer.Body.String())
	var started struct {
		WorkflowID string `json:"workflow_id"`
	}
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &started))
	require.NoError(t, p.temporal.GetWorkflow(t.Context(), started.WorkflowID, "").Get(t.Context(), nil))
}

// requirePaths closes the traces and looks for paths from the request down in the caller's one.
func (p *traced) requirePaths(t *testing.T, received *receiver, wanted ...string) {
	t.Helper()
	require.NoError(t, p.services.traces.Close(context.WithoutCancel(t.Context())))
	received.mu.Lock()
	defer received.mu.Unlock()
	paths := map[string]bool{}
	for _, span := range received.spans {
		if hex.EncodeToString(span.GetTraceId()) == caller {
			paths[strings.Join(received.path(span), " > ")] = true
		}
		for _, attribute := range span.GetAttributes() {
			require.NotContains(t, attribute.GetValue().GetStringValue(), p.key)
		}
	}
	for _, want := range wanted {
		require.Contains(t, paths, "? > "+want, "of %v", slices.Sorted(keys(paths))) // the caller's own span is not ours to send
	}
}

// A request that has the graph compared with the rows is one trace, down to the SQL and the Cypher of its activity.
func TestOneTraceFromTheRequestToTheGraph(t *testing.T) {
	t.Parallel()
	received, address := startReceiver(t)
	p := startTraced(t, address)
	p.starts(t, "/api/v1/graph/reconciliations", `{}`)
	const request = "POST /api/v1/graph/reconciliations"
	const activity = request + " > StartWorkflow:ReconcileGraph > RunWorkflow:ReconcileGraph > StartActivity:Reconcile > RunActivity:Reconcile > "
	p.requirePaths(t, received, request, activity+"SQL Cities", activity+"neo4j survey the graph")
}

// A request that starts an import is one trace, from the caller's own span down to the SQL of its activities, and the log
// lines name it.
func TestOneTraceFromTheRequestToTheDatabase(t *testing.T) {
	t.Parallel()
	received, address := startReceiver(t)
	p := startTraced(t, address)
	p.starts(t, "/api/v1/imports", `{"id":"i1","profile":"generated","source":"`+p.folder+`"}`)
	const request = "POST /api/v1/imports"
	const workflow = request + " > StartWorkflow:ImportDataset > RunWorkflow:ImportDataset > "
	p.requirePaths(
		t, received, request,
		workflow+"StartActivity:PlanImport > RunActivity:PlanImport > SQL UpsertCity",
		workflow+"StartActivity:LoadDataset > RunActivity:LoadDataset > SQL COMMIT",
		workflow+"StartActivity:FinishImport > RunActivity:FinishImport > SQL FinishImport",
	)
	require.True(t, slices.ContainsFunc(received.spans, func(s *spans.Span) bool { return strings.HasPrefix(s.GetName(), "eval") }),
		"the rate limit in Redis has its span")

	var named bool
	for line := range strings.Lines(p.logs.String()) {
		var entry map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &entry))
		named = named || entry["msg"] == "request" && entry["trace_id"] == caller && entry["span_id"] != ""
	}
	require.True(t, named, "the request's log line carries the trace's id: %s", p.logs)
}

func keys(set map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for key := range set {
			if !yield(key) {
				return
			}
		}
	}
}

// A receiver that is away costs spans and nothing else.
func TestAnAbsentReceiverHoldsNothingUp(t *testing.T) {
	t.Parallel()
	p := startTraced(t, "http://127.0.0.1:1") // nobody listens there
	require.Equal(t, http.StatusOK, p.call(t, http.MethodGet, "/api/v1/imports", "", nil).Code)
}

func TestTracesGoToAnAddressOrNowhere(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:4317", "ftp://a:1", "http://"} {
		s := newServices(Config{Traces: address}, &bytes.Buffer{})
		err := s.trace(t.Context(), "crg-test")
		require.ErrorContains(t, err, "want http://host:4317", address)
		require.Equal(t, 2, exitCode(err))
	}
	s := newServices(Config{}, &bytes.Buffer{})
	require.NoError(t, s.trace(t.Context(), "crg-test"))
	require.False(t, s.traced())
	s.close()
}
