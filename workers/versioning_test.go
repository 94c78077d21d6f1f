package workers_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workers"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// lines collects what a worker logs.
type lines struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(p)
}

func (l *lines) contain(text string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return strings.Contains(l.text.String(), text)
}

// ready asks as a load balancer does.
func ready(ctx context.Context, r *workers.Readiness) (status int, body string) {
	recorder := httptest.NewRecorder()
	r.ServeHTTP(recorder, httptest.NewRequestWithContext(ctx, http.MethodGet, "/ready", nil))
	return recorder.Code, recorder.Body.String()
}

// A worker whose version nobody made current gets no task and no error from the server; it says so itself.
func TestWorkerThatIsNotCurrentIsLoud(t *testing.T) {
	t.Parallel()
	i := workertest.New(t)
	readiness, said := &workers.Readiness{}, &lines{}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- workers.Run(ctx, workers.Config{
			Client: i.Client, Namespace: i.Namespace, Queues: []workflows.Queue{workflows.CityQueue}, QueuePrefix: i.Prefix,
			Store: i.Store, Objects: i.Objects, Version: workers.Version{Deployment: i.Prefix, BuildID: "v1"},
			GraceTime: time.Second, Logger: slog.New(slog.NewTextHandler(said, nil)), Readiness: readiness,
		})
	}()
	status := func() int { status, _ := ready(t.Context(), readiness); return status }
	require.Eventually(t, func() bool { return said.contain("this worker gets no tasks") }, patience, 20*time.Millisecond)
	require.Equal(t, http.StatusServiceUnavailable, status())
	_, body := ready(t.Context(), readiness)
	require.Contains(t, body, "roll it out")

	handle := i.Client.WorkerDeploymentClient().GetHandle(i.Prefix)
	require.Eventually(t, func() bool { // a rollout
		_, err := handle.SetCurrentVersion(t.Context(), client.WorkerDeploymentSetCurrentVersionOptions{BuildID: "v1"})
		return err == nil
	}, patience, 100*time.Millisecond)
	require.Eventually(t, func() bool { return status() == http.StatusOK }, patience, 20*time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	require.Equal(t, http.StatusServiceUnavailable, status(), "a stopped worker gets no work")
}

// A match that waits for people goes on with the version that is current when they decide, though the one on which it
// began is gone.
func TestOpenMatchMovesToTheNextVersion(t *testing.T) {
	t.Parallel()
	w := newTown(t, 200)
	stop := w.Worker(t, "v1", workflows.CityQueue, workflows.MatchingQueue)
	w.load("i1")
	w.match()
	m := w.waiting(w.matches())
	stop()
	w.Worker(t, "v2", workflows.CityQueue, workflows.MatchingQueue)
	w.decide(m, city.DecisionReject, city.Receiver, "pantry", 0)
	require.Equal(t, city.MatchRejected, w.end(m.ID).State)
	described, err := w.Client.DescribeWorkflowExecution(t.Context(), workflows.MatchID(activities.MatchRef{City: w.id, Match: m.ID}), "")
	require.NoError(t, err)
	require.Equal(t, "v2", described.GetWorkflowExecutionInfo().GetVersioningInfo().GetDeploymentVersion().GetBuildId())
}

func TestBuildIDIsOfTheProgram(t *testing.T) {
	t.Parallel()
	given, err := workers.BuildID("release-7")
	require.NoError(t, err)
	require.Equal(t, "release-7", given)
	first, err := workers.BuildID("")
	require.NoError(t, err)
	second, err := workers.BuildID("")
	require.NoError(t, err)
	require.Equal(t, first, second)
	require.Regexp(t, "^[0-9a-f]{12}$", first)
}

func TestWorkerRefusesAConfigurationThatCannotWork(t *testing.T) {
	t.Parallel()
	i := workertest.New(t)
	good := workers.Config{
		Client: i.Client, Namespace: i.Namespace, Queues: []workflows.Queue{workflows.CityQueue}, Store: i.Store, Objects: i.Objects,
		GraceTime: time.Second, Logger: slog.New(slog.DiscardHandler),
	}
	for want, change := range map[string]func(c *workers.Config){
		"all needed":        func(c *workers.Config) { c.Store = nil },
		"no queue to serve": func(c *workers.Config) { c.Queues = nil },
		`queue "moon"`:      func(c *workers.Config) { c.Queues = []workflows.Queue{"moon"} },
		"grace time":        func(c *workers.Config) { c.GraceTime = 0 },
	} {
		c := good
		change(&c)
		require.ErrorContains(t, workers.Run(t.Context(), c), want)
	}
}
