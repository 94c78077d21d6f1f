package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/cache/cachetest"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
	"github.com/city-resource-graph/crg/telemetry"
	"github.com/city-resource-graph/crg/workflows"
)

// bed is an API of its own on the real servers: a database of its own, a city whose name nobody else has (Temporal and
// Redis are shared), and people with keys.
type bed struct {
	t        testing.TB
	city     city.ID
	store    *postgres.Store
	cache    *cache.Cache
	temporal client.Client
	deps     api.Dependencies
	logs     *syncBuffer
	handler  http.Handler
	keys     map[string]string
}

// patience bounds each wait for what comes by itself; it costs nothing when all is well.
const patience = time.Minute

// wires are the addresses by which a bed reaches its servers; a test may put a line that it can cut in between.
type wires struct {
	database, redis, temporal string
	config                    func(*api.Config)
	objects                   bool // object storage, in a folder of its own
}

func newBed(t testing.TB) *bed { return newBedOver(t, wires{}) }

func newBedOver(t testing.TB, w wires) *bed {
	t.Helper()
	b := &bed{t: t, city: city.ID("t" + strings.ToLower(rand.Text()[:10])), logs: &syncBuffer{}, keys: map[string]string{}}
	logger := telemetry.NewLogger(b.logs, slog.LevelInfo)
	direct := pgtest.URL(t)
	own, err := postgres.Open(t.Context(), direct)
	require.NoError(t, err)
	t.Cleanup(own.Close)
	b.store = own
	served := own
	if w.database != "" {
		served, err = postgres.Open(t.Context(), replaceHost(t, direct, w.database))
		require.NoError(t, err)
		t.Cleanup(served.Close)
	}
	redisURL := cachetest.URL(t)
	if w.redis != "" {
		redisURL = replaceHost(t, redisURL, w.redis)
	}
	b.cache, err = cache.Open(redisURL, logger)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.cache.Close()) })
	address := environment(t, "TEMPORAL_ADDRESS")
	if w.temporal != "" {
		address = w.temporal
	}
	b.temporal, err = client.NewLazyClient(client.Options{HostPort: address, Logger: telemetry.TemporalLogger(logger)})
	require.NoError(t, err)
	t.Cleanup(b.temporal.Close)
	config := api.Config{WebUI: "http://web.example", QueuePrefix: string(b.city), Links: links}
	if w.config != nil {
		w.config(&config)
	}
	b.deps = api.Dependencies{Store: served, Cache: b.cache, Temporal: b.temporal, Metrics: telemetry.NewMetrics(), Logger: logger}
	b.deps.Webhooks = webhooks(t)
	if w.objects {
		objects, err := blobs.Open(t.Context(), "file://"+t.TempDir())
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, objects.Close()) })
		b.deps.Objects = objects
	}
	b.handler, err = api.New(config, b.deps)
	require.NoError(t, err)
	b.furnish()
	return b
}

func environment(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv(name)
	require.NotEmpty(t, value, "%s is not set: run the tests as `bin/crgdev exec -- go test ./...` or `make test`", name)
	return value
}

// key makes a key for the person or participant once and returns its text.
func (b *bed) key(actor string, participant city.ParticipantID, roles ...city.Role) string {
	b.t.Helper()
	if text, ok := b.keys[actor]; ok {
		return text
	}
	text, _, err := api.CreateKey(context.WithoutCancel(b.t.Context()), b.store, api.NewKey{
		City: b.city, Actor: actor, Participant: participant, Roles: roles,
	})
	require.NoError(b.t, err)
	b.keys[actor] = text
	return text
}

// The people of a bed.
func (b *bed) operator() string  { return b.key("olga", "", city.Operator) }
func (b *bed) matcher() string   { return b.key("max", "", city.Matcher) }
func (b *bed) approver() string  { return b.key("ada", "", city.Approver) }
func (b *bed) approver2() string { return b.key("bob", "", city.Approver) }
func (b *bed) auditor() string   { return b.key("aud", "", city.Auditor) }
func (b *bed) giver() string     { return b.key("giver", "giver", city.Lister, city.Requester) }
func (b *bed) receiver() string  { return b.key("receiver", "receiver", city.Lister, city.Requester) }

func (b *bed) stranger() string { return b.key("stranger", "stranger", city.Lister, city.Requester) }

// call is a request to the API.
type call struct {
	method, path string
	key          string // API key
	body         any    // marshalled, unless it is a string
	once         string // Idempotency-Key; a fresh one for each POST when empty
	header       map[string]string
}

// answer is what came back, checked against the API's description.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
}

func (b *bed) get(key, path string) answer {
	b.t.Helper()
	return b.do(call{method: http.MethodGet, path: path, key: key})
}

func (b *bed) post(key, path string, body any) answer {
	b.t.Helper()
	return b.do(call{method: http.MethodPost, path: path, key: key, body: body})
}

func (b *bed) do(c call) answer {
	b.t.Helper()
	a := b.send(c)
	checkAgainstSpec(b.t, c.method, c.path, a)
	return a
}

// send is do without the check, for what stands outside the API's description and for other goroutines.
func (b *bed) send(c call) answer {
	var body io.Reader
	if text, ok := c.body.(string); ok {
		body = strings.NewReader(text)
	} else if c.body != nil {
		encoded, err := json.Marshal(c.body)
		if err != nil {
			panic(err)
		}
		body = bytes.NewReader(encoded)
	}
	request := httptest.NewRequestWithContext(context.Background(), c.method, c.path, body)
	if c.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	if c.method == http.MethodPost && c.once != "none" {
		if c.once == "" {
			c.once = uuid.NewString()
		}
		request.Header.Set("Idempotency-Key", c.once)
	}
	for name, value := range c.header {
		request.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	b.handler.ServeHTTP(recorder, request)
	return answer{t: b.t, status: recorder.Code, header: recorder.Header(), body: recorder.Body.Bytes()}
}

// want is the answer's body, after its status was checked.
func want[T any](a answer, status int) T {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.body)
	var value T
	require.NoError(a.t, json.Unmarshal(a.body, &value))
	return value
}

// problem is the answer as a problem of one kind.
func (a answer) problem(status int, kind string) wire.Problem {
	a.t.Helper()
	p := want[wire.Problem](a, status)
	require.Equal(a.t, "urn:crg:problem:"+kind, p.Type, p.Detail)
	require.Equal(a.t, status, p.Status)
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"))
	require.NotEmpty(a.t, p.Title)
	require.NotEmpty(a.t, p.RequestID)
	return p
}

// workflowsEnd ends the workflows that a test started and nobody will work on.
func (b *bed) endLater(workflowID string) {
	b.t.Cleanup(func() {
		_ = b.temporal.TerminateWorkflow(context.Background(), workflowID, "", "the test is over")
	})
}

// registerAttributes makes the search attributes known, as a worker does at its start.
func (b *bed) registerAttributes() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	require.NoError(b.t, workflows.RegisterSearchAttributes(ctx, b.temporal, client.DefaultNamespace))
}
