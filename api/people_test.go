package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// links signs as the beds' workers would.
var links = notices.Links{BaseURL: "https://crg.example", Secret: []byte("0123456789abcdef0123456789abcdef")}

const hookSecret = "0123456789abcdef0123456789abcdef"

func TestADeputySignsOnBehalf(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(city.Requirement{Rule: "two", CityApprovers: 2})
	ada, bob := b.approver(), b.approver2()
	onBehalf := approve()
	onBehalf.OnBehalfOf = "ada"
	b.post(bob, decisions(match), onBehalf).problem(http.StatusForbidden, "forbidden")

	until := time.Now().Add(24 * time.Hour)
	named := want[wire.Delegation](b.post(ada, "/api/v1/delegations", wire.NewDelegation{Deputy: "bob", EndsAt: until}), http.StatusCreated)
	require.True(t, named.InForce)
	require.Equal(t, "ada", named.Approver)
	waiting := want[wire.ApprovalPage](b.get(bob, "/api/v1/approvals"), http.StatusOK).Items
	require.Equal(t, []string{"ada"}, waiting[0].DeputyFor)

	signed := want[wire.Decision](b.post(bob, decisions(match), onBehalf), http.StatusAccepted)
	require.Equal(t, "ada", signed.OnBehalfOf)
	b.take(signed.ID, "")
	for _, again := range []struct {
		key  string
		body wire.NewDecision
	}{{ada, approve()}, {bob, approve()}, {bob, onBehalf}} {
		b.post(again.key, decisions(match), again.body).problem(http.StatusConflict, "conflict")
	}
	require.Empty(t, want[wire.ApprovalPage](b.get(ada, "/api/v1/approvals"), http.StatusOK).Items, "her deputy signed for her")
	cat := b.key("cat", "", city.Approver)
	left := want[wire.ApprovalPage](b.get(cat, "/api/v1/approvals"), http.StatusOK).Items
	require.Equal(t, []wire.MissingSignature{{Party: wire.PartyCity, Persons: 1}}, left[0].Missing)
	want[wire.Decision](b.post(cat, decisions(match), approve()), http.StatusAccepted)

	side := wire.NewDecision{Decision: "approve", Party: "giver", OnBehalfOf: "ada"}
	b.post(b.giver(), decisions(match), side).problem(http.StatusBadRequest, "invalid-request")
	end := "/api/v1/delegations/" + named.ID + "/end"
	b.post(cat, end, wire.NewEnd{}).problem(http.StatusForbidden, "forbidden")
	require.False(t, want[wire.Delegation](b.post(bob, end, wire.NewEnd{}), http.StatusOK).InForce)
	require.Len(t, want[wire.DelegationPage](b.get(b.auditor(), "/api/v1/delegations"), http.StatusOK).Items, 1)
}

func TestDelegationsThatCannotBe(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	ada := b.approver()
	b.approver2()
	b.matcher()
	until := time.Now().Add(24 * time.Hour)
	for name, test := range map[string]struct {
		body  wire.NewDelegation
		field string
	}{
		"to oneself":               {wire.NewDelegation{Deputy: "ada", EndsAt: until}, "/deputy"},
		"to a matcher":             {wire.NewDelegation{Deputy: "max", EndsAt: until}, "/deputy"},
		"to nobody":                {wire.NewDelegation{Deputy: "ghost", EndsAt: until}, "/deputy"},
		"over already":             {wire.NewDelegation{Deputy: "bob", EndsAt: time.Now().Add(-time.Minute), StartsAt: time.Now().Add(-time.Hour)}, "/ends_at"},
		"ends before it has begun": {wire.NewDelegation{Deputy: "bob", EndsAt: until, StartsAt: until.Add(time.Hour)}, "/ends_at"},
	} {
		p := b.post(ada, "/api/v1/delegations", test.body).problem(http.StatusUnprocessableEntity, "refused")
		require.Equal(t, test.field, p.Errors[0].Field, name)
	}
	other := wire.NewDelegation{Approver: "bob", Deputy: "ada", EndsAt: until}
	b.post(ada, "/api/v1/delegations", other).problem(http.StatusForbidden, "forbidden")
	require.Equal(t, "olga", want[wire.Delegation](b.post(b.operator(), "/api/v1/delegations", other), http.StatusCreated).CreatedBy)
}

func TestAnAppealIsDecidedBySomebodyElse(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.registerAttributes()
	require.NoError(t, b.store.InsertParticipant(t.Context(), city.Participant{
		ID: "new", City: b.city, Kind: city.Organisation, Name: "New", LocationQuality: city.Default, State: city.ParticipantApplied,
		Origin: city.Observed, Source: "test", SourceKey: "new",
	}))
	_, err := b.store.TransitionParticipant(t.Context(), b.city, "new", city.ParticipantInReview, "no location")
	require.NoError(t, err)
	key := b.key("new", "new", city.Lister)
	appeal, review := "/api/v1/onboardings/new/appeal", "/api/v1/onboardings/new/review"
	b.post(key, appeal, wire.NewAppeal{Note: "early"}).problem(http.StatusConflict, "state-conflict")

	b.recordReview("r1", "ada", city.DecisionReviewReject, city.ParticipantRejected)
	b.endLater(workflows.OnboardingID(b.city, "new"))
	b.post(b.stranger(), appeal, wire.NewAppeal{Note: "not mine"}).problem(http.StatusNotFound, "not-found")
	said := want[wire.Decision](b.post(key, appeal, wire.NewAppeal{Note: "we moved"}), http.StatusAccepted)
	require.Equal(t, wire.PartyApplicant, said.Party)
	b.post(key, appeal, wire.NewAppeal{Note: "once more"}).problem(http.StatusConflict, "conflict")
	_, err = b.store.TakeDecision(t.Context(), b.city, city.DecisionID(said.ID), postgres.Verdict{
		Outcome: city.DecisionApplied, ParticipantState: city.ParticipantInReview, Reason: "appeal against: safety",
	})
	require.NoError(t, err)
	shown := want[wire.Onboarding](b.get(key, "/api/v1/onboardings/new"), http.StatusOK)
	require.Equal(t, []string{"appeal against: safety"}, shown.Flags)
	b.post(b.approver(), review, wire.NewReview{Decision: "accept"}).problem(http.StatusConflict, "conflict")
	want[wire.Decision](b.post(b.approver2(), review, wire.NewReview{Decision: "accept"}), http.StatusAccepted)
}

