package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres/gen"
)

// OutboxLag is how long the oldest unread event has waited for each reader: the relay, which numbers events, and every
// consumer that has a cursor. Zero where nothing waits.
func (s *Store) OutboxLag(ctx context.Context) (map[string]time.Duration, error) {
	rows, err := s.q.OutboxLag(ctx)
	lag := make(map[string]time.Duration, len(rows))
	for _, row := range rows {
		lag[row.Consumer] = max(0, time.Duration(row.Seconds*float64(time.Second)))
	}
	return lag, translate("read the lag of the outbox", err)
}

// Overdue is a match that is in its state for longer than the city's policy allows.
type Overdue struct {
	Match city.MatchID
	State city.MatchState
	Since time.Time // city time at which it came to that state
	Until time.Time // wall time at which its workflow should have ended that
}

// OverdueMatches reads at most limit matches that should have been carried on by now, with grace (wall time) on top of what
// the policy allows; the oldest first.
func (s *Store) OverdueMatches(ctx context.Context, c City, now time.Time, grace time.Duration, limit int) ([]Overdue, error) {
	var policy city.ApprovalPolicy
	if err := json.Unmarshal(c.Policy, &policy); err != nil {
		return nil, fmt.Errorf("%w: approval policy of city %s: %w", ErrInvalid, c.ID, err)
	}
	allowed := func(state city.MatchState) time.Duration {
		if state == city.MatchProposed {
			return policy.ExpireAfter
		}
		return policy.PickUpWithin
	}
	then := c.Clock.Now(now.Add(-grace))
	agreed := then.Add(-policy.PickUpWithin)
	rows, err := s.q.OverdueMatches(ctx, gen.OverdueMatchesParams{
		City: string(c.ID), ProposedBefore: then.Add(-policy.ExpireAfter), AgreedBefore: &agreed, PageLimit: int32(limit),
	})
	overdue := make([]Overdue, len(rows))
	for i, row := range rows {
		state := city.MatchState(row.State)
		overdue[i] = Overdue{
			Match: city.MatchID{Run: city.RunID(row.Run), Leaf: city.Leaf(row.Leaf), N: int(row.N)}, State: state, Since: row.Since,
			Until: now.Add(-c.Clock.Wait(c.Clock.Now(now).Sub(row.Since.Add(allowed(state))))),
		}
	}
	return overdue, translate("look for overdue matches", err)
}

// LatestImport is what became of the rows of the import that ended last, of those by one profile.
type LatestImport struct {
	ID             string
	Profile        string // without its version
	State          ImportState
	Read, Rejected int64
}

// LatestImports reads the last import of each of a city's profiles.
func (s *Store) LatestImports(ctx context.Context, id city.ID) ([]LatestImport, error) {
	rows, err := s.q.LatestImports(ctx, string(id))
	latest := make([]LatestImport, len(rows))
	for i, row := range rows {
		latest[i] = LatestImport{ID: row.ID, Profile: row.Profile, State: ImportState(row.State), Read: row.Read, Rejected: row.Rejected}
	}
	return latest, translate("read the latest imports", err)
}

// CountProjected counts the participants of a city that the graph has a node of.
func (s *Store) CountProjected(ctx context.Context, id city.ID) (int64, error) {
	n, err := s.q.CountProjected(ctx, string(id))
	return n, translate("count the participants", err)
}

// LockHolder is a transaction that keeps the outbox for itself.
type LockHolder struct {
	PID   int       `json:"pid"` // of the server's process, for pg_terminate_backend
	User  string    `json:"user"`
	State string    `json:"state"`
	Since time.Time `json:"since"` // when its transaction began
	Query string    `json:"query"` // its last
}

// OutboxHolders lists transactions that have written or locked the outbox or its head for more than a second. While one
// has the head, nothing gets a number.
func (s *Store) OutboxHolders(ctx context.Context) ([]LockHolder, error) {
	rows, err := s.pool.Query(ctx, `
		SELECT DISTINCT a.pid, coalesce(a.usename, ''), coalesce(a.state, ''), a.xact_start, coalesce(a.query, '')
		FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'relation' AND l.relation IN ('outbox'::regclass, 'outbox_head'::regclass)
		  AND l.mode IN ('RowShareLock', 'RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
		  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
		  AND a.pid <> pg_backend_pid() AND a.xact_start < clock_timestamp() - interval '1 second'
		ORDER BY a.xact_start, a.pid`)
	if err != nil {
		return nil, translate("look who holds the outbox", err)
	}
	holders, err := pgx.CollectRows(rows, pgx.RowToStructByPos[LockHolder])
	return holders, translate("look who holds the outbox", err)
}

// RunValued reports whether a run's value was stated ex-ante, by the run itself or by somebody later.
func (s *Store) RunValued(ctx context.Context, id city.ID, run city.RunID) (bool, error) {
	valued, err := s.q.RunValued(ctx, gen.RunValuedParams{City: string(id), Run: string(run)})
	return valued, translate(fmt.Sprintf("look for the value of run %s", run), err)
}
