package api_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// started checks what every start answers, and that its Location can be read at once.
func (b *bed) started(a answer, key string) wire.Started {
	b.t.Helper()
	s := want[wire.Started](a, http.StatusAccepted)
	b.endLater(s.WorkflowID)
	require.Equal(b.t, s.Location, a.header.Get("Location"))
	require.Contains(b.t, s.WebUI, "http://web.example/namespaces/default/workflows/")
	require.Equal(b.t, http.StatusOK, b.get(key, s.Location).status, s.Location)
	described, err := b.temporal.DescribeWorkflowExecution(b.t.Context(), s.WorkflowID, "")
	require.NoError(b.t, err)
	require.NotEmpty(b.t, described.GetWorkflowExecutionInfo().GetExecution().GetRunId())
	return s
}

func TestStartingARunAndCancellingIt(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.registerAttributes()
	once := uuid.NewString()
	start := call{method: http.MethodPost, path: "/api/v1/matching-runs", key: b.matcher(), once: once, body: wire.NewRun{Ward: "1"}}
	run := b.started(b.do(start), b.matcher())
	require.Equal(t, "matching-run/"+string(b.city)+"/"+run.ID, run.WorkflowID)
	require.Equal(t, run, want[wire.Started](b.do(start), http.StatusAccepted))

	read := want[wire.Run](b.get(b.auditor(), run.Location), http.StatusOK)
	require.Equal(t, wire.RunStateRunning, read.State, "it is there before its workflow has recorded it")

	cancelled := b.post(b.operator(), run.Location+"/cancellation", wire.NewCancellation{})
	require.Equal(t, run.WorkflowID, want[wire.Started](cancelled, http.StatusAccepted).WorkflowID)
	b.post(b.operator(), "/api/v1/matching-runs/none/cancellation", wire.NewCancellation{}).problem(http.StatusNotFound, "not-found")

	b.post(b.matcher(), "/api/v1/matching-runs", wire.NewRun{Ward: "77"}).problem(http.StatusUnprocessableEntity, "refused")
	b.post(b.matcher(), "/api/v1/matching-runs", wire.NewRun{Leaves: []wire.Leaf{"food.unicorn"}}).problem(http.StatusUnprocessableEntity, "refused")
}

func TestARunThatIsOver(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	ctx := t.Context()
	require.NoError(t, b.store.CreateRun(ctx, postgres.Run{City: b.city, ID: "old", Scope: postgres.Scope{Ward: "2"}}))
	bound, achieved, counted, proven := int64(4_170_812), int64(4_076_999), int64(908), false
	price, dropped := int64(1_250), int64(9)
	require.NoError(t, b.store.UpdateRun(ctx, b.city, "old", postgres.RunUpdate{
		BoundMinor: &bound, AchievedMinor: &achieved, Candidates: &counted, Optimal: &proven,
		Snapshot: []byte(`{"uri":"file:///x","key":"s","size":1,"sha256":"def"}`), Recurrence: &postgres.Recurrence{
			From: "older", Warm: true, Fixed: 3, Open: 7, Kept: 4, Dropped: 3, Stability: 0.05, BonusMinor: 99, PriceMinor: &price,
			PriceAtMost: &price, FreeDropped: &dropped,
		},
		Certificate: []byte(`{"uri":"file:///x","key":"k","size":1,"sha256":"abc"}`), Seconds: map[string]float64{"solve": 1.5, "check": 0.25},
	}))
	require.NoError(t, b.store.FinishRun(ctx, b.city, "old", postgres.RunCompleted, ""))
	read := want[wire.Run](b.get(b.auditor(), "/api/v1/matching-runs/old"), http.StatusOK)
	require.Equal(t, wire.RunStateCompleted, read.State)
	require.Equal(t, "2", read.Ward)
	require.Equal(t, &wire.Money{Amount: "41708.12", Currency: "USD"}, read.Bound)
	require.Equal(t, &wire.Money{Amount: "938.13", Currency: "USD"}, read.Gap)
	require.Equal(t, "abc", read.CertificateSha256)
	require.Equal(t, &wire.Recurrence{
		From: "older", Warm: true, Fixed: 3, Open: 7, Kept: 4, Dropped: 3, Stability: 0.05, DroppedWithoutStability: &dropped,
		Bonus: &wire.Money{Amount: "0.99", Currency: "USD"}, Price: &wire.Money{Amount: "12.50", Currency: "USD"},
		PriceAtMost: &wire.Money{Amount: "12.50", Currency: "USD"},
	}, read.Recurrence)
	require.InDelta(t, 1.75, read.Seconds, 1e-9)
	require.Nil(t, read.Progress)
	p := b.post(b.matcher(), "/api/v1/matching-runs/old/cancellation", wire.NewCancellation{}).problem(http.StatusConflict, "state-conflict")
	require.Equal(t, "completed", p.State)
	b.post(b.matcher(), "/api/v1/matching-runs", wire.NewRun{ID: "old", Ward: "1"}).problem(http.StatusConflict, "conflict")
	b.post(b.matcher(), "/api/v1/matching-runs", wire.NewRun{ID: "old", Ward: "2", Leaves: []wire.Leaf{string(produce)}}).problem(http.StatusConflict, "conflict")
	require.Len(t, want[wire.RunPage](b.get(b.auditor(), "/api/v1/matching-runs"), http.StatusOK).Items, 1)
}

