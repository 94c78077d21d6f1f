// Package apitest gives a test a small city with a completed run on the real servers, and the real API in front of it: what
// a client, whatever its language, is tried on. A test without the servers fails; it is never skipped.
package apitest

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/cache/cachetest"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/telemetry"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// Run is the id of the town's completed run.
const Run = city.RunID("r1")

// Town is a generated city on servers that are its own but for the process: a database, a graph, a bucket, task queues.
type Town struct {
	*workertest.Installation
	ID      city.ID
	Base    string       // base URL of the API
	Handler http.Handler // the API
	StopAll func()       // stops the workers: starts are accepted then, and wait

	t testing.TB
}

// New is Imported, and has the city matched once.
func New(t testing.TB, participants int) *Town {
	t.Helper()
	w := Imported(t, participants)
	w.Await(w.Starter.MatchingRun(t.Context(), activities.RunRef{City: w.ID, Run: Run}))
	return w
}

// Imported generates a city of so many participants and imports it.
func Imported(t testing.TB, participants int) *Town {
	t.Helper()
	w := &Town{Installation: workertest.New(t), t: t}
	w.ID = city.ID(w.Prefix)
	w.WithGraph(t)
	source := t.TempDir()
	_, err := generate.Write(t.Context(), source, generate.Options{Participants: participants, Seed: 1})
	require.NoError(t, err)
	w.StopAll = w.Worker(t, "v1", workflows.CityQueue, workflows.MatchingQueue)
	w.Await(w.Starter.ImportDataset(t.Context(), activities.ImportRef{City: w.ID, Import: "i1", Profile: "generated", Source: source}))
	w.serve(source)
	return w
}

// serve puts the API in front, with a rate that a test cannot reach.
func (w *Town) serve(source string) {
	w.t.Helper()
	logger := slog.New(slog.DiscardHandler)
	front, err := cache.Open(cachetest.URL(w.t), logger)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, front.Close()) })
	handler, err := api.New(api.Config{
		WebUI: "http://web.example", QueuePrefix: w.Prefix, ImportFolders: []string{source}, Rate: cache.Rate{PerSecond: 10_000, Burst: 10_000},
	}, api.Dependencies{
		Store: w.Store, Cache: front, Temporal: w.Client, Objects: w.Objects, Graph: w.Graph, Metrics: telemetry.NewMetrics(),
		Logger: logger,
	})
	require.NoError(w.t, err)
	server := httptest.NewServer(handler)
	w.t.Cleanup(server.Close)
	w.Handler, w.Base = handler, server.URL
}

// Await waits for a workflow that was started.
func (w *Town) Await(started workflows.Started, err error) {
	w.t.Helper()
	require.NoError(w.t, err)
	require.NoError(w.t, w.Client.GetWorkflow(w.t.Context(), started.WorkflowID, started.RunID).Get(w.t.Context(), nil))
}

// Key makes an API key of a person of the city, or with a participant of one of a side.
func (w *Town) Key(actor string, participant city.ParticipantID, roles ...city.Role) string {
	w.t.Helper()
	key, _, err := api.CreateKey(w.t.Context(), w.Store, api.NewKey{City: w.ID, Actor: actor, Participant: participant, Roles: roles})
	require.NoError(w.t, err)
	return key
}
