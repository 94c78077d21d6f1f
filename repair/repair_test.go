package repair_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/apitest"
	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/consistency"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/repair"
)

// town is a city with two runs, the second of which began where the first one ended.
type town struct {
	*apitest.Town
	t *testing.T
}

func newTown(t *testing.T, more ...activities.RunRef) *town {
	t.Helper()
	w := &town{apitest.New(t, 100), t}
	w.Await(w.Starter.MatchingRun(t.Context(), activities.RunRef{City: w.ID, Run: "r2"}))
	for _, run := range more {
		run.City = w.ID
		w.Await(w.Starter.MatchingRun(t.Context(), run))
	}
	w.StopAll()
	return w
}

func (w *town) run(id city.RunID) postgres.Run {
	w.t.Helper()
	run, err := w.Store.Run(w.t.Context(), w.ID, id)
	require.NoError(w.t, err)
	return run
}

// file is where an object lies.
func (w *town) file(reference json.RawMessage) string {
	w.t.Helper()
	var ref blobs.Ref
	require.NoError(w.t, json.Unmarshal(reference, &ref))
	return filepath.Join(w.Folder, filepath.FromSlash(ref.Key))
}

func (w *town) damage(reference json.RawMessage) {
	w.t.Helper()
	content, err := os.ReadFile(w.file(reference))
	require.NoError(w.t, err)
	content[len(content)/2] ^= 1
	require.NoError(w.t, os.WriteFile(w.file(reference), content, 0o600))
}

func (w *town) damaged(run postgres.Run) int {
	w.t.Helper()
	found, err := consistency.RunFiles(w.t.Context(), w.Objects, run)
	require.NoError(w.t, err)
	return len(found)
}

func TestLostAndChangedFilesComeBackToTheBit(t *testing.T) {
	t.Parallel()
	w := newTown(t,
		activities.RunRef{Run: "floors", Fairness: city.Fairness{Floors: []city.Floor{{Wards: []string{"7", "8"}, Class: city.Food, ShareOfOffers: 0.1}}}},
		activities.RunRef{Run: "tiers", Fairness: city.Fairness{Tiers: true}},
	)
	for _, id := range []city.RunID{"r1", "r2", "floors", "tiers"} {
		run := w.run(id)
		restored, err := repair.RestoreRun(t.Context(), w.Store, w.Objects, run)
		require.NoError(t, err)
		require.Empty(t, restored, "nothing is damaged yet")

		w.damage(run.Certificate)
		require.NoError(t, os.Remove(w.file(run.Allocation)))
		require.Equal(t, 2, w.damaged(run))
		restored, err = repair.RestoreRun(t.Context(), w.Store, w.Objects, run)
		require.NoError(t, err)
		require.Len(t, restored, 2)
		require.Zero(t, w.damaged(run), "Get compares size and hash with what the row has")
	}
	require.True(t, w.run("r2").Recurrence.Warm, "the second run is one that began at a basis")
}

// What was computed from a damaged snapshot would be anything.
func TestADamagedSnapshotIsRefused(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	run := w.run("r1")
	w.damage(run.Certificate)
	w.damage(run.Snapshot)
	_, err := repair.RestoreRun(t.Context(), w.Store, w.Objects, run)
	require.ErrorIs(t, err, blobs.ErrDamaged)
	require.ErrorContains(t, err, "the snapshot of run r1")
	require.Equal(t, 2, w.damaged(run))
}

// A recorded hash that the engine does not come to is not overwritten.
func TestAnotherResultIsNotPutBack(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	run := w.run("r1")
	var ref blobs.Ref
	require.NoError(t, json.Unmarshal(run.Certificate, &ref))
	forged, err := w.Objects.Put(t.Context(), ref.Key+".other", []byte("another engine's"))
	require.NoError(t, err)
	run.Certificate, err = json.Marshal(forged)
	require.NoError(t, err)
	require.NoError(t, os.Remove(w.file(run.Certificate)))
	_, err = repair.RestoreRun(t.Context(), w.Store, w.Objects, run)
	require.ErrorIs(t, err, repair.ErrNotRepeatable)
}
