package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// Whoever writes to the database, past every method of this package, meets the same refusals.
func TestTheDatabaseRefuses(t *testing.T) {
	t.Parallel()
	store := aTown(t)
	match := aMatch(t, store, 60)
	require.NoError(t, store.RecordDecision(t.Context(), decision(match, city.DecisionApprove)))
	_, err := store.AppendValuations(t.Context(), []postgres.Valuation{valuation("v1", match)})
	require.NoError(t, err)
	require.NoError(t, store.AppendAudit(t.Context(), postgres.AuditEntry{City: town, Actor: "ann", Action: "test", Kind: "city", Subject: "town"}))
	require.NoError(t, store.InsertParticipant(t.Context(), participant("third", city.Person)))
	require.NoError(t, store.StartImport(t.Context(), postgres.Import{City: town, ID: "i", Profile: "p@1"}))
	lookedAtAgain(t, store)
	free := resource("free", 10)
	free.State = city.ListingUnconfirmed
	require.NoError(t, store.InsertListing(t.Context(), free))

	insertMatch := func(columns string) string {
		return `INSERT INTO match (city, run, leaf, n, resource, need, giver, receiver, quantity, unit, score_minor, charge_minor,
			expected_minor, distance_m, origin, state, created_at, updated_at)
			SELECT ` + columns + `, 1, 0, 1, 1, 'observed', 'proposed', now(), now()`
	}
	insertNeed := func(stateAndHeld string) string {
		return `INSERT INTO listing (city, id, side, holder, leaf, unit, quantity, quality, origin, location_quality, state, held, source,
			source_key, created_at, updated_at, substitutes, max_distance_metres, urgency, constraints, budget_per_unit, storage_capacity)
			SELECT city, 'x', side, holder, leaf, unit, quantity, 'declared', origin, location_quality, ` + stateAndHeld + `, source, source_key,
			created_at, updated_at, substitutes, max_distance_metres, urgency, constraints, budget_per_unit, storage_capacity
			FROM listing WHERE id = 'n'`
	}
	for _, refused := range []struct {
		what, sql, code string
	}{
		{"over-allocation by a match", insertMatch(`'town', 'run-1', 'food.produce', 2, 'r', 'n', 'giver', 'receiver', 41, 'kg'`), "23514"},
		{"over-allocation by hand", "UPDATE listing SET held = 101 WHERE id = 'r'", "23514"},
		{"a shrunk quantity", "UPDATE listing SET quantity = 59 WHERE id = 'r'", "23514"},
		{"held drifting from matches", "UPDATE listing SET held = 59 WHERE id = 'r'", "CG003"},
		{"committed drifting from matches", "UPDATE listing SET committed = 1 WHERE id = 'n'", "CG003"},
		{"a state that the quantities deny", "UPDATE listing SET state = 'held' WHERE id = 'r'", "23514"},
		{"a listing that begins with something held", insertNeed("'open', 1"), "CG001"},
		{"a listing that begins withdrawn", insertNeed("'withdrawn', 0"), "CG001"},
		{"a listing's other holder", "UPDATE listing SET holder = 'receiver' WHERE id = 'r'", "CG005"},
		{"a listing's other id", "UPDATE listing SET id = 'x' WHERE id = 'free'", "CG005"},
		{"a listing transition", "UPDATE listing SET state = 'unconfirmed', held = 0 WHERE id = 'r'", "CG001"},
		{"a unit that is not the leaf's", "UPDATE listing SET unit = 'piece' WHERE id = 'n'", "23503"},
		{"an inferred quantity without a rule", "UPDATE listing SET rule = NULL WHERE id = 'n'", "23514"},
		{"terms of the other side", "UPDATE listing SET urgency = 1 WHERE id = 'r'", "23514"},
		{"a place at 0, 0", "UPDATE listing SET lon = 0, lat = 0 WHERE id = 'r'", "23514"},
		{"a match transition", "UPDATE match SET state = 'confirmed', measured_quantity = 5, ended_at = now()", "CG001"},
		{"a match that begins approved", strings.Replace(insertMatch(`'town', 'run-1', 'food.produce', 3, 'r', 'n', 'giver', 'receiver', 1, 'kg'`),
			"'proposed'", "'approved'", 1), "CG001"},
		{"a match on a listing that is not open", insertMatch(`'town', 'run-1', 'food.produce', 3, 'free', 'n', 'giver', 'receiver', 1, 'kg'`), "CG004"},
		{"a match to who is not active", insertMatch(`'town', 'run-1', 'food.produce', 3, 'r', 'n4', 'giver', 'fourth', 1, 'kg'`), "CG004"},
		{"a match of other holders", insertMatch(`'town', 'run-1', 'food.produce', 3, 'r', 'n', 'third', 'receiver', 1, 'kg'`), "CG005"},
		{"a match the wrong way round", insertMatch(`'town', 'run-1', 'food.produce', 3, 'n', 'r', 'receiver', 'giver', 1, 'kg'`), "CG005"},
		{"a match in another unit", insertMatch(`'town', 'run-1', 'food.produce', 3, 'r', 'n', 'giver', 'receiver', 1, 'piece'`), "CG005"},
		{"a match in a leaf that is not the resource's", insertMatch(`'town', 'run-1', 'food.prepared-chilled', 3, 'r', 'n', 'giver', 'receiver', 1, 'kg'`), "CG005"},
		{"an approval that nobody gave", "UPDATE match SET state = 'approved', approved_at = now()", "CG006"},
		{"another requirement", "UPDATE match SET requirement_approvers = 0", "CG005"},
		{"a match's other quantity", "UPDATE match SET quantity = 61", "CG005"},
		{"a match's other expected value", "UPDATE match SET expected_minor = 1", "CG005"},
		{"a match's other number", "UPDATE match SET n = 9", "23503"},
		{"a deleted match", "DELETE FROM match", "CG002"},
		{"emptied matches", "TRUNCATE match CASCADE", "CG002"},
		{"a deleted listing with matches", "DELETE FROM listing WHERE id = 'r'", "23503"},
		{"a participant transition", "UPDATE participant SET state = 'applied' WHERE id = 'giver'", "CG001"},
		{"a rejection of whom something is promised to", "UPDATE participant SET state = 'rejected' WHERE id = 'fourth'", "CG001"},
		{"a participant's other id", "UPDATE participant SET id = 'x' WHERE id = 'third'", "CG001"},
		{"a changed decision", "UPDATE decision SET kind = 'reject'", "CG002"},
		{"a decision set back", "UPDATE decision SET outcome = 'pending'", "CG002"},
		{"a deleted decision", "DELETE FROM decision", "CG002"},
		{"a decision on two subjects", `INSERT INTO decision (city, id, kind, party, actor, role, match, listing, origin, created_at)
			VALUES ('town', 'two', 'approve', 'city', 'ann', 'approver', 'run-1:food.produce:1', 'r', 'observed', now())`, "23514"},
		{"a changed valuation", "UPDATE valuation SET nsv_minor = 1", "CG002"},
		{"a deleted valuation", "DELETE FROM valuation", "CG002"},
		{"emptied valuations", "TRUNCATE valuation", "CG002"},
		{"percentiles out of order", `INSERT INTO valuation (city, id, scope, scope_id, moment, method, parameters_sha256, inputs, seed, result,
			currency, price_year, nsv_minor, p5_minor, p50_minor, p95_minor, author, created_at)
			SELECT city, 'x', scope, scope_id, moment, method, parameters_sha256, inputs, seed, result, currency, price_year, 1, 3, 2, 1, author,
			created_at FROM valuation`, "23514"},
		{"a changed audit row", "UPDATE audit SET actor = 'bob'", "CG002"},
		{"a deleted audit row", "DELETE FROM audit", "CG002"},
		{"emptied audit", "TRUNCATE audit", "CG002"},
		{"a run beyond its bound", "UPDATE run SET bound_minor = 1, achieved_minor = 2", "23514"},
		{"an optimal run with a gap", "UPDATE run SET bound_minor = 2, achieved_minor = 1, optimal = true", "23514"},
		{"a batch that loses a row", `INSERT INTO import_batch (city, import, dataset, file, batch, read)
			VALUES ('town', 'i', 'd', 'f', 0, 1)`, "23514"},
		{"a role that does not exist", "INSERT INTO api_key (city, id, hash, actor, roles) VALUES ('town', 'k', sha256('k'), 'ann', '{king}')", "23514"},
	} {
		_, err := store.Pool().Exec(t.Context(), refused.sql)
		var answer *pgconn.PgError
		require.ErrorAs(t, err, &answer, refused.what)
		require.Equal(t, refused.code, answer.Code, "%s: %v", refused.what, err)
	}
	requireSound(t, store)
}

