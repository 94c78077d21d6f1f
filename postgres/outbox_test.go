package postgres_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

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

func numbered(t *testing.T, store *postgres.Store) int {
	t.Helper()
	n, err := store.NumberEvents(t.Context(), 100)
	require.NoError(t, err)
	return n
}

func eventsAfter(t *testing.T, store *postgres.Store, position int64) []postgres.Event {
	t.Helper()
	events, err := store.EventsAfter(t.Context(), position, 1000)
	require.NoError(t, err)
	return events
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

// write adds one event and leaves its transaction open; the answer ends it.
func write(t *testing.T, store *postgres.Store, id string) (commit func()) {
	t.Helper()
	tx, err := store.Pool().Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), `INSERT INTO outbox (city, topic, payload)
		VALUES ('town', 'test', jsonb_build_object('id', $1::text, 'state', 'new'))`, id)
	require.NoError(t, err)
	return func() { require.NoError(t, tx.Commit(t.Context())) }
}

// What commits late comes late: a reader never finds an event behind the one it read last.
func TestAnEventThatCommitsLateIsNotSkipped(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	numbered(t, store)
	cursor := int64(2)
	commitFirst, commitSecond := write(t, store, "first"), write(t, store, "second")
	commitSecond()
	require.Equal(t, 1, numbered(t, store))
	read := eventsAfter(t, store, cursor)
	require.Equal(t, []string{"test second new"}, said(t, read))
	cursor = read[0].Position
	commitFirst()
	require.Equal(t, 1, numbered(t, store))
	require.Equal(t, []string{"test first new"}, said(t, eventsAfter(t, store, cursor)))
	requireSound(t, store)
}

func TestManyRelaysAndWritersGiveEachPositionOnce(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	const writers, each = 8, 25
	var writing, relays sync.WaitGroup
	failed := make(chan error, writers+4)
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				_, err := store.Pool().Exec(t.Context(), `INSERT INTO outbox (city, topic, payload) VALUES ('town', 'test', $1)`,
					fmt.Sprintf(`{"id": "%d", "state": "%d"}`, w, i))
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	for range 4 {
		relays.Go(func() {
			for {
				if _, err := store.NumberEvents(t.Context(), 7); err != nil {
					failed <- err
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writing.Wait()
	close(done)
	relays.Wait()
	for numbered(t, store) > 0 {
	}
	close(failed)
	require.NoError(t, <-failed)
	next := map[string]int{}
	for i, e := range eventsAfter(t, store, 2) {
		require.Equal(t, int64(3+i), e.Position)
		var payload struct{ ID, State string }
		require.NoError(t, json.Unmarshal(e.Payload, &payload))
		require.Equal(t, fmt.Sprint(next[payload.ID]), payload.State, "one writer's events come in their order")
		next[payload.ID]++
	}
	require.Len(t, next, writers)
	requireSound(t, store)
}

func TestACursorIsMovedByWhoKnowsWhereItStands(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	at := func() int64 {
		position, err := store.Cursor(t.Context(), "graph")
		require.NoError(t, err)
		return position
	}
	move := func(from, to int64) error { return store.MoveCursor(t.Context(), "graph", from, to) }
	require.Zero(t, at())
	require.ErrorIs(t, move(0, 1), postgres.ErrConflict, "nothing is numbered yet")
	require.Equal(t, 2, numbered(t, store))
	require.ErrorIs(t, move(1, 2), postgres.ErrConflict, "it stands at 0")
	require.NoError(t, move(0, 1))
	require.ErrorIs(t, move(0, 2), postgres.ErrConflict, "another process moved it")
	require.ErrorIs(t, move(1, 3), postgres.ErrConflict, "there are two events")
	require.ErrorIs(t, move(1, 0), postgres.ErrInvalid)
	require.NoError(t, move(1, 2))
	require.Equal(t, int64(2), at())
}

func TestOldEventsAreDroppedWhenEverybodyHasReadThem(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	aMatch(t, store, 60)
	head := int64(numbered(t, store))
	later := time.Now().Add(time.Hour)
	dropped := func(before time.Time) int {
		n, err := store.DropEvents(t.Context(), before, time.Time{}, 100)
		require.NoError(t, err)
		return n
	}
	requireRange := func(oldest, newest int64) {
		t.Helper()
		first, last, err := store.EventRange(t.Context())
		require.NoError(t, err)
		require.Equal(t, []int64{oldest, newest}, []int64{first, last})
	}
	require.NoError(t, store.MoveCursor(t.Context(), "graph", 0, 3))
	require.NoError(t, store.MoveCursor(t.Context(), "live", 0, head))
	require.Zero(t, dropped(time.Now().Add(-time.Hour)), "none is old")
	require.Equal(t, 3, dropped(later))
	requireRange(4, head)
	n, err := store.DropEvents(t.Context(), later, time.Now().Add(-time.Hour), 100)
	require.NoError(t, err)
	require.Zero(t, n, "not read, and not so old that nobody waits for that")
	n, err = store.DropEvents(t.Context(), later, later, 1)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	requireRange(5, head)
	require.NoError(t, store.MoveCursor(t.Context(), "graph", 3, head))
	require.Equal(t, int(head)-4, dropped(later))
	requireRange(head+1, head)
	write(t, store, "next")()
	numbered(t, store)
	requireRange(head+1, head+1)
	require.Equal(t, head+1, eventsAfter(t, store, 0)[0].Position, "numbers go on where they were")
}

func TestWhoAwaitsEventsIsWokenAtOnce(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	numbered(t, store)
	require.NoError(t, store.AwaitEvents(t.Context(), 1, time.Minute), "there is one behind position 1")
	began := time.Now()
	require.NoError(t, store.AwaitEvents(t.Context(), 2, 100*time.Millisecond))
	require.GreaterOrEqual(t, time.Since(began), 100*time.Millisecond)
	woken := make(chan error, 16)
	for range cap(woken) { // more than the pool has connections
		go func() { woken <- store.AwaitEvents(t.Context(), 2, time.Minute) }()
	}
	write(t, store, "news")()
	numbered(t, store)
	for range cap(woken) {
		require.NoError(t, <-woken)
	}
	require.Less(t, time.Since(began), 5*time.Second)
	exec(t, store, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
	go func() { woken <- store.AwaitEvents(t.Context(), 3, time.Minute) }()
	write(t, store, "more")()
	numbered(t, store)
	require.NoError(t, <-woken, "with nobody listening it polls")
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