// recordReview does what the workflow does with a review.
func (b *bed) recordReview(id city.DecisionID, actor string, kind city.DecisionKind, to city.ParticipantState) {
	b.t.Helper()
	d := postgres.Decision{
		City: b.city, ID: id, Kind: kind, Party: city.CityHall, Actor: actor, Role: city.Approver, Reason: city.ReasonSafety,
		Participant: "new", Origin: city.Observed,
	}
	require.NoError(b.t, b.store.RecordDecision(b.t.Context(), d))
	_, err := b.store.TakeDecision(b.t.Context(), b.city, id, postgres.Verdict{Outcome: city.DecisionApplied, ParticipantState: to})
	require.NoError(b.t, err)
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.registerAttributes()
	path := "/api/v1/participants/giver/documents"
	b.endLater(workflows.VerificationID(b.city, "giver"))
	year := time.Now().AddDate(1, 0, 0)
	started := want[wire.Started](b.post(b.giver(), path, wire.NewDocument{Kind: "insurance", Reference: "file 12", ExpiresAt: year}), http.StatusAccepted)
	require.Equal(t, workflows.VerificationID(b.city, "giver"), started.WorkflowID)
	b.post(b.giver(), path, wire.NewDocument{Kind: "insurance", ExpiresAt: time.Now().Add(-time.Hour)}).problem(http.StatusUnprocessableEntity, "refused")
	b.post(b.stranger(), path, wire.NewDocument{Kind: "insurance"}).problem(http.StatusNotFound, "not-found")
	b.get(b.receiver(), path).problem(http.StatusNotFound, "not-found")
	require.Equal(t, "file 12", want[wire.DocumentPage](b.get(b.approver(), path), http.StatusOK).Items[0].Reference)
	require.Empty(t, want[wire.DocumentPage](b.get(b.auditor(), path), http.StatusOK).Items[0].Reference)

	review := path + "/" + started.ID + "/review"
	b.post(b.approver(), review, wire.NewDocumentReview{Decision: "refuse"}).problem(http.StatusBadRequest, "invalid-request")
	b.post(b.approver(), path+"/none/review", wire.NewDocumentReview{Decision: "accept"}).problem(http.StatusNotFound, "not-found")
	said := want[wire.Decision](b.post(b.approver(), review, wire.NewDocumentReview{Decision: "accept"}), http.StatusAccepted)
	require.Equal(t, wire.DecisionKindAcceptDocument, said.Kind)
	b.take(said.ID, "")
	require.Equal(t, wire.DocumentStateAccepted, want[wire.DocumentPage](b.get(b.giver(), path), http.StatusOK).Items[0].State)
	require.Equal(t, "accepted", b.post(b.approver(), review, wire.NewDocumentReview{Decision: "accept"}).problem(http.StatusConflict, "state-conflict").State)
}

func TestAWithdrawalMayEndItsMatches(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	match := b.match(oneApprover())
	withdraw := "/api/v1/resources/r/withdrawal"
	b.post(b.giver(), withdraw, wire.NewWithdrawal{EndMatches: true}).problem(http.StatusBadRequest, "invalid-request")
	want[wire.Listing](b.post(b.giver(), withdraw, wire.NewWithdrawal{EndMatches: true, Reason: wire.ReasonNotUsable, Note: "spoiled"}), http.StatusOK)
	require.Equal(t, 1, b.signals(match, "cancel"))
	shown := want[wire.Match](b.get(b.giver(), "/api/v1/matches/"+match.String()), http.StatusOK)
	require.Len(t, shown.Decisions, 1)
	require.Equal(t, wire.DecisionKindCancel, shown.Decisions[0].Kind)
	require.Equal(t, wire.PartyGiver, shown.Decisions[0].Party)
	require.Equal(t, "spoiled", shown.Decisions[0].Note)
	b.take(shown.Decisions[0].ID, city.MatchCancelled)

	reasons := want[wire.ReasonPage](b.get(b.auditor(), "/api/v1/decision-reasons"), http.StatusOK).Items
	require.Len(t, reasons, len(city.Reasons()))
	for _, reason := range reasons {
		require.NotEmpty(t, reason.Words)
		require.Equal(t, reason.Reason == wire.ReasonNotUsable, reason.Decisions == 1, reason.Reason)
	}
	require.Zero(t, want[wire.ReasonPage](b.get(b.auditor(), "/api/v1/decision-reasons?run=other"), http.StatusOK).Items[1].Decisions)
}
