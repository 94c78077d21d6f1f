//go:build drill

package drills

import (
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	crgclient "github.com/city-resource-graph/crg/clients/go"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/loopback/loopbacktest"
	"github.com/city-resource-graph/crg/postgres"
)

// town is an installation that a drill runs itself, process by process, with the data of a generated city.
type town struct {
	*stack
	store *postgres.Store
	data  string
	api   string // address of the API; that of the last one started
}

func newTown(t *testing.T, participants int) *town {
	t.Helper()
	w := &town{stack: newStack(t)}
	w.store, w.data = w.stack.store(), filepath.Join(w.folder, "data")
	_, err := generate.Write(t.Context(), w.data, generate.Options{Participants: participants, Seed: 1})
	require.NoError(t, err)
	w.run("migrate", "up")
	return w
}

// addCity registers the city under an id and gives a client that may do everything in it. The city's clock runs at the pace of
// the wall's.
func (s *stack) addCity(id, data string, roles ...string) (key string) {
	s.t.Helper()
	s.run("city", "add", "generated", "--data", data, "--id", id)
	args := []string{"key", "create", "--json", "--city", id, "--actor", "drill"}
	for _, role := range roles {
		args = append(args, "--role", role)
	}
	var created struct {
		Key string `json:"key"`
	}
	require.NoError(s.t, json.Unmarshal([]byte(s.run(args...)), &created))
	return created.Key
}

// newClient is a client of the API that repeats what does not get through.
func newClient(t *testing.T, base, key string) *crgclient.ClientWithResponses {
	t.Helper()
	c, err := crgclient.New(base, key, crgclient.WithHTTPClient(&http.Client{Transport: stubborn{}}))
	require.NoError(t, err)
	return c
}

// city registers a city and gives the client of a coordinator in it.
func (w *town) city(id string) *crgclient.ClientWithResponses {
	w.t.Helper()
	return newClient(w.t, w.api, w.addCity(id, w.data, "operator", "matcher", "auditor"))
}

// startAPI runs the API, on the same address each time.
func (w *town) startAPI() {
	w.t.Helper()
	if w.api == "" {
		w.api = "http://" + loopbacktest.Address(w.t)
	}
	w.start("api", []string{
		"CRG_API_ADDRESS=" + w.api[len("http://"):], "CRG_METRICS_ADDRESS=" + loopbacktest.Address(w.t), "CRG_IMPORT_FOLDERS=" + w.data,
	}, "api")
}

// startWorker runs a worker of a queue; metrics is where it answers /ready.
func (w *town) startWorker(name, queue string, environment ...string) (p *process, metrics string) {
	w.t.Helper()
	address := loopbacktest.Address(w.t)
	p = w.start(name, append(environment, "CRG_METRICS_ADDRESS="+address), "worker", "--queue", queue)
	return p, "http://" + address
}

// load imports the town's data into a city to the end.
func (w *town) load(c *crgclient.ClientWithResponses, id string) crgclient.ImportCounts {
	w.t.Helper()
	w.startImport(c, id)
	var counts crgclient.ImportCounts
	w.eventually(time.Minute, "import "+id+" is completed", func() bool {
		answer, err := c.GetImportWithResponse(w.t.Context(), id)
		if err != nil || answer.JSON200 == nil {
			return false
		}
		require.NotEqual(w.t, crgclient.ImportStateFailed, answer.JSON200.State)
		counts = answer.JSON200.Counts
		return answer.JSON200.State == crgclient.ImportStateCompleted
	})
	return counts
}

func (w *town) startImport(c *crgclient.ClientWithResponses, id string) {
	w.t.Helper()
	started, err := c.StartImportWithResponse(w.t.Context(), &crgclient.StartImportParams{IdempotencyKey: "drill-import-" + id},
		crgclient.NewImport{ID: id, Profile: "generated", Source: w.data})
	require.NoError(w.t, err)
	require.NoError(w.t, crgclient.Check(started.StatusCode(), started.ApplicationProblemJSONDefault))
}

