package postgres_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/postgres"
)

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
	require.Less(t, time.Since(began), 50*time.Second, "each would have waited for a minute")
	exec(t, store, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
	go func() { woken <- store.AwaitEvents(t.Context(), 3, time.Minute) }()
	write(t, store, "more")()
	numbered(t, store)
	require.NoError(t, <-woken, "with nobody listening it polls")
}
