package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/postgres"
)

func TestOutboxLagIsThatOfTheOldestUnreadEvent(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	lag := func() map[string]time.Duration {
		t.Helper()
		found, err := store.OutboxLag(t.Context())
		require.NoError(t, err)
		return found
	}
	for {
		numbered, err := store.NumberEvents(t.Context(), 1000)
		require.NoError(t, err)
		if numbered == 0 {
			break
		}
	}
	require.Equal(t, map[string]time.Duration{"relay": 0}, lag(), "nobody else has begun to read")
	announce := func(age string) {
		t.Helper()
		_, err := store.Pool().Exec(t.Context(), `INSERT INTO outbox (city, topic, payload, created_at)
			VALUES ('elsewhere', 'participant', '{"id":"x"}', now() - $1::interval)`, age)
		require.NoError(t, err)
	}
	announce("3 minutes")
	announce("2 minutes")
	require.InDelta(t, 180, lag()["relay"].Seconds(), 50)

	numbered, err := store.NumberEvents(t.Context(), 1000)
	require.NoError(t, err)
	require.Equal(t, 2, numbered)
	_, head, err := store.EventRange(t.Context())
	require.NoError(t, err)
	require.NoError(t, store.MoveCursor(t.Context(), "graph", 0, head-1))
	require.Zero(t, lag()["relay"])
	require.InDelta(t, 120, lag()["graph"].Seconds(), 50)
	require.NoError(t, store.MoveCursor(t.Context(), "graph", head-1, head))
	require.Zero(t, lag()["graph"])
}

func TestWhoHoldsTheOutboxIsNamed(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	hand, err := store.Pool().Acquire(t.Context())
	require.NoError(t, err)
	defer hand.Release()
	_, err = hand.Exec(t.Context(), "BEGIN")
	require.NoError(t, err)
	_, err = hand.Exec(t.Context(), "SELECT position FROM outbox_head FOR UPDATE")
	require.NoError(t, err)
	var holders []postgres.LockHolder
	require.Eventually(t, func() bool {
		holders, err = store.OutboxHolders(t.Context())
		return err == nil && len(holders) == 1
	}, time.Minute, 50*time.Millisecond)
	require.Equal(t, int(hand.Conn().PgConn().PID()), holders[0].PID)
	require.Equal(t, "idle in transaction", holders[0].State)
	_, err = hand.Exec(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	holders, err = store.OutboxHolders(t.Context())
	require.NoError(t, err)
	require.Empty(t, holders)
}
