package postgres_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// said is what events say, one line each.
func said(t *testing.T, events []postgres.Event) []string {
	t.Helper()
	lines := make([]string, len(events))
	for i, e := range events {
		var payload struct{ ID, State string }
		require.NoError(t, json.Unmarshal(e.Payload, &payload))
		lines[i] = e.Topic + " " + payload.ID + " " + payload.State
	}
	return lines
}

func TestTheOutboxAnnouncesEachChangeInItsTransaction(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 100)
	err := store.RecordDecision(t.Context(), decision(match, city.DecisionReject))
	require.NoError(t, err)
	_, err = store.TakeDecision(t.Context(), town, "run-1.1.reject", postgres.Verdict{Outcome: city.DecisionApplied, MatchState: city.MatchRejected})
	require.NoError(t, err)
	require.Empty(t, eventsAfter(t, store, 0), "not numbered yet")
	require.Equal(t, 12, numbered(t, store))
	require.Equal(t, []string{
		"participant giver active", "participant receiver active", "listing r open", "listing n open", "run run-1 running",
		"listing r held", "listing n held", "match run-1:food.produce:1 proposed", "run run-1 running",
		"listing r open", "listing n open", "match run-1:food.produce:1 rejected",
	}, said(t, eventsAfter(t, store, 0)))
	require.Zero(t, numbered(t, store), "nothing to do is no failure")
	requireSound(t, store)
}

// progress is what events say of how far a run or an import is, one line each.
func progress(t *testing.T, store *postgres.Store, topic string) (lines []string) {
	t.Helper()
	numbered(t, store)
	for _, e := range eventsAfter(t, store, 0) {
		if e.Topic != topic {
			continue
		}
		var p struct {
			ID, State, Stage string
			Done, Total      int64
		}
		require.NoError(t, json.Unmarshal(e.Payload, &p))
		lines = append(lines, fmt.Sprintf("%s %s: %s %d of %d", p.ID, p.State, p.Stage, p.Done, p.Total))
	}
	return lines
}

// A run is announced once at each of its stages; what changes nothing of that is not.
func TestARunSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	ctx := t.Context()
	require.NoError(t, store.CreateRun(ctx, postgres.Run{City: town, ID: run}))
	some := int64(3)
	for _, update := range []postgres.RunUpdate{
		{Snapshot: []byte(`{"key": "s"}`), Resources: &some},
		{Needs: &some},
		{Candidates: &some, Shards: &some},
		{Certificate: []byte(`{"key": "c"}`)},
	} {
		require.NoError(t, store.UpdateRun(ctx, town, run, update))
	}
	_, err := store.RecordProposals(ctx, town, run, nil)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, store.FinishRun(ctx, town, run, postgres.RunCompleted, ""))
	}
	require.NoError(t, store.CreateRun(ctx, postgres.Run{City: town, ID: "broken"}))
	require.NoError(t, store.FinishRun(ctx, town, "broken", postgres.RunFailed, "no such file"))
	require.Equal(t, []string{
		"run-1 running: started 0 of 5", "run-1 running: frozen 1 of 5", "run-1 running: planned 2 of 5", "run-1 running: verified 3 of 5",
		"run-1 running: recorded 4 of 5", "run-1 completed: ended 5 of 5",
		"broken running: started 0 of 5", "broken failed: ended 5 of 5",
	}, progress(t, store, "run"))
}

// An import is announced with each tenth of its rows, however many batches it has; one that nobody counted, at both ends.
func TestAnImportSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	for _, planned := range []int64{0, 200} {
		imp := fmt.Sprint("i", planned)
		require.NoError(t, store.StartImport(t.Context(), postgres.Import{City: town, ID: imp, Profile: "p@1", Planned: planned}))
		for n := range 40 {
			load(t, store, imp, n, smallDataset())
		}
		load(t, store, imp, 7, smallDataset()) // again
		_, err := store.FinishImport(t.Context(), town, imp, postgres.ImportCompleted, "")
		require.NoError(t, err)
	}
	want := []string{"i0 running: planned 0 of 0", "i0 completed: ended 200 of 0", "i200 running: planned 0 of 200"}
	for tenth := range 10 {
		want = append(want, fmt.Sprintf("i200 running: loading %d of 200", 20*(tenth+1)))
	}
	require.Equal(t, append(want, "i200 completed: ended 200 of 200"), progress(t, store, "import"))
}

// A listing that stays as open as it was is announced when what others count on changes, and not when nothing does.
func TestAChangedListingIsAnnounced(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	stock(t, store, resource("r", 100))
	numbered(t, store)
	for change, announced := range map[string]int{
		"quantity = 90": 1, "temperature = 'frozen'": 1, "windows = '{[2026-11-26,2026-11-27)}'": 1,
		"title = 'Bread'": 0, "quantity = quantity": 0,
	} {
		exec(t, store, "UPDATE listing SET "+change+" WHERE id = 'r'")
		require.Equal(t, announced, numbered(t, store), change)
	}
	requireSound(t, store)
}

func TestAnnouncementsSayWhomTheyConcernAndWhatCameBefore(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	exec(t, store, `INSERT INTO outbox (city, topic, payload) VALUES ('elsewhere', 'test', '{"id": "x", "state": "new"}')`)
	aMatch(t, store, 60)
	numbered(t, store)
	all, err := store.Announcements(t.Context(), "", 0, 100)
	require.NoError(t, err)
	require.Len(t, all, 8)
	require.Equal(t, city.ID("elsewhere"), all[2].City)
	require.Zero(t, all[2].Previous)
	require.Empty(t, all[2].Parties)
	ours, err := store.Announcements(t.Context(), town, 1, 100)
	require.NoError(t, err)
	var topics []string
	for i, a := range ours {
		topics = append(topics, a.Topic)
		if i > 0 {
			require.Equal(t, ours[i-1].Position, a.Previous)
		}
	}
	require.Equal(t, []string{"participant", "listing", "listing", "run", "match", "run"}, topics)
	require.Equal(t, []city.ParticipantID{"receiver"}, ours[0].Parties)
	require.Equal(t, []city.ParticipantID{"giver"}, ours[1].Parties)
	require.Equal(t, []city.ParticipantID{"giver", "receiver"}, ours[4].Parties)
	require.True(t, ours[4].Concerns("receiver"))
	require.False(t, ours[4].Concerns(""))
	require.JSONEq(t, `{"id": "run-1:food.produce:1", "state": "proposed"}`, string(ours[4].Payload))
	few, err := store.Announcements(t.Context(), town, 1, 2)
	require.NoError(t, err)
	require.Equal(t, ours[:2], few)
}
