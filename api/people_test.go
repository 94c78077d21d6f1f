package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/notices/webhook"
	"github.com/city-resource-graph/crg/outbound"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// links signs as the beds' workers would.
var links = notices.Links{BaseURL: "https://crg.example", Secret: []byte("0123456789abcdef0123456789abcdef")}

const hookSecret = "0123456789abcdef0123456789abcdef"

func webhooks(t testing.TB) *webhook.Sender {
	t.Helper()
	client, err := outbound.New(outbound.Policy{Hosts: []string{"*"}})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return &webhook.Sender{Client: client, Refused: outbound.ErrRefused, Own: []string{"crg.example"}, Now: time.Now}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	mail := wire.NewContact{Channel: "email", Address: "giver@example.org", QuietFrom: "21:00", QuietUntil: "07:00"}
	own := want[wire.Contact](b.post(b.giver(), "/api/v1/contacts", mail), http.StatusCreated)
	require.Equal(t, "giver@example.org", own.Address)
	require.Equal(t, "giver", own.Participant)
	require.Equal(t, []wire.TimeOfDay{"21:00", "07:00"}, []wire.TimeOfDay{own.QuietFrom, own.QuietUntil})
	require.Equal(t, own.ID, want[wire.ContactPage](b.get(b.giver(), "/api/v1/contacts"), http.StatusOK).Items[0].ID)
	require.Empty(t, want[wire.ContactPage](b.get(b.receiver(), "/api/v1/contacts"), http.StatusOK).Items)
	seen := want[wire.ContactPage](b.get(b.operator(), "/api/v1/contacts"), http.StatusOK).Items
	require.Equal(t, "...@example.org", seen[0].Address, "an operator sees where, not who")

	hook := wire.NewContact{Channel: "webhook", Address: "https://hooks.example.org/crg", Secret: hookSecret, Participant: "receiver"}
	set := want[wire.Contact](b.post(b.operator(), "/api/v1/contacts", hook), http.StatusCreated)
	require.Equal(t, "receiver", set.Participant)
	require.Equal(t, "https://hooks.example.org/...", set.Address)
	b.post(b.giver(), "/api/v1/contacts", hook).problem(http.StatusForbidden, "forbidden")
	person := want[wire.Contact](b.post(b.approver(), "/api/v1/contacts", wire.NewContact{Channel: "email", Address: "ada@city.example"}), http.StatusCreated)
	require.Equal(t, "ada", person.Actor)

	for name, wrong := range map[string]wire.NewContact{
		"no address":       {Channel: "email", Address: "nobody"},
		"a name besides":   {Channel: "email", Address: "Ann <ann@example.org>"},
		"ourselves":        {Channel: "webhook", Address: "https://crg.example/api/v1/contacts", Secret: hookSecret},
		"not encrypted":    {Channel: "webhook", Address: "http://hooks.example.org/", Secret: hookSecret},
		"with a password":  {Channel: "webhook", Address: "https://a:b@hooks.example.org/", Secret: hookSecret},
		"another protocol": {Channel: "webhook", Address: "gopher://hooks.example.org/", Secret: hookSecret},
		"no URL":           {Channel: "webhook", Address: "hooks", Secret: hookSecret},
	} {
		p := b.post(b.giver(), "/api/v1/contacts", wrong).problem(http.StatusUnprocessableEntity, "refused")
		require.Equal(t, "/address", p.Errors[0].Field, name)
	}
	b.post(b.giver(), "/api/v1/contacts", wire.NewContact{Channel: "webhook", Address: "https://hooks.example.org/"}).
		problem(http.StatusBadRequest, "invalid-request")
	b.post(b.giver(), "/api/v1/contacts", wire.NewContact{Channel: "email", Address: "a@example.org", QuietFrom: "21:00"}).
		problem(http.StatusBadRequest, "invalid-request")

	remove := "/api/v1/contacts/" + own.ID + "/removal"
	b.post(b.stranger(), remove, wire.NewRemoval{}).problem(http.StatusNotFound, "not-found")
	want[wire.Contact](b.post(b.giver(), remove, wire.NewRemoval{}), http.StatusOK)
	require.Empty(t, want[wire.ContactPage](b.get(b.giver(), "/api/v1/contacts"), http.StatusOK).Items)
}