func TestAnApplicationIsRecordedReviewedAndItsWorkflowTold(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.registerAttributes()
	body := wire.NewParticipant{Kind: wire.KindOrganisation, Name: "Soup Kitchen", EmailDomain: "soup.example", Point: &wire.Point{Lon: 9.5, Lat: 50}}
	applied := b.started(b.post(b.key("front desk", "", city.Requester), "/api/v1/participants", body), b.auditor())
	found := want[wire.Participant](b.get(b.auditor(), "/api/v1/participants/"+applied.ID), http.StatusOK)
	require.Equal(t, wire.ParticipantStateApplied, found.State)
	require.Equal(t, "1", found.Ward)
	require.Equal(t, wire.OriginObserved, found.Origin)
	b.post(b.giver(), "/api/v1/participants", body).problem(http.StatusForbidden, "forbidden")
	taken := body
	taken.ID, taken.Name = "giver", "Somebody else"
	b.post(b.operator(), "/api/v1/participants", taken).problem(http.StatusConflict, "conflict")

	_, err := b.store.TransitionParticipant(t.Context(), b.city, city.ParticipantID(applied.ID), city.ParticipantInReview, "same address as giver")
	require.NoError(t, err)
	waiting := want[wire.OnboardingPage](b.get(b.approver(), "/api/v1/onboardings"), http.StatusOK)
	require.Len(t, waiting.Items, 1)
	require.Equal(t, []string{"same address as giver"}, waiting.Items[0].Flags)
	require.Equal(t, applied.WorkflowID, waiting.Items[0].WorkflowID)

	review := "/api/v1/onboardings/" + applied.ID + "/review"
	b.post(b.approver(), review, wire.NewReview{Decision: wire.NewReviewDecisionReject}).problem(http.StatusBadRequest, "invalid-request")
	b.post(b.approver(), review, wire.NewReview{Decision: wire.NewReviewDecisionReject, Reason: wire.ReasonPolicy, Simulated: true}).
		problem(http.StatusUnprocessableEntity, "refused")
	decision := want[wire.Decision](b.post(b.approver(), review, wire.NewReview{Decision: wire.NewReviewDecisionAccept}), http.StatusAccepted)
	require.Equal(t, wire.DecisionKindReviewAccept, decision.Kind)
	require.Equal(t, wire.DecisionOutcomePending, decision.Outcome)

	p := b.post(b.approver(), "/api/v1/onboardings/giver/review", wire.NewReview{Decision: wire.NewReviewDecisionAccept}).
		problem(http.StatusConflict, "state-conflict")
	require.Equal(t, "active", p.State)
}

