package workers_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/graph/graphtest"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/explain"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// A run asks the graph whom participants know. When the graph is away it goes on with what is kept, and says so.
func TestARunGoesOnWithTheLastAffinities(t *testing.T) {
	t.Parallel()
	w := newTown(t, 400)
	w.WithGraph(t)
	stop := w.Worker(t, "v1", workflows.CityQueue, workflows.MatchingQueue)
	w.load("i1")
	row, err := w.Store.City(t.Context(), w.id)
	require.NoError(t, err)
	scoring := candidates.NeutralScoring()
	scoring.ID, scoring.MaxAffinity = "knows@1", 500
	row.ScoringID = scoring.ID
	row.Scoring, err = json.Marshal(scoring)
	require.NoError(t, err)
	require.NoError(t, w.Store.UpsertCity(t.Context(), row))

	first := w.match() // nobody knows anybody yet
	require.Positive(t, first.Recorded)
	require.Equal(t, candidates.AffinityState{State: candidates.AffinitiesCurrent}, w.affinity("r1"))
	m := w.waiting(w.matches())
	require.NoError(t, w.Store.Vouch(t.Context(), w.id, m.Giver, m.Receiver, "a test"))
	require.Eventually(t, func() bool {
		path, err := w.Graph.TrustPath(t.Context(), w.id, m.Giver, m.Receiver)
		return err == nil && path.Trust >= 750
	}, patience, 100*time.Millisecond, "the vouch never came to the graph")
	w.run("r2")
	known := w.affinity("r2")
	require.Equal(t, candidates.AffinitiesCurrent, known.State)
	require.Contains(t, w.explained("r2", m), "3.75 of a unit's score is because giver and receiver know each other")
	stop()

	config := graphtest.Config(t)
	config.URI = "bolt://127.0.0.1:1" // nobody listens there
	w.Graph, err = graph.Open(config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Graph.Close(t.Context())) })
	w.Worker(t, "v1", workflows.CityQueue, workflows.MatchingQueue)
	w.run("r3")
	away := w.affinity("r3")
	require.Equal(t, candidates.AffinitiesLastKnown, away.State)
	require.Equal(t, "the graph did not answer", away.Reason)
}

// explained is why a run proposed a match's pair, or why not, from what it froze.
func (w *town) explained(id city.RunID, m postgres.Match) string {
	w.t.Helper()
	ctx := w.t.Context()
	record, err := w.Store.Run(ctx, w.id, id)
	require.NoError(w.t, err)
	files, err := activities.ReadRunFiles(ctx, w.Objects, record)
	require.NoError(w.t, err)
	s := files.Snapshot
	index, err := candidates.NewIndex(s)
	require.NoError(w.t, err)
	g, err := index.Generate(ctx, candidates.Options{})
	require.NoError(w.t, err)
	solution, err := g.Solve(ctx, matching.Options{})
	require.NoError(w.t, err)
	explainer := explain.New(explain.Case{
		Problem: &g.Problem, Solution: solution, Index: index,
		Need:     func(i int32) string { return string(s.Needs[i].ID) },
		Resource: func(r int32) string { return string(s.Resources[r].ID) },
		Money:    func(minor int64) string { return city.FormatMinor(minor, s.Currency) },
	})
	need := slices.IndexFunc(s.Needs, func(l candidates.Listing) bool { return l.ID == m.Need })
	resource := slices.IndexFunc(s.Resources, func(l candidates.Listing) bool { return l.ID == m.Resource })
	require.GreaterOrEqual(w.t, min(need, resource), 0)
	pair, err := explainer.Pair(ctx, int32(need), int32(resource), false) //nolint:gosec // a problem has fewer than 2^31 of each
	require.NoError(w.t, err)
	return pair.Sentence
}

func (w *town) run(id city.RunID) {
	w.t.Helper()
	w.await(nil)(w.Starter.MatchingRun(w.t.Context(), activities.RunRef{City: w.id, Run: id}))
}

// affinity is what a run's row says of its affinities; the times are its own.
func (w *town) affinity(id city.RunID) (state candidates.AffinityState) {
	w.t.Helper()
	run, err := w.Store.Run(w.t.Context(), w.id, id)
	require.NoError(w.t, err)
	require.NoError(w.t, json.Unmarshal(run.Affinity, &state))
	require.NotNil(w.t, state.AsOf)
	state.AsOf = nil
	return state
}