// settle waits until everybody who applied was checked: from then on nothing about the city changes by itself.
func (w *town) settle(city string) {
	w.t.Helper()
	w.eventually(time.Minute, "nobody is being checked", func() bool {
		checked := query[outcome](w.t, w.store, `SELECT state, count(*) FROM participant WHERE city = $1 AND state = 'applied' GROUP BY 1`, city)
		return len(checked) == 0
	})
}

func (w *town) startRun(c *crgclient.ClientWithResponses, id string) {
	w.t.Helper()
	started, err := c.StartRunWithResponse(w.t.Context(), &crgclient.StartRunParams{IdempotencyKey: "drill-run-" + id}, crgclient.NewRun{ID: id})
	require.NoError(w.t, err)
	require.NoError(w.t, crgclient.Check(started.StatusCode(), started.ApplicationProblemJSONDefault))
}

// awaitRun waits for a run's end and gives it.
func (w *town) awaitRun(c *crgclient.ClientWithResponses, id string, within time.Duration) crgclient.Run {
	w.t.Helper()
	var run crgclient.Run
	w.eventually(within, "run "+id+" is completed", func() bool {
		answer, err := c.GetRunWithResponse(w.t.Context(), id)
		if err != nil || answer.JSON200 == nil {
			return false
		}
		run = *answer.JSON200
		require.NotEqual(w.t, crgclient.RunStateFailed, run.State)
		return run.State == crgclient.RunStateCompleted
	})
	return run
}

// awaitPolicy waits until every match was put to the approval policy: from then on it waits for people.
func (w *town) awaitPolicy() {
	w.t.Helper()
	w.eventually(2*time.Minute, "the policy was asked about every match", func() bool {
		asked := query[outcome](w.t, w.store, `SELECT state, count(*) FROM match WHERE requirement_rule IS NULL GROUP BY 1`)
		return len(asked) == 0
	})
}

// eventually waits for a condition; unlike require.Eventually it may fail the drill from inside.
func (s *stack) eventually(within time.Duration, what string, there func() bool) {
	s.t.Helper()
	deadline, pause := time.After(within), time.NewTicker(20*time.Millisecond)
	defer pause.Stop()
	for !there() {
		select {
		case <-pause.C:
		case <-deadline:
			require.Fail(s.t, "too slow", "not within %s: %s", within, what)
		}
	}
}

// stubborn sends a request again until it gets an answer that does not ask to repeat it: what a good client does. Each
// POST carries its Idempotency-Key.
type stubborn struct{}

// RoundTrip gives up with the request's context.
func (stubborn) RoundTrip(request *http.Request) (*http.Response, error) {
	for {
		attempt := request.Clone(request.Context())
		if request.GetBody != nil {
			body, err := request.GetBody()
			if err != nil {
				return nil, err
			}
			attempt.Body = body
		}
		response, err := http.DefaultTransport.RoundTrip(attempt)
		wait := 100 * time.Millisecond
		if err == nil {
			if response.Header.Get("Retry-After") == "" {
				return response, nil
			}
			seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
			if err != nil {
				return nil, errors.Join(err, response.Body.Close())
			}
			wait = time.Duration(seconds) * time.Second
			if err := response.Body.Close(); err != nil {
				return nil, err
			}
		}
		select {
		case <-request.Context().Done():
			return nil, errors.Join(request.Context().Err(), err)
		case <-time.After(wait):
		}
	}
}

// caught stops the process when it is at a moment, and leaves it stopped if it is still there when what it sent last has
// arrived; else it goes on.
func (p *process) caught(at func() bool) bool {
	p.t.Helper()
	if !at() {
		return false
	}
	require.NoError(p.t, p.command.Process.Signal(syscall.SIGSTOP))
	for arrived := time.After(300 * time.Millisecond); at(); {
		select {
		case <-arrived:
			return true
		default:
		}
	}
	require.NoError(p.t, p.command.Process.Signal(syscall.SIGCONT))
	return false
}

// crash ends a process of the drill with kill -9 and returns when it is gone.
func (p *process) crash() {
	p.t.Helper()
	require.NoError(p.t, p.command.Process.Signal(syscall.SIGKILL))
	<-p.ended
}
