package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

func decisions(match city.MatchID) string { return "/api/v1/matches/" + match.String() + "/decisions" }

func approve() wire.NewDecision {
	return wire.NewDecision{Decision: wire.NewDecisionDecisionApprove, Party: wire.PartyCity}
}

func TestADecisionIsRecordedThenTheWorkflowIsTold(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(oneApprover())

	a := b.post(b.approver(), decisions(match), approve())
	decision := want[wire.Decision](a, http.StatusAccepted)
	require.Equal(t, "/api/v1/matches/"+match.String(), a.header.Get("Location"))
	require.Equal(t, wire.DecisionOutcomePending, decision.Outcome)
	require.Equal(t, "ada", decision.Actor)
	require.Equal(t, "approver", decision.Role)
	require.Equal(t, 1, b.signals(match, "approve"))

	shown := want[wire.Match](b.get(b.auditor(), "/api/v1/matches/"+match.String()), http.StatusOK)
	require.Len(t, shown.Decisions, 1)
	require.Equal(t, decision.ID, shown.Decisions[0].ID)
	require.Equal(t, wire.MatchStateProposed, shown.State)
	require.Equal(t, wire.Money{Amount: "45.00", Currency: "USD"}, shown.Expected)

	audit, _, err := b.store.ListAudit(t.Context(), b.city, postgres.AuditFilter{Kind: "match", Subject: match.String()}, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, audit, 1)
	require.Equal(t, "approve", audit[0].Action)
	require.Equal(t, "ada", audit[0].Actor)
	require.Equal(t, a.header.Get("X-Request-Id"), audit[0].RequestID)
}

func TestTwoApproversAreDifferentPersons(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(city.Requirement{Rule: "two", CityApprovers: 2})

	first := want[wire.Decision](b.post(b.approver(), decisions(match), approve()), http.StatusAccepted)
	b.post(b.approver(), decisions(match), approve()).problem(http.StatusConflict, "conflict")
	b.take(first.ID, "")
	b.post(b.approver(), decisions(match), approve()).problem(http.StatusConflict, "conflict")

	waiting := want[wire.ApprovalPage](b.get(b.approver2(), "/api/v1/approvals"), http.StatusOK)
	require.Len(t, waiting.Items, 1)
	require.Equal(t, []wire.Party{wire.PartyCity}, waiting.Items[0].SignAs)
	require.Equal(t, []wire.MissingSignature{{Party: wire.PartyCity, Persons: 1}}, waiting.Items[0].Missing)
	require.Empty(t, want[wire.ApprovalPage](b.get(b.approver(), "/api/v1/approvals"), http.StatusOK).Items)

	want[wire.Decision](b.post(b.approver2(), decisions(match), approve()), http.StatusAccepted)
	require.Empty(t, want[wire.ApprovalPage](b.get(b.approver2(), "/api/v1/approvals"), http.StatusOK).Items)
}

func TestADecisionOnAMatchThatIsOverIs409WithItsState(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(oneApprover())
	require.NoError(t, b.store.CloseMatch(t.Context(), b.city, match, city.MatchExpired, "nobody came"))

	for _, body := range []wire.NewDecision{
		approve(), {Decision: wire.NewDecisionDecisionReject, Party: wire.PartyCity, Reason: wire.ReasonPolicy},
	} {
		p := b.post(b.approver(), decisions(match), body).problem(http.StatusConflict, "state-conflict")
		require.Equal(t, "expired", p.State)
	}
	base := "/api/v1/matches/" + match.String()
	for path, body := range map[string]any{
		"/hand-over": wire.NewHandOver{MeasuredQuantity: 1}, "/receipt": wire.NewReceipt{MeasuredQuantity: 1},
		"/no-show": wire.NewNoShow{Absent: wire.NewNoShowAbsentGiver},
	} {
		require.Equal(t, "expired", b.post(b.operator(), base+path, body).problem(http.StatusConflict, "state-conflict").State)
	}
	require.Zero(t, b.signals(match, "approve"))
}