// A notice of ours that comes back over a proxy stops here.
func TestALoopIsRefused(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.do(call{
		method: http.MethodPost, path: "/api/v1/contacts", key: b.giver(), body: wire.NewContact{Channel: "email", Address: "a@example.org"},
		header: map[string]string{webhook.HeaderID: "5f2c", webhook.HeaderHop: "1"},
	}).problem(http.StatusLoopDetected, "loop")
}

func TestNoticesAreSeenByTheirOwner(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.registerAttributes()
	want[wire.Contact](b.post(b.giver(), "/api/v1/contacts", wire.NewContact{Channel: "email", Address: "giver@example.org"}), http.StatusCreated)
	_, err := b.store.Announce(t.Context(), postgres.Announcement{
		City: b.city, Key: "k", Event: city.NoticeMatchWaiting, Kind: "match", Subject: "r:food.produce:1", Participants: []city.ParticipantID{"giver"},
	})
	require.NoError(t, err)
	mine := want[wire.NoticePage](b.get(b.giver(), "/api/v1/notices"), http.StatusOK).Items
	require.Len(t, mine, 1)
	require.Empty(t, want[wire.NoticePage](b.get(b.receiver(), "/api/v1/notices"), http.StatusOK).Items)
	require.Len(t, want[wire.NoticePage](b.get(b.operator(), "/api/v1/notices?match=r:food.produce:1&state=pending"), http.StatusOK).Items, 1)

	retry := "/api/v1/notices/" + mine[0].ID + "/retry"
	notice, err := b.store.Notice(t.Context(), b.city, mine[0].ID)
	require.NoError(t, err)
	attempt := postgres.Attempt{N: 1, Outcome: "failed", Detail: "550 <giver@example.org>"}
	require.NoError(t, b.store.RecordAttempt(t.Context(), notice, attempt, city.NoticeFailed, time.Now()))
	require.Empty(t, want[wire.NoticePage](b.get(b.auditor(), "/api/v1/notices"), http.StatusOK).Items[0].Reason)
	b.endLater(workflows.NoticesID(b.city))
	require.Equal(t, wire.NoticeStatePending, want[wire.Notice](b.post(b.operator(), retry, wire.NewRetry{}), http.StatusOK).State)
	require.NoError(t, b.store.SuppressNotice(t.Context(), notice, "overtaken"))
	require.Equal(t, "suppressed", b.post(b.operator(), retry, wire.NewRetry{}).problem(http.StatusConflict, "state-conflict").State)
	b.post(b.operator(), "/api/v1/notices/none/retry", wire.NewRetry{}).problem(http.StatusNotFound, "not-found")
}

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

// page is a request as a browser sends it.
func (b *bed) browse(method, path, form string) *httptest.ResponseRecorder {
	b.t.Helper()
	request := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(form))
	if form != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	recorder := httptest.NewRecorder()
	b.handler.ServeHTTP(recorder, request)
	return recorder
}

