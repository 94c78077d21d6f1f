package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

const bulkDecisions = "/api/v1/approvals/decisions"

func TestManyDecisionsHaveAnOutcomeEachAndOneEffectEach(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	var matches []city.MatchID
	for i := range 5 {
		id := b.recordMatch(fmt.Sprintf("r%d", i), "giver", oneApprover())
		b.openWorkflow(id)
		matches = append(matches, id)
	}
	one := func(match, decision, reason string) wire.MatchDecision {
		return wire.MatchDecision{Match: match, Decision: wire.MatchDecisionDecision(decision), Party: "city", Reason: wire.Reason(reason)}
	}
	body := wire.NewDecisions{Decisions: []wire.MatchDecision{
		one(matches[0].String(), "approve", ""), one(matches[1].String(), "approve", ""), one(matches[2].String(), "reject", string(city.Reasons()[0])),
		one("no-such:food.produce:1", "approve", ""), one("nonsense", "approve", ""), one(matches[3].String(), "reject", ""),
		one(matches[0].String(), "approve", ""),
	}}
	once := uuid.NewString()
	ask := func() wire.DecisionResults {
		return want[wire.DecisionResults](b.do(call{method: http.MethodPost, path: bulkDecisions, key: b.approver(), body: body, once: once}), http.StatusOK)
	}
	results := ask()
	kinds := make([]string, len(results.Items))
	for i, item := range results.Items {
		require.Equal(t, body.Decisions[i].Match, item.Match)
		kinds[i] = item.Problem.Type
	}
	require.Equal(t, []string{
		"", "", "", "urn:crg:problem:not-found", "urn:crg:problem:invalid-request", "urn:crg:problem:invalid-request",
		"urn:crg:problem:conflict", // the same person signed a moment ago
	}, kinds)
	require.Equal(t, len(results.Items), results.Accepted+results.Refused)
	require.Equal(t, results, ask(), "the same key, the same answer")
	recorded, err := b.store.DecisionsOf(t.Context(), b.city, matches)
	require.NoError(t, err)
	require.Len(t, recorded[matches[0]], 1)
	require.Len(t, recorded[matches[1]], 1)
	require.Len(t, recorded[matches[2]], 1)
	require.Empty(t, recorded[matches[3]])
	require.Empty(t, recorded[matches[4]])
	require.Equal(t, 1, b.signals(matches[1], "approve"))

	// A party's key signs for its side alone, whatever else it asks for.
	results = want[wire.DecisionResults](b.post(b.giver(), bulkDecisions, wire.NewDecisions{Decisions: []wire.MatchDecision{
		one(matches[4].String(), "approve", ""),
	}}), http.StatusOK)
	require.Equal(t, "urn:crg:problem:forbidden", results.Items[0].Problem.Type)
}

// When Temporal goes away in the middle the answer asks for a repeat, and the repeat completes what the first one began.
func TestManyDecisionsAreCompletedByARepeat(t *testing.T) {
	t.Parallel()
	b, l := newLines(t)
	id := b.match(oneApprover())
	body := wire.NewDecisions{Decisions: []wire.MatchDecision{{Match: id.String(), Decision: "approve", Party: "city"}}}
	once := uuid.NewString()
	ask := func() answer {
		return b.do(call{method: http.MethodPost, path: bulkDecisions, key: b.approver(), body: body, once: once})
	}
	l.temporal.cut()
	require.Equal(t, http.StatusServiceUnavailable, ask().status)
	l.temporal.mend()
	require.Eventually(t, func() bool { return ask().status == http.StatusOK }, patience, 50*time.Millisecond)
	recorded, err := b.store.Decisions(t.Context(), b.city, id)
	require.NoError(t, err)
	require.Len(t, recorded, 1)
}

func TestMaintenanceStopsTheIntakeAndNothingElse(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	id := b.match(oneApprover())
	get := func() wire.Maintenance {
		return want[wire.Maintenance](b.get(b.giver(), "/api/v1/maintenance"), http.StatusOK)
	}
	require.False(t, get().Active)
	b.post(b.operator(), "/api/v1/maintenance", wire.NewMaintenance{Active: true}).problem(http.StatusBadRequest, "invalid-request")
	began := want[wire.Maintenance](b.post(b.operator(), "/api/v1/maintenance", wire.NewMaintenance{Active: true, Reason: "an upgrade"}), http.StatusOK)
	require.Equal(t, "olga", began.Actor)
	require.True(t, get().Active)
	for _, start := range []struct {
		key, path string
		body      any
	}{
		{b.matcher(), "/api/v1/matching-runs", wire.NewRun{}},
		{b.giver(), "/api/v1/resources", wire.NewResource{Leaf: "food.produce", Quantity: 1}},
		{b.receiver(), "/api/v1/needs", newNeed()},
		{b.operator(), "/api/v1/participants", wire.NewParticipant{Kind: "organisation", Name: "Newcomer"}},
		{b.giver(), "/api/v1/onboardings/giver/appeal", wire.NewAppeal{Note: "we are real"}},
		{b.operator(), "/api/v1/imports", wire.NewImport{Profile: "sheet", Source: "https://data.example.org/listings.csv"}},
		{b.matcher(), "/api/v1/resources/confirmation-requests", map[string]any{"resources": []string{"r"}, "within_hours": 48}},
		{b.matcher(), "/api/v1/valuations", wire.NewValuation{Scope: "run", ScopeID: "r"}},
		{b.operator(), "/api/v1/schedules/nightly/trigger", map[string]any{}},
		{b.operator(), "/api/v1/schedules/nightly/backfill", wire.NewBackfill{From: time.Now().Add(-time.Hour), To: time.Now()}},
	} {
		a := b.post(start.key, start.path, start.body)
		p := a.problem(http.StatusServiceUnavailable, "maintenance")
		require.Contains(t, p.Detail, "an upgrade")
		require.Equal(t, "60", a.header.Get("Retry-After"))
	}
	decided := b.post(b.approver(), decisions(id), wire.NewDecision{Decision: "approve", Party: "city"})
	require.Equal(t, http.StatusAccepted, decided.status, "what is under way goes on")
	other, err := b.store.Maintenance(t.Context(), "elsewhere")
	require.NoError(t, err)
	require.Nil(t, other)

	want[wire.Maintenance](b.post(b.operator(), "/api/v1/maintenance", wire.NewMaintenance{}), http.StatusOK)
	require.Equal(t, http.StatusCreated, b.post(b.giver(), "/api/v1/resources", wire.NewResource{Leaf: "food.produce", Quantity: 1}).status)
	entries, _, err := b.store.ListAudit(t.Context(), b.city, postgres.AuditFilter{Kind: "city", Subject: string(b.city)}, postgres.Page{Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []string{"begin maintenance", "end maintenance"}, []string{entries[0].Action, entries[1].Action})
}
