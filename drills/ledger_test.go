//go:build drill

package drills

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/postgres"
)

// ledger is what a city's import and run came to. Two runs over the same data have the same one, whatever died meanwhile.
// Alternatives are not in it: what is free when a match fails depends on how fast its neighbours were.
type ledger struct {
	Import    postgres.ImportCounts
	Rows      []outcome // of the import, each source row once
	Listings  []outcome // how many of each side
	Run       runFigures
	Proposals []proposal
}

type outcome struct {
	Word  string
	Count int64
}

type runFigures struct {
	State                                                                               string
	Resources, Needs, Candidates, Shards, Proposals, Recorded, Skipped, Bound, Achieved int64
}

// proposal is one match of the run and how it ended; the value is that of what was weighed.
type proposal struct {
	Resource, Need, Leaf string
	Quantity, Expected   int64
	State                string
	Measured             *int64
	Value                []int64
}

// store opens the stack's database.
func (s *stack) store() *postgres.Store {
	s.t.Helper()
	store, err := postgres.Open(s.t.Context(), s.servers["DATABASE_URL"])
	require.NoError(s.t, err)
	s.t.Cleanup(store.Close)
	return store
}

// readLedger reads the ledger of a city's only run.
func readLedger(t *testing.T, store *postgres.Store, city string) ledger {
	t.Helper()
	l := ledger{
		Rows:     query[outcome](t, store, `SELECT outcome, count(*) FROM source_row WHERE city = $1 GROUP BY 1 ORDER BY 1`, city),
		Listings: query[outcome](t, store, `SELECT side, count(*) FROM listing WHERE city = $1 GROUP BY 1 ORDER BY 1`, city),
		Proposals: query[proposal](t, store, `SELECT resource, need, leaf, quantity, expected_minor, state, measured_quantity,
				(SELECT array_agg(v.nsv_minor) FROM valuation v
				WHERE v.city = m.city AND v.match = m.id AND v.moment = 'ex_post' AND v.scope = 'match')
			FROM match m WHERE city = $1 AND alternative_of IS NULL ORDER BY resource, need`, city),
	}
	runs := query[runFigures](t, store, `SELECT state, resources, needs, candidates, shards, proposals, recorded, skipped, bound_minor,
		achieved_minor FROM run WHERE city = $1`, city)
	require.Len(t, runs, 1, "one run")
	l.Run = runs[0]
	imports := query[postgres.ImportCounts](t, store, `SELECT sum(read)::bigint, sum(listing)::bigint, sum(place_fact)::bigint,
		sum(history)::bigint, sum(price_evidence)::bigint, sum(unchanged)::bigint, sum(rejected)::bigint
		FROM import_batch WHERE city = $1 GROUP BY import`, city)
	require.Len(t, imports, 1, "one import")
	l.Import = imports[0]
	return l
}

// requireSame compares two ledgers and shows only what differs.
func requireSame(t *testing.T, want, got ledger) {
	t.Helper()
	missing, extra := lines(t, want), lines(t, got)
	for line := range missing {
		if extra[line] {
			delete(missing, line)
			delete(extra, line)
		}
	}
	const enough = 10
	if len(missing)+len(extra) > 0 {
		first := func(lines map[string]bool) string {
			sorted := slices.Sorted(maps.Keys(lines))
			return strings.Join(sorted[:min(enough, len(sorted))], "\n")
		}
		require.Fail(t, "another result", "the undisturbed run has %d others:\n%s\nthis one has instead %d:\n%s",
			len(missing), first(missing), len(extra), first(extra))
	}
}

// lines are the entries of a ledger as text.
func lines(t *testing.T, l ledger) map[string]bool {
	t.Helper()
	entries := []any{l.Import, l.Run}
	for _, one := range l.Rows {
		entries = append(entries, one)
	}
	for _, one := range l.Listings {
		entries = append(entries, one)
	}
	for _, one := range l.Proposals {
		entries = append(entries, one)
	}
	all := map[string]bool{}
	for _, entry := range entries {
		text, err := json.Marshal(entry)
		require.NoError(t, err)
		require.False(t, all[string(text)], "twice in one ledger: %s", text)
		all[string(text)] = true
	}
	return all
}

