package watch_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/telemetry"
	"github.com/city-resource-graph/crg/watch"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

const (
	town    = city.ID("town")
	produce = city.Leaf("food.produce")
)

// watched is an installation without a worker that a watcher looks at until the test ends. What it shows is read as
// Prometheus would.
type watched struct {
	*workertest.Installation
	t        testing.TB
	registry *prometheus.Registry
}

// newWatched opens an installation with one city. Nobody looks yet.
func newWatched(t testing.TB) *watched {
	t.Helper()
	w := &watched{Installation: workertest.New(t), t: t, registry: prometheus.NewRegistry()}
	require.NoError(t, workflows.RegisterSearchAttributes(t.Context(), w.Client, w.Namespace))
	w.city(town, city.ApprovalPolicy{ID: "test@1", Currency: "USD", ExpireAfter: time.Hour, PickUpWithin: time.Hour})
	return w
}

// city records a city whose policy is whatever is given.
func (w *watched) city(id city.ID, policy any) {
	w.t.Helper()
	clock, err := city.NewClock(time.Time{}, time.Now().UTC().Truncate(time.Microsecond), 1)
	require.NoError(w.t, err)
	text, err := json.Marshal(policy)
	require.NoError(w.t, err)
	require.NoError(w.t, w.Store.UpsertCity(w.t.Context(), postgres.City{
		ID: id, Name: "Town", TimeZone: "America/New_York", Currency: "USD", Centre: city.Point{Lon: 10, Lat: 50}, Clock: clock,
		PolicyID: "test@1", Policy: text,
	}))
}

func (w *watched) watcher() *watch.Watcher {
	return &watch.Watcher{
		Store: w.Store, Temporal: w.Client, Namespace: w.Namespace, QueuePrefix: w.Prefix, Graph: w.Graph, Objects: w.Objects,
		Metrics: telemetry.NewInstallation(w.registry), Logger: slog.New(slog.DiscardHandler), Interval: 20 * time.Millisecond,
	}
}

// look begins to look, again and again.
func (w *watched) look() {
	watcher := w.watcher()
	ctx, stop := context.WithCancel(context.WithoutCancel(w.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- watcher.Run(ctx) }()
	w.t.Cleanup(func() {
		stop()
		require.NoError(w.t, <-ended, "being told to stop is no failure")
	})
}

type labels map[string]string

// value is what a metric says; false when it says nothing of these labels.
func (w *watched) value(name string, of labels) (float64, bool) {
	w.t.Helper()
	families, err := w.registry.Gather()
	require.NoError(w.t, err)
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			found := labels{}
			for _, label := range metric.GetLabel() {
				found[label.GetName()] = label.GetValue()
			}
			if family.GetName() == name && maps.Equal(found, of) {
				return metric.GetGauge().GetValue(), true
			}
		}
	}
	return 0, false
}

// shows waits until a metric says what it should; an alert does the same.
func (w *watched) shows(want float64, name string, of labels) {
	w.t.Helper()
	w.reaches(name, of, func(value float64) bool { return value == want })
}

func (w *watched) reaches(name string, of labels, enough func(float64) bool) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		value, there := w.value(name, of)
		return there && enough(value)
	}, time.Minute, 20*time.Millisecond, "%s%v never got there", name, of)
}

// another waits until a store was looked at from beginning to end, from now on.
func (w *watched) another(at string) {
	w.t.Helper()
	now := float64(time.Now().UnixNano()) / 1e9
	for range 2 { // the first of them may have begun before
		w.reaches("installation_looked_timestamp_seconds", labels{"at": at}, func(when float64) bool {
			later := when > now
			if later {
				now = when
			}
			return later
		})
	}
}

func TestWithoutAnIntervalNobodyLooks(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, (&watch.Watcher{}).Run(t.Context()), "want more than zero")
}

func TestWhatWaitsForAWorker(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	w.look()
	waiting := labels{"task_queue": workflows.CityQueue.Name(w.Prefix), "kind": "workflow"}
	w.shows(0, "task_queue_backlog", waiting)
	started, err := w.Starter.ImportDataset(t.Context(), activities.ImportRef{City: town, Import: w.Prefix, Profile: "none"})
	require.NoError(t, err)
	w.shows(1, "task_queue_backlog", waiting)
	w.reaches("task_queue_backlog_age_seconds", waiting, func(age float64) bool { return age > 0 })
	w.end(started)
}

// end leaves nothing running on the server that everybody shares.
func (w *watched) end(started workflows.Started) {
	w.t.Helper()
	require.NoError(w.t, w.Client.TerminateWorkflow(w.t.Context(), started.WorkflowID, started.RunID, "a test of the watch"))
}

// A city that cannot be looked at hides no other, and a store that cannot be asked hides no other either: when either was
// last seen whole goes stale, which is what the alert rests on.
func TestWhatCannotBeLookedAtHidesNothingElse(t *testing.T) {
	t.Parallel()
	w := newWatched(t)
	w.city("broken", []string{"no policy"})
	w.look()
	w.shows(0, "matches_overdue", labels{"city": "town"})
	w.another("imports")
	_, there := w.value("matches_overdue", labels{"city": "broken"})
	require.False(t, there)
	_, there = w.value("installation_looked_timestamp_seconds", labels{"at": "matches"})
	require.False(t, there, "the matches were not seen whole")

	w.city("broken", city.ApprovalPolicy{ID: "test@1", Currency: "USD", ExpireAfter: time.Hour, PickUpWithin: time.Hour})
	w.shows(0, "matches_overdue", labels{"city": "broken"})
	w.another("matches")

	w.Store.Close()
	w.another("queues")
	last, _ := w.value("installation_looked_timestamp_seconds", labels{"at": "matches"})
	w.another("queues")
	again, _ := w.value("installation_looked_timestamp_seconds", labels{"at": "matches"})
	require.InDelta(t, last, again, 0, "the database cannot be asked any more")
	w.shows(0, "matches_overdue", labels{"city": "town"})
}
