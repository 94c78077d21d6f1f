package workers_test

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// runs starts a run and waits for it.
func (w *town) runs(id city.RunID) (summary activities.RunSummary) {
	w.t.Helper()
	w.await(&summary)(w.Starter.MatchingRun(w.t.Context(), activities.RunRef{City: w.id, Run: id}))
	return summary
}

// Runs that follow each other on the real servers: the second begins warm, keeps what people agreed to, does not propose
// again what they refused, and says what became of the open proposals; what it replaces ends. With the basis damaged in
// object storage the third begins cold, says so, and comes to an allocation as good.
func TestRunsFollowEachOther(t *testing.T) {
	t.Parallel()
	w := newTown(t, 300)
	w.Worker(t, "recurring", workflows.CityQueue, workflows.MatchingQueue)
	w.load("i1")
	first := w.match()
	require.Positive(t, first.Recorded)
	require.Empty(t, first.Recurrence.From)
	matches := w.matches()
	agreed := w.waiting(matches)
	w.approve(agreed)
	refused := w.waiting(matches)
	w.decide(refused, city.DecisionReject, city.Receiver, "pantry", 0)
	w.end(refused.ID)
	for _, m := range matches {
		w.untilAsked(m.ID)
	}

	second := w.runs("r2")
	r := second.Recurrence
	require.True(t, r.Warm, r.Problem)
	require.Equal(t, city.RunID("r1"), r.From)
	require.Positive(t, r.Fixed)
	require.Positive(t, r.Forbidden)
	require.Positive(t, r.Open)
	require.Less(t, r.Pivots, first.Recurrence.Pivots)
	require.LessOrEqual(t, r.Kept+r.Changed+r.Dropped, r.Open)
	require.NotNil(t, r.PriceMinor)
	require.GreaterOrEqual(t, *r.PriceAtMost, *r.PriceMinor)
	kept, err := w.Store.Match(t.Context(), w.id, agreed.ID)
	require.NoError(t, err)
	require.Equal(t, city.MatchApproved, kept.State)
	w.noPair("r2", refused)
	w.supersededEnd("r2", r.Superseded)

	w.damage("r2")
	third := w.runs("r3")
	require.False(t, third.Recurrence.Warm)
	require.Contains(t, third.Recurrence.Problem, "the basis of run r2 was refused")
	row, err := w.Store.Run(t.Context(), w.id, "r3")
	require.NoError(t, err)
	require.Equal(t, third.Recurrence, row.Recurrence)
	findings, err := w.Store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, findings)
}

// noPair makes sure that a run did not propose the pair of a match again.
func (w *town) noPair(run city.RunID, m postgres.Match) {
	w.t.Helper()
	all, _, err := w.Store.RunMatches(w.t.Context(), w.id, run, postgres.Page{Limit: 500})
	require.NoError(w.t, err)
	for _, other := range all {
		require.False(w.t, other.Resource == m.Resource && other.Need == m.Need, "%s proposes the pair of %s again", other.ID, m.ID)
	}
}

// supersededEnd waits for the workflows of what a run replaced. They offer nothing in its place.
func (w *town) supersededEnd(run city.RunID, count int64) {
	w.t.Helper()
	replaced, err := w.Store.Superseded(w.t.Context(), w.id, run)
	require.NoError(w.t, err)
	require.Len(w.t, replaced, int(count))
	for _, match := range replaced {
		id := workflows.MatchID(activities.MatchRef{City: w.id, Match: match})
		_ = w.Client.GetWorkflow(w.t.Context(), id, "").Get(w.t.Context(), nil) // cancelled, or ended when it looked
		_, there, err := w.Store.Alternative(w.t.Context(), w.id, match)
		require.NoError(w.t, err)
		require.False(w.t, there)
	}
}

// damage turns over one bit of a run's basis in object storage.
func (w *town) damage(run city.RunID) {
	w.t.Helper()
	row, err := w.Store.Run(w.t.Context(), w.id, run)
	require.NoError(w.t, err)
	var ref activities.Ref
	require.NoError(w.t, json.Unmarshal(row.Basis, &ref))
	address, err := url.Parse(ref.URI)
	require.NoError(w.t, err)
	file := filepath.Join(address.Path, ref.Key)
	content, err := os.ReadFile(file)
	require.NoError(w.t, err)
	content[len(content)/2] ^= 1
	require.NoError(w.t, os.WriteFile(file, content, 0o600))
}