func TestHandOverBeforeApprovalIs409WithTheState(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(oneApprover())
	p := b.post(b.giver(), "/api/v1/matches/"+match.String()+"/hand-over", wire.NewHandOver{MeasuredQuantity: 40}).
		problem(http.StatusConflict, "state-conflict")
	require.Equal(t, "proposed", p.State)
}

func TestFromApprovalToReceipt(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(oneApprover())
	base := "/api/v1/matches/" + match.String()
	b.take(want[wire.Decision](b.post(b.approver(), decisions(match), approve()), http.StatusAccepted).ID, city.MatchApproved)

	b.post(b.giver(), base+"/hand-over", wire.NewHandOver{MeasuredQuantity: 41}).problem(http.StatusUnprocessableEntity, "refused")
	handed := want[wire.Decision](b.post(b.giver(), base+"/hand-over", wire.NewHandOver{MeasuredQuantity: 38}), http.StatusAccepted)
	require.Equal(t, wire.PartyGiver, handed.Party)
	require.Equal(t, int64(38), *handed.MeasuredQuantity)
	b.take(handed.ID, city.MatchHandedOver)

	received := want[wire.Decision](b.post(b.operator(), base+"/receipt",
		wire.NewReceipt{MeasuredQuantity: 37, Simulated: true}), http.StatusAccepted)
	require.Equal(t, wire.PartyReceiver, received.Party, "the operator records what the receiver reports")
	require.Equal(t, "operator", received.Role)
	require.Equal(t, wire.OriginSimulated, received.Origin)
	b.take(received.ID, city.MatchConfirmed)

	shown := want[wire.Match](b.get(b.receiver(), base), http.StatusOK)
	require.Equal(t, wire.MatchStateConfirmed, shown.State)
	require.Equal(t, int64(37), *shown.MeasuredQuantity)
	require.Equal(t, 1, b.signals(match, "handed_over"))
	require.Equal(t, 1, b.signals(match, "confirm_receipt"))
}

func TestACoordinatorFindsTheReceiptsThatDiffer(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(oneApprover())
	base := "/api/v1/matches/" + match.String()
	b.take(want[wire.Decision](b.post(b.approver(), decisions(match), approve()), http.StatusAccepted).ID, city.MatchApproved)
	handed := want[wire.Decision](b.post(b.giver(), base+"/hand-over", wire.NewHandOver{MeasuredQuantity: 38}), http.StatusAccepted)
	b.take(handed.ID, city.MatchHandedOver)
	differing := func() []wire.Match {
		return want[wire.MatchPage](b.get(b.approver(), "/api/v1/matches?differing=true"), http.StatusOK).Items
	}
	require.Empty(t, differing())

	received := want[wire.Decision](b.post(b.receiver(), base+"/receipt", wire.NewReceipt{MeasuredQuantity: 40}), http.StatusAccepted)
	b.take(received.ID, city.MatchConfirmed)
	found := differing()
	require.Len(t, found, 1)
	require.Equal(t, int64(38), *found[0].HandedQuantity)
	require.Equal(t, int64(40), *found[0].ReceivedQuantity)
	require.Equal(t, int64(38), *found[0].MeasuredQuantity, "the lesser counts")
}