// query reads all rows of a query into structs, column by column.
func query[T any](t *testing.T, store *postgres.Store, sql string, args ...any) []T {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	rows, err := store.Pool().Query(ctx, sql, args...)
	require.NoError(t, err)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	require.NoError(t, err)
	return found
}

// duplicates are queries that find what was done twice or not at all; each must find nothing.
var duplicates = map[string]string{
	"a word of one person on one match, recorded twice": `SELECT match, kind || ' by ' || actor FROM decision
		WHERE city = $1 AND match IS NOT NULL GROUP BY match, kind, party, actor HAVING count(*) > 1`,
	"a hand-over or receipt of a confirmed match, not applied exactly once": `SELECT m.id, k.kind
		FROM match m CROSS JOIN (VALUES ('hand_over'), ('confirm_receipt')) k (kind)
		WHERE m.city = $1 AND m.state = 'confirmed' AND 1 <> (SELECT count(*) FROM decision d
			WHERE d.city = m.city AND d.match = m.id AND d.kind = k.kind AND d.outcome = 'applied')`,
	"a confirmed match not valued exactly once": `SELECT m.id, m.state FROM match m
		WHERE m.city = $1 AND m.state = 'confirmed' AND 1 <> (SELECT count(*) FROM valuation v
			WHERE v.city = m.city AND v.match = m.id AND v.scope = 'match' AND v.moment = 'ex_post')`,
	"a match with two alternatives": `SELECT alternative_of, count(*)::text FROM match
		WHERE city = $1 AND alternative_of IS NOT NULL GROUP BY 1 HAVING count(*) > 1`,
	"a run not valued exactly once before, or more than once after": `SELECT r.id, v.moment
		FROM run r CROSS JOIN (VALUES ('ex_ante', 1), ('ex_post', 0)) v (moment, least)
		WHERE r.city = $1 AND (SELECT count(*) FROM valuation x
			WHERE x.city = r.city AND x.scope = 'run' AND x.scope_id = r.id AND x.moment = v.moment) NOT BETWEEN v.least AND 1`,
}

// requireNothingTwice looks for doubled and missing effects in a city, and for workflows that did not end well.
func (s *stack) requireNothingTwice(store *postgres.Store, city string) {
	s.t.Helper()
	type finding struct{ Subject, Detail string }
	for what, sql := range duplicates {
		require.Empty(s.t, query[finding](s.t, store, sql, city), what)
	}
	failed, err := s.temporal().CountWorkflow(s.t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: s.servers["TEMPORAL_NAMESPACE"],
		Query:     "CrgCity = '" + city + "' AND ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated', 'Canceled')",
	})
	require.NoError(s.t, err)
	require.Zero(s.t, failed.GetCount(), "workflows that did not end well")
}

// temporal is a client of the stack's Temporal.
func (s *stack) temporal() client.Client {
	s.t.Helper()
	c, err := client.Dial(client.Options{
		HostPort: s.servers["TEMPORAL_ADDRESS"], Namespace: s.servers["TEMPORAL_NAMESPACE"], Logger: silent(),
	})
	require.NoError(s.t, err)
	s.t.Cleanup(c.Close)
	return c
}

// requireConsistent has `crg check` look at every invariant across the stores: exit code 0 and no finding.
func (s *stack) requireConsistent() {
	s.t.Helper()
	var report struct {
		Invariants []string          `json:"invariants"`
		Findings   []json.RawMessage `json:"findings"`
	}
	require.NoError(s.t, json.Unmarshal([]byte(s.run("check", "--json")), &report))
	require.GreaterOrEqual(s.t, len(report.Invariants), 10)
	require.Empty(s.t, report.Findings)
}