func TestAHolderAnswersByLink(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.registerAttributes()
	b.resource("chair", "giver", 1, city.ListingUnconfirmed)
	b.resource("table", "giver", 1, city.ListingUnconfirmed)
	b.resource("open", "giver", 1, city.ListingOpen)
	b.endLater(workflows.ConfirmID(b.city, "chair"))
	b.endLater(workflows.ConfirmID(b.city, "table"))
	want[wire.Contact](b.post(b.giver(), "/api/v1/contacts", wire.NewContact{Channel: "email", Address: "giver@example.org"}), http.StatusCreated)
	body := wire.NewConfirmationRequests{Resources: []string{"chair", "table", "chair", "open", "none"}, WithinHours: 48}
	asked := want[wire.ConfirmationRequests](b.post(b.matcher(), "/api/v1/resources/confirmation-requests", body), http.StatusAccepted)
	require.Len(t, asked.Asked, 2)
	require.Len(t, asked.Refused, 3)
	require.Equal(t, 1, asked.Asked[0].Contacts)
	again := want[wire.ConfirmationRequests](b.post(b.matcher(), "/api/v1/resources/confirmation-requests", body), http.StatusAccepted)
	require.Empty(t, again.Asked, "another question is open")

	request, err := b.store.OpenConfirmationRequest(t.Context(), b.city, "chair")
	require.NoError(t, err)
	until := time.Now().Add(time.Hour)
	link := links.Confirm(notices.Question{City: b.city, Listing: "chair", Request: request.ID, Until: until})
	path := strings.TrimPrefix(link, "https://crg.example")
	shown := b.browse(http.MethodGet, path, "")
	require.Equal(t, http.StatusOK, shown.Code)
	require.Contains(t, shown.Body.String(), "Fruit and vegetables, 1 kg: is it still there")
	require.Contains(t, shown.Body.String(), `<p class="from">Town</p>`, "who asks")
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	require.Contains(t, shown.Body.String(), "until "+until.In(newYork).Format("Monday, 2 January 2006, 15:04 MST"))
	require.Contains(t, shown.Header().Get("Content-Security-Policy"), "default-src 'none'")
	require.Equal(t, "no-referrer", shown.Header().Get("Referrer-Policy"))
	require.Equal(t, city.ListingUnconfirmed, b.stateOf("chair"), "looking at the page changes nothing")

	require.Equal(t, http.StatusBadRequest, b.browse(http.MethodPost, path, "answer=perhaps").Code)
	require.Equal(t, http.StatusOK, b.browse(http.MethodPost, path, "answer=yes").Code)
	require.Equal(t, city.ListingOpen, b.stateOf("chair"))
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		used := b.browse(method, path, "answer=no")
		require.Equal(t, http.StatusGone, used.Code, used.Body)
	}
	require.Equal(t, city.ListingOpen, b.stateOf("chair"), "the link is used up")
	closed, err := b.store.ConfirmationRequest(t.Context(), b.city, request.ID)
	require.NoError(t, err)
	require.Equal(t, "confirmed", closed.Outcome)

	require.Equal(t, http.StatusNotFound, b.browse(http.MethodGet, path+"x", "").Code)
	late := links.Confirm(notices.Question{City: b.city, Listing: "table", Request: "q", Until: time.Now().Add(-time.Minute)})
	require.Equal(t, http.StatusNotFound, b.browse(http.MethodGet, strings.TrimPrefix(late, "https://crg.example"), "").Code)

	// The other way: with a key, in bulk, which closes the question as well.
	done := want[wire.Confirmations](b.post(b.giver(), "/api/v1/resources/confirmations", wire.NewConfirmations{
		Answers: []wire.NewConfirmation{{Resource: "table", Usable: false}},
	}), http.StatusOK)
	require.Equal(t, 1, done.Denied)
	_, err = b.store.OpenConfirmationRequest(t.Context(), b.city, "table")
	require.ErrorIs(t, err, postgres.ErrNotFound)
}

func (b *bed) stateOf(id city.ListingID) city.ListingState {
	b.t.Helper()
	l, err := b.store.Listing(b.t.Context(), b.city, id)
	require.NoError(b.t, err)
	return l.State
}

func TestWithoutASecretNoLinkIsTaken(t *testing.T) {
	t.Parallel()
	b := newBedOver(t, wires{config: func(c *api.Config) { c.Links = notices.Links{} }})
	link := links.Confirm(notices.Question{City: b.city, Listing: "chair", Request: "q", Until: time.Now().Add(time.Hour)})
	require.Equal(t, http.StatusNotFound, b.browse(http.MethodGet, strings.TrimPrefix(link, "https://crg.example"), "").Code)
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