func TestWhoMaySayWhatAboutAMatch(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(city.Requirement{Rule: "all", Sides: []city.Party{city.Giver, city.Receiver}, CityApprovers: 1})
	reject := func(party wire.Party) wire.NewDecision {
		return wire.NewDecision{Decision: wire.NewDecisionDecisionReject, Party: party, Reason: wire.ReasonTooFar}
	}
	sign := func(party wire.Party) wire.NewDecision {
		return wire.NewDecision{Decision: wire.NewDecisionDecisionApprove, Party: party}
	}
	for name, c := range map[string]struct {
		key    string
		body   wire.NewDecision
		status int
		kind   string
	}{
		"the giver signs for the receiver":   {b.giver(), sign(wire.PartyReceiver), 403, "forbidden"},
		"the receiver signs for the giver":   {b.receiver(), sign(wire.PartyGiver), 403, "forbidden"},
		"the giver signs for the city":       {b.giver(), sign(wire.PartyCity), 403, "forbidden"},
		"an approver signs for the giver":    {b.approver(), sign(wire.PartyGiver), 403, "forbidden"},
		"an operator approves for the city":  {b.operator(), sign(wire.PartyCity), 403, "forbidden"},
		"an operator approves for the giver": {b.operator(), sign(wire.PartyGiver), 403, "forbidden"},
		"an operator rejects for the city":   {b.operator(), reject(wire.PartyCity), 403, "forbidden"},
		"a stranger sees no match":           {b.stranger(), sign(wire.PartyGiver), 404, "not-found"},
		"an auditor says nothing":            {b.auditor(), sign(wire.PartyCity), 403, "forbidden"},
		"a matcher says nothing":             {b.matcher(), sign(wire.PartyCity), 403, "forbidden"},
		"a refusal without a reason":         {b.giver(), wire.NewDecision{Decision: "reject", Party: "giver"}, 400, "invalid-request"},
		"a simulated refusal on the giver's name": {
			b.giver(), wire.NewDecision{Decision: "reject", Party: "giver", Reason: "too_far", Simulated: true}, 422, "refused",
		},
	} {
		a := b.post(c.key, decisions(match), c.body)
		require.Equal(t, c.status, a.status, "%s: %s", name, a.body)
		a.problem(c.status, c.kind)
	}
	recorded, err := b.store.Decisions(t.Context(), b.city, match)
	require.NoError(t, err)
	require.Empty(t, recorded, "what was refused leaves no decision")

	for _, c := range []struct {
		key   string
		party wire.Party
	}{{b.giver(), wire.PartyGiver}, {b.receiver(), wire.PartyReceiver}, {b.approver(), wire.PartyCity}} {
		want[wire.Decision](b.post(c.key, decisions(match), sign(c.party)), http.StatusAccepted)
	}
}

func TestNoShow(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(oneApprover())
	base := "/api/v1/matches/" + match.String()
	b.take(want[wire.Decision](b.post(b.approver(), decisions(match), approve()), http.StatusAccepted).ID, city.MatchApproved)

	b.post(b.operator(), base+"/no-show", wire.NewNoShow{Absent: wire.NewNoShowAbsentGiver, Simulated: true}).
		problem(http.StatusUnprocessableEntity, "refused")
	b.post(b.giver(), base+"/no-show", wire.NewNoShow{Absent: wire.NewNoShowAbsentGiver}).problem(http.StatusForbidden, "forbidden")
	reported := want[wire.Decision](b.post(b.receiver(), base+"/no-show", wire.NewNoShow{Absent: wire.NewNoShowAbsentGiver}), http.StatusAccepted)
	require.Equal(t, wire.PartyReceiver, reported.Party)
	require.Equal(t, "giver_absent", reported.Reason)
	require.Equal(t, 1, b.signals(match, "no_show"))
}

func TestIfMatchKeepsALateDecisionOut(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(oneApprover())
	base := "/api/v1/matches/" + match.String()
	seen := b.get(b.approver(), base).header.Get("ETag")
	b.take(want[wire.Decision](b.post(b.approver(), decisions(match), approve()), http.StatusAccepted).ID, city.MatchApproved)

	cancel := call{
		method: http.MethodPost, path: base + "/decisions", key: b.operator(), header: map[string]string{"If-Match": seen},
		body: wire.NewDecision{Decision: wire.NewDecisionDecisionCancel, Party: wire.PartyCity, Reason: wire.ReasonSafety},
	}
	b.do(cancel).problem(http.StatusPreconditionFailed, "precondition-failed")
	cancel.header["If-Match"] = b.get(b.operator(), base).header.Get("ETag")
	want[wire.Decision](b.do(cancel), http.StatusAccepted)
}