// lookedAtAgain records a fourth participant that is in review since something was promised to it.
func lookedAtAgain(t *testing.T, store *postgres.Store) {
	t.Helper()
	require.NoError(t, store.InsertParticipant(t.Context(), participant("fourth", city.Organisation)))
	theirs := need("n4", 10)
	theirs.Holder = "fourth"
	require.NoError(t, store.InsertListing(t.Context(), theirs))
	startRun(t, store, "run-2")
	recorded, err := store.RecordProposals(t.Context(), town, "run-2", []postgres.Proposal{proposal(1, "r", "n4", 5)})
	require.NoError(t, err)
	_, err = store.ApproveByPolicy(t.Context(), town, recorded.Matches[0], "policy@1", city.Requirement{Rule: "one", CityApprovers: 1})
	require.NoError(t, err)
	_, err = store.TransitionParticipant(t.Context(), town, "fourth", city.ParticipantInReview, "its data changed")
	require.NoError(t, err)
}

func valuation(id string, match city.MatchID) postgres.Valuation {
	return postgres.Valuation{
		City: town, ID: id, Scope: "match", ScopeID: match.String(), Match: &match, Moment: postgres.ExAnte, Method: "m@1",
		ParametersSHA256: fmt.Sprintf("%064x", 7), Inputs: []byte(`{"kg": 60}`), Seed: 1, Result: []byte(`{"nsv": 5}`), Currency: "USD",
		PriceYear: 2023, NSVMinor: 500, P5Minor: ptr(int64(300)), P50Minor: ptr(int64(500)), P95Minor: ptr(int64(900)), Author: "crg",
	}
}