func TestAnImportReadsOnlyFromAllowedFolders(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	allowed := filepath.Join(root, "data")
	require.NoError(t, os.MkdirAll(filepath.Join(allowed, "dc"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(root, "data-secret"), 0o755))
	require.NoError(t, os.Symlink(root, filepath.Join(allowed, "up")))
	b := newBedOver(t, wires{config: func(c *api.Config) { c.ImportFolders = []string{allowed} }})
	b.registerAttributes()

	started := b.started(b.post(b.operator(), "/api/v1/imports", wire.NewImport{Profile: "dc", Source: filepath.Join(allowed, "dc")}), b.operator())
	require.Equal(t, wire.ImportStateRunning, want[wire.Import](b.get(b.operator(), started.Location), http.StatusOK).State)
	relative := b.started(b.post(b.operator(), "/api/v1/imports", wire.NewImport{Profile: "dc", Source: "dc"}), b.operator())
	require.NotEqual(t, started.ID, relative.ID)

	for _, source := range []string{"/etc", allowed + "/../data-secret", root + "/data-secret", "../data-secret", allowed + "/up", allowed + "/up/data-secret"} {
		p := b.post(b.operator(), "/api/v1/imports", wire.NewImport{Profile: "dc", Source: source}).problem(http.StatusUnprocessableEntity, "refused")
		require.Equal(t, "/source", p.Errors[0].Field, source)
	}
	closed := newBed(t)
	closed.post(closed.operator(), "/api/v1/imports", wire.NewImport{Profile: "dc", Source: allowed}).problem(http.StatusUnprocessableEntity, "refused")
}

func TestAnImportsIDStandsForOneSource(t *testing.T) {
	t.Parallel()
	allowed, own := t.TempDir(), filepath.Join(t.TempDir(), "mytown")
	b := newBedOver(t, wires{config: func(c *api.Config) { c.ImportFolders, c.ProfileFolders = []string{allowed}, []string{own} }})
	b.registerAttributes()
	one := wire.NewImport{ID: "monday", Profile: "dc", Source: filepath.Join(allowed, "a")}
	first := b.started(b.post(b.operator(), "/api/v1/imports", one), b.operator())
	require.Equal(t, first.WorkflowID, b.started(b.post(b.operator(), "/api/v1/imports", one), b.operator()).WorkflowID, "the same again is that one")

	for _, other := range []wire.NewImport{
		{ID: "monday", Profile: "dc", Source: filepath.Join(allowed, "b")},
		{ID: "monday", Profile: "mytown", Source: one.Source},
	} {
		p := b.post(b.operator(), "/api/v1/imports", other).problem(http.StatusConflict, "conflict")
		require.Contains(t, p.Detail, "import monday exists, of another source or profile")
	}

	require.NoError(t, b.store.StartImport(t.Context(), postgres.Import{City: b.city, ID: "last-year", Profile: "dc", Datasets: []string{"shops"}}))
	p := b.post(b.operator(), "/api/v1/imports", wire.NewImport{ID: "last-year", Profile: "dc", Source: one.Source}).
		problem(http.StatusConflict, "conflict")
	require.Contains(t, p.Detail, "ended long ago")
}

func TestAnImportNamesAProfileThatTheInstallationHas(t *testing.T) {
	t.Parallel()
	allowed, own := t.TempDir(), filepath.Join(t.TempDir(), "mytown")
	b := newBedOver(t, wires{config: func(c *api.Config) { c.ImportFolders, c.ProfileFolders = []string{allowed}, []string{own} }})
	b.registerAttributes()
	for _, profile := range []string{"dc", "mytown"} {
		b.started(b.post(b.operator(), "/api/v1/imports", wire.NewImport{Profile: profile, Source: allowed}), b.operator())
	}
	p := b.post(b.operator(), "/api/v1/imports", wire.NewImport{Profile: "nowhere", Source: allowed}).problem(http.StatusUnprocessableEntity, "refused")
	require.Equal(t, "/profile", p.Errors[0].Field)
	require.Contains(t, p.Errors[0].Detail, "dc")
}

func TestAnImportIsReadWithItsRejectedRows(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	ctx := t.Context()
	require.NoError(t, b.store.StartImport(ctx, postgres.Import{City: b.city, ID: "i1", Profile: "test@1", Datasets: []string{"shops"}}))
	_, err := b.store.LoadBatch(ctx, postgres.Batch{City: b.city, Import: "i1", Dataset: "shops", File: "shops.csv", Number: 1, Rows: []postgres.ImportRow{
		{Line: 2, Key: "a", Digest: []byte{1}, Outcome: postgres.RowPlaceFact, Payload: []byte(`{}`)},
		{Line: 3, Key: "b", Digest: []byte{2}, Outcome: postgres.RowRejected, Reason: "lat: 4707000 is no latitude"},
	}})
	require.NoError(t, err)
	_, err = b.store.FinishImport(ctx, b.city, "i1", postgres.ImportCompleted, "")
	require.NoError(t, err)
	read := want[wire.Import](b.get(b.auditor(), "/api/v1/imports/i1"), http.StatusOK)
	require.Equal(t, wire.ImportCounts{Read: 2, Accepted: 1, PlaceFact: 1, Rejected: 1}, read.Counts)
	require.Equal(t, wire.ImportStateCompleted, read.State)
	rejected := want[wire.RejectedRowPage](b.get(b.auditor(), "/api/v1/imports/i1/rejected"), http.StatusOK)
	require.Equal(t, []wire.RejectedRow{{Dataset: "shops", File: "shops.csv", Line: 3, Key: "b", Reason: "lat: 4707000 is no latitude"}}, rejected.Items)
	require.Len(t, want[wire.ImportPage](b.get(b.auditor(), "/api/v1/imports"), http.StatusOK).Items, 1)
	b.get(b.auditor(), "/api/v1/imports/none").problem(http.StatusNotFound, "not-found")
	b.get(b.auditor(), "/api/v1/imports/none/rejected").problem(http.StatusNotFound, "not-found")
}

func TestValuations(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.registerAttributes()
	match := b.recordMatch("r", "giver", oneApprover())
	b.post(b.matcher(), "/api/v1/valuations", wire.NewValuation{Scope: "run", ScopeID: "none"}).problem(http.StatusNotFound, "not-found")
	b.post(b.matcher(), "/api/v1/valuations", wire.NewValuation{Scope: "match", ScopeID: "none"}).problem(http.StatusBadRequest, "invalid-request")
	b.started(b.post(b.matcher(), "/api/v1/valuations", wire.NewValuation{Scope: "run", ScopeID: string(match.Run)}), b.matcher())

	low, middle, high := int64(2_811_000), int64(3_405_120), int64(4_125_075)
	_, err := b.store.AppendValuations(t.Context(), []postgres.Valuation{{
		City: b.city, ID: "v1", Scope: "run", ScopeID: string(match.Run), Moment: postgres.ExPost, Method: "2026.1",
		ParametersSHA256: "0123456789012345678901234567890123456789012345678901234567890123", Inputs: []byte(`{}`), Seed: 7,
		Result: []byte(`{"items":[{"name":"food","minor":5}]}`), Currency: "USD", PriceYear: 2026, NSVMinor: middle,
		P5Minor: &low, P50Minor: &middle, P95Minor: &high, Author: "max",
	}})
	require.NoError(t, err)
	page := want[wire.ValuationPage](b.get(b.auditor(), "/api/v1/valuations?scope=run&moment=ex_post&scope_id="+string(match.Run)), http.StatusOK)
	require.Len(t, page.Items, 1)
	require.Equal(t, "34051.20", page.Items[0].Nsv)
	require.Nil(t, page.Items[0].Result, "a list has no line items")
	one := want[wire.Valuation](b.get(b.auditor(), "/api/v1/valuations/v1"), http.StatusOK)
	require.Equal(t, "28110.00", one.P5)
	require.NotEmpty(t, one.Result["items"])
	require.Empty(t, want[wire.ValuationPage](b.get(b.auditor(), "/api/v1/valuations?moment=ex_ante"), http.StatusOK).Items)
	b.get(b.auditor(), "/api/v1/valuations/none").problem(http.StatusNotFound, "not-found")
}

func TestTheCityShowsItsClockAndPolicy(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	cities := want[wire.CityPage](b.get(b.giver(), "/api/v1/cities"), http.StatusOK).Items
	require.Len(t, cities, 1)
	before := time.Now().Truncate(time.Second)
	one := want[wire.City](b.get(b.giver(), "/api/v1/cities/"+string(b.city)), http.StatusOK)
	require.Equal(t, "America/New_York", one.TimeZone)
	require.WithinRange(t, one.Clock.Shows, before, time.Now().Add(time.Second))
	require.Equal(t, []wire.PolicyRule{{Name: "all", AskSides: []wire.Party{}, CityApprovers: 1}}, one.Policy.Rules)
}
