package postgres_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// damage is one broken row for each invariant, made with the guards off, and whom the finding must name.
func damage() map[string]struct{ sql, subject string } {
	return map[string]struct{ sql, subject string }{
		"listing-over-allocated": {
			`ALTER TABLE listing DROP CONSTRAINT listing_not_over_allocated, DROP CONSTRAINT listing_state_follows_quantities;
			UPDATE listing SET held = 101 WHERE id = 'r'`, "listing r",
		},
		"listing-differs-from-matches": {"UPDATE listing SET held = 59 WHERE id = 'r'", "listing r"},
		"listing-state-differs-from-quantities": {
			"ALTER TABLE listing DROP CONSTRAINT listing_state_follows_quantities; UPDATE listing SET state = 'held' WHERE id = 'n'", "listing n",
		},
		"listing-held-of-rejected-holder": {"UPDATE participant SET state = 'rejected' WHERE id = 'giver'", "listing r"},
		"match-between-wrong-sides":       {"UPDATE match SET giver = 'receiver'", "match run-1:food.produce:1"},
		"match-without-approval": {
			"UPDATE match SET state = 'approved', approved_at = now(), requirement_approvers = 0", "match run-1:food.produce:1",
		},
		"match-lacks-approvers": {
			`UPDATE match SET state = 'approved', approved_at = now(), requirement_approvers = 2;
			INSERT INTO decision (city, id, kind, party, actor, role, typed_in, match, origin, created_at, outcome, outcome_at)
			VALUES ('town', 'a', 'approve', 'city', 'ann', 'approver', false, 'run-1:food.produce:1', 'observed', now(), 'applied', now()),
			       ('town', 'b', 'approve', 'city', 'bob', 'operator', true, 'run-1:food.produce:1', 'observed', now(), 'applied', now())`,
			"match run-1:food.produce:1",
		},
		"match-measured-wrong": {`ALTER TABLE match DROP CONSTRAINT match_confirmed_is_measured;
			UPDATE match SET measured_quantity = 5`, "match run-1:food.produce:1"},
		"match-not-announced":     {"DELETE FROM outbox WHERE topic = 'match'", "match run-1:food.produce:1"},
		"outbox-position-missing": {"DELETE FROM outbox WHERE position = 2", "outbox"},
		"outbox-cursor-ahead":     {"INSERT INTO outbox_cursor (consumer, position) VALUES ('graph', 1000)", "consumer graph"},
		"match-alternative-of-live-match": {
			`INSERT INTO match (city, run, leaf, n, resource, need, giver, receiver, quantity, unit, score_minor,
			charge_minor, expected_minor, distance_m, origin, state, created_at, updated_at, alternative_of, ended_at)
			SELECT city, run, leaf, 2, resource, need, giver, receiver, 1, unit, 1, 0, 1, 1, origin, 'expired', now(), now(), id, now() FROM match`,
			"match run-1:food.produce:2",
		},
		"decision-left-pending": {`UPDATE match SET state = 'expired', ended_at = now();
			INSERT INTO decision (city, id, kind, party, actor, role, match, origin, created_at)
			VALUES ('town', 'a', 'approve', 'city', 'ann', 'approver', 'run-1:food.produce:1', 'observed', now() - interval '11 minutes')`, "decision a"},
		"decision-contradicts-state": {`INSERT INTO decision (city, id, kind, party, actor, role, match, origin, created_at, outcome, outcome_at)
			VALUES ('town', 'a', 'reject', 'city', 'ann', 'approver', 'run-1:food.produce:1', 'observed', now(), 'applied', now())`, "decision a"},
		"decision-shares-a-person": {
			`DROP INDEX decision_one_approval_a_seat; INSERT INTO decision
			(city, id, kind, party, actor, on_behalf_of, role, match, origin, created_at, outcome, outcome_at) VALUES
			('town', 'a', 'approve', 'city', 'ann', '', 'approver', 'run-1:food.produce:1', 'observed', now(), 'applied', now()),
			('town', 'b', 'approve', 'city', 'bob', 'ann', 'approver', 'run-1:food.produce:1', 'observed', now(), 'applied', now())`,
			"decision b",
		},
		"document-expired-of-active": {`INSERT INTO document (city, id, participant, kind, expires_at, state, created_by, created_at, decided_at)
			VALUES ('town', 'doc', 'giver', 'insurance', now() - interval '100 years', 'accepted', 'x', now(), now())`, "participant giver"},
		"notice-left-pending": {
			`INSERT INTO contact (city, id, actor, channel, address) VALUES ('town', 'c', 'ann', 'email', 'a@b.example');
			INSERT INTO notice (city, id, key, contact, event, kind, subject, due_at)
			VALUES ('town', repeat('a', 32), 'k', 'c', 'match_waiting', 'match', 'm', now() - interval '61 minutes')`,
			"notice " + strings.Repeat("a", 32),
		},
		"valuation-of-unconfirmed-match": {"UPDATE valuation SET moment = 'ex_post'", "valuation v"},
		"run-differs-from-matches":       {"UPDATE run SET recorded = 2, proposals = 2", "run run-1"},
		"import-row-without-result":      {"DELETE FROM listing WHERE source = 'stores'", "row 1 of stores"},
		"import-row-unaccounted":         {"UPDATE source_row SET import = 'lost' WHERE key = '2'", "row 2 of stores"},
		"guard-switched-off":             {"ALTER TABLE match DISABLE TRIGGER match_updated", "table match"},
		"transitions-differ": {`DELETE FROM match_transition WHERE to_state = 'failed' AND from_state = 'approved';
			INSERT INTO match_transition VALUES ('confirmed', 'proposed')`, "table match_transition"},
	}
}

// soundTown has something of everything, all of it in order.
func soundTown(t *testing.T) *postgres.Store {
	t.Helper()
	store := aTown(t)
	match := aMatch(t, store, 60)
	_, err := store.AppendValuations(t.Context(), []postgres.Valuation{valuation("v", match)})
	require.NoError(t, err)
	load(t, store, "one", 0, smallDataset())
	_, err = store.NumberEvents(t.Context(), 1000)
	require.NoError(t, err)
	requireSound(t, store)
	return store
}

func TestEachInvariantFindsADamagedRow(t *testing.T) {
	t.Parallel()
	broken := damage()
	for _, name := range postgres.InvariantNames() {
		require.Contains(t, broken, name, "an invariant without a damaged row")
	}
	require.GreaterOrEqual(t, len(broken), 10)
	for name, row := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := soundTown(t)
			exec(t, store, "SET session_replication_role = replica; "+row.sql+"; SET session_replication_role = origin")
			findings, err := store.Invariants(t.Context())
			require.NoError(t, err)
			found := false
			for _, f := range findings {
				found = found || f.Invariant == name && f.Subject == row.subject && f.Detail != ""
			}
			require.True(t, found, "want %s on %s, found %+v", name, row.subject, findings)
		})
	}
}

func TestTransitionTablesAreThoseOfPackageCity(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	var listings, matches, participants int
	require.NoError(t, store.Pool().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM listing_transition),
		(SELECT count(*) FROM match_transition), (SELECT count(*) FROM participant_transition)`).Scan(&listings, &matches, &participants))
	require.Equal(t, []int{edges(city.ListingTransitions()), edges(city.MatchTransitions()), edges(city.ParticipantTransitions())},
		[]int{listings, matches, participants})
	requireSound(t, store)
}

func edges[S ~string](table city.Transitions[S]) int {
	n := 0
	for _, to := range table {
		n += len(to)
	}
	return n
}
