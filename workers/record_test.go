package workers_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// TestRecordHistories writes the histories that the replay test of package workflows reads, from real runs of the program
// as it is now. Run it on released code, never on the change that is under review: a history recorded from a change
// replays on it whatever it broke.
//
//	CRG_RECORD=$PWD/workflows/testdata/replay bin/crgdev exec -- go test -run TestRecordHistories ./workers/
func TestRecordHistories(t *testing.T) {
	folder := os.Getenv("CRG_RECORD")
	if folder == "" {
		folder = t.TempDir() // the recording itself is tested even when nobody asks for its result
	}
	w := newTown(t, 400)
	w.WithGraph(t)
	w.deliverNotices()
	w.tell()
	matches := w.matches()
	rejected := w.waiting(matches)
	w.rejectedWithAlternative(matches)
	byPeople := w.waiting(matches)
	w.handedOver(matches)
	withdrawn := w.waiting(matches)
	require.NoError(t, w.Starter.CancelMatch(t.Context(), activities.MatchRef{City: w.id, Match: withdrawn.ID}))
	w.until(withdrawn.ID, city.MatchCancelled)
	reviewed := w.reviewed()
	appealed := w.appealed()
	w.verified(reviewed)
	confirmed := w.confirmed(reviewed)
	w.cancelledRun("r2")
	recurringMatching, recurringValuation := w.scheduled()
	w.cancelledPublisher()
	w.reconciled()
	w.pausedProjection()
	w.flooredRun("r3")

	match := func(id city.MatchID) string { return workflows.MatchID(activities.MatchRef{City: w.id, Match: id}) }
	histories := map[string]string{
		"import-dataset.completed":      workflows.ImportID(w.id, "i1"),
		"matching-run.completed":        workflows.RunID(w.id, "r1"),
		"matching-run.cancelled":        workflows.RunID(w.id, "r2"),
		"matching-run.floors":           workflows.RunID(w.id, "r3"),
		"economic-valuation.completed":  workflows.ValuationID(activities.ValuationRef{City: w.id, Scope: activities.ScopeRun, ID: "r1", Moment: activities.ExAnte}),
		"match.approved-by-people":      match(byPeople.ID),
		"match.rejected":                match(rejected.ID),
		"match.cancelled":               match(withdrawn.ID),
		"deliver-notices.retried":       workflows.NoticesID(w.id),
		"publish-events.cancelled":      workflows.PublisherID(w.Prefix),
		"onboard-participant.appealed":  workflows.OnboardingID(w.id, appealed),
		"verify-documents.accepted":     workflows.VerificationID(w.id, reviewed),
		"confirm-listing.confirmed":     workflows.ConfirmID(w.id, confirmed),
		"onboard-participant.reviewed":  workflows.OnboardingID(w.id, reviewed),
		"project-graph.paused":          workflows.ProjectionID(w.Prefix),
		"reconcile-graph.completed":     workflows.ReconciliationID(w.Prefix),
		"recurring-matching.completed":  recurringMatching,
		"recurring-valuation.completed": recurringValuation,
	}
	requireEachType(t, histories)
	for name, id := range histories {
		w.record(filepath.Join(folder, name+".json"), id)
		budget(t, w.Installation, id)
	}
}

// requireEachType wants a history of each type of workflow that workers register, named type-in-dashes.scenario.
func requireEachType(t *testing.T, histories map[string]string) {
	t.Helper()
	recorded := map[string]bool{}
	for name := range histories {
		kind, _, _ := strings.Cut(name, ".")
		recorded[strings.ReplaceAll(kind, "-", "")] = true
	}
	for _, r := range workflows.Registrations() {
		require.True(t, recorded[strings.ToLower(r.Name)], "no history of %s is recorded, so neither its size is held to the limits nor its replay tested", r.Name)
	}
}

// scheduled triggers a schedule of each kind and waits for what it starts.
func (w *town) scheduled() (matching, valuation string) {
	w.t.Helper()
	s, id := bureau(w.t, w.Installation)
	_, err := s.Apply(w.t.Context(), scheduleFile(w.t, regular, id))
	require.NoError(w.t, err)
	for schedule, workflowID := range map[string]*string{"nightly": &matching, "worth": &valuation} {
		require.NoError(w.t, s.Trigger(w.t.Context(), id, schedule))
		require.Eventually(w.t, func() bool {
			found, err := s.Get(w.t.Context(), id, schedule)
			if err == nil && len(found.Recent) > 0 {
				*workflowID = found.Recent[0].WorkflowID
			}
			return *workflowID != ""
		}, patience, 50*time.Millisecond)
		require.NoError(w.t, w.Client.GetWorkflow(w.t.Context(), *workflowID, "").Get(w.t.Context(), nil))
	}
	return matching, valuation
}

// reviewed onboards an applicant whom a person has to look at.
func (w *town) reviewed() city.ParticipantID {
	w.t.Helper()
	return w.onboarded("applicant-1", city.DecisionReviewAccept, city.ParticipantActive)
}

// onboarded onboards an applicant whom a reviewer accepts or rejects.
func (w *town) onboarded(id city.ParticipantID, kind city.DecisionKind, want city.ParticipantState) city.ParticipantID {
	w.t.Helper()
	p := city.Participant{
		ID: id, City: w.id, Kind: city.Organisation, Name: "Applicant", LocationQuality: city.Default,
		State: city.ParticipantApplied, Origin: city.Generated, Source: "test", SourceKey: string(id),
	}
	require.NoError(w.t, w.Store.InsertParticipant(w.t.Context(), p))
	ref := activities.ApplicantRef{City: w.id, Participant: p.ID}
	started, err := w.Starter.OnboardParticipant(w.t.Context(), ref)
	require.NoError(w.t, err)
	require.Eventually(w.t, func() bool { // the workflow itself waits, not only its row
		var view activities.ApplicantView
		answer, err := w.Client.QueryWorkflow(w.t.Context(), started.WorkflowID, "", workflows.QueryStatus)
		return err == nil && answer.Get(&view) == nil && view.State == city.ParticipantInReview
	}, patience, 50*time.Millisecond)
	d := postgres.Decision{
		City: w.id, ID: "review." + city.DecisionID(id), Kind: kind, Party: city.CityHall, Actor: "reviewer", Role: city.Approver,
		Participant: p.ID, Origin: city.Generated,
	}
	require.NoError(w.t, w.Store.RecordDecision(w.t.Context(), d))
	require.NoError(w.t, w.Starter.SignalReview(w.t.Context(), ref, d.ID))
	var view activities.ApplicantView
	w.await(&view)(started, nil)
	require.Equal(w.t, want, view.State)
	return p.ID
}

// appealed onboards an applicant who is rejected, appeals after the workflow has ended, and is accepted by somebody else.
func (w *town) appealed() city.ParticipantID {
	w.t.Helper()
	ctx := w.t.Context()
	id := w.onboarded("applicant-2", city.DecisionReviewReject, city.ParticipantRejected)
	ref := activities.ApplicantRef{City: w.id, Participant: id}
	appeal := postgres.Decision{
		City: w.id, ID: "appeal", Kind: city.DecisionAppeal, Party: city.Applicant, Actor: "applicant-2", Role: city.Lister,
		Participant: id, Origin: city.Generated,
	}
	require.NoError(w.t, w.Store.RecordDecision(ctx, appeal))
	require.NoError(w.t, w.Starter.Appeal(ctx, ref, appeal.ID))
	w.untilState(id, city.ParticipantInReview)
	again := postgres.Decision{
		City: w.id, ID: "review-2", Kind: city.DecisionReviewAccept, Party: city.CityHall, Actor: "another", Role: city.Approver,
		Participant: id, Origin: city.Generated,
	}
	require.NoError(w.t, w.Store.RecordDecision(ctx, again))
	require.NoError(w.t, w.Starter.SignalReview(ctx, ref, again.ID))
	w.untilState(id, city.ParticipantActive)
	require.NoError(w.t, w.Client.GetWorkflow(ctx, workflows.OnboardingID(w.id, id), "").Get(ctx, nil))
	return id
}

// untilState waits for a participant to reach a state.
func (w *town) untilState(id city.ParticipantID, state city.ParticipantState) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		p, err := w.Store.Participant(w.t.Context(), w.id, id)
		return err == nil && p.State == state
	}, patience, 20*time.Millisecond, "participant %s never became %s", id, state)
}

// verified submits a document without an end, which a reviewer accepts: then nothing is left to wait for.
func (w *town) verified(id city.ParticipantID) {
	w.t.Helper()
	ctx, ref := w.t.Context(), activities.ParticipantRef{City: w.id, Participant: id}
	require.NoError(w.t, w.Store.SubmitDocument(ctx, postgres.Document{
		City: w.id, ID: "doc", Participant: id, Kind: city.Registration, CreatedBy: string(id),
	}))
	require.NoError(w.t, w.Starter.VerifyDocuments(ctx, ref))
	require.NoError(w.t, w.Store.RecordDecision(ctx, postgres.Decision{
		City: w.id, ID: "doc-ok", Kind: city.DecisionAcceptDocument, Party: city.CityHall, Actor: "reviewer", Role: city.Approver,
		Participant: id, Document: "doc", Origin: city.Generated,
	}))
	require.NoError(w.t, w.Starter.VerifyDocuments(ctx, ref))
	require.NoError(w.t, w.Client.GetWorkflow(ctx, workflows.VerificationID(w.id, id), "").Get(ctx, nil))
	documents, err := w.Store.Documents(ctx, w.id, id)
	require.NoError(w.t, err)
	require.Equal(w.t, city.DocumentAccepted, documents[0].State)
}

// confirmed asks about an unconfirmed listing, whose holder says yes.
func (w *town) confirmed(holder city.ParticipantID) city.ListingID {
	w.t.Helper()
	ctx := w.t.Context()
	found, err := w.Store.City(ctx, w.id)
	require.NoError(w.t, err)
	l := city.Listing{
		ID: "chair", City: w.id, Side: city.ResourceSide, Holder: holder, Leaf: "goods.furniture",
		Quantity: city.Quantity{Amount: 1, Unit: city.Piece, Quality: city.Declared}, LocationQuality: city.Default, Temperature: city.Ambient,
		State: city.ListingUnconfirmed, Origin: city.Generated, Source: "test", SourceKey: "chair",
		Resource: &city.ResourceTerms{Divisible: true, MinimumLot: 1, Condition: 1, UsableChance: 0.5, ReceiverKinds: []city.Kind{}},
	}
	require.NoError(w.t, w.Store.InsertListing(ctx, postgres.Listing{Listing: l}))
	require.NoError(w.t, w.Store.AskForConfirmation(ctx, postgres.ConfirmationRequest{
		City: w.id, ID: "q", Listing: l.ID, AskedBy: "max", IfSilent: city.KeepIfSilent,
		ExpiresAt: found.Clock.Now(time.Now()).Add(1000 * time.Hour * time.Duration(found.Clock.Scale)),
	}))
	started, err := w.Starter.ConfirmListing(ctx, activities.ConfirmRef{City: w.id, Listing: l.ID, Request: "q"})
	require.NoError(w.t, err)
	_, err = w.Store.ConfirmListings(ctx, w.id, []postgres.ListingAnswer{{Listing: l.ID, Usable: true, Decision: "yes"}}, postgres.Author{
		Actor: "applicant-1", Role: city.Lister, Party: city.Giver, Origin: city.Generated,
	})
	require.NoError(w.t, err)
	require.NoError(w.t, w.Starter.SignalAnswered(ctx, w.id, l.ID))
	var view activities.ConfirmView
	w.await(&view)(started, nil)
	require.Equal(w.t, "confirmed", view.Outcome)
	return l.ID
}

// cancelledRun starts a run and cancels it by signal. The city's row is held meanwhile, so that the run cannot come to its end.
func (w *town) cancelledRun(run city.RunID) {
	w.t.Helper()
	hold, err := w.Store.Pool().Begin(w.t.Context())
	require.NoError(w.t, err)
	_, err = hold.Exec(w.t.Context(), "SELECT FROM city WHERE id = $1 FOR UPDATE", w.id)
	require.NoError(w.t, err)
	started, err := w.Starter.MatchingRun(w.t.Context(), activities.RunRef{City: w.id, Run: run})
	require.NoError(w.t, err)
	require.NoError(w.t, w.Starter.CancelRun(w.t.Context(), w.id, run))
	require.NoError(w.t, hold.Rollback(w.t.Context()))
	require.Error(w.t, w.Client.GetWorkflow(w.t.Context(), started.WorkflowID, started.RunID).Get(w.t.Context(), nil))
}

// flooredRun completes a run that is asked for a floor.
func (w *town) flooredRun(run city.RunID) {
	w.t.Helper()
	floor := city.Floor{Wards: []string{"1"}, Class: city.Food, Quantity: 1}
	var summary activities.RunSummary
	w.await(&summary)(w.Starter.MatchingRun(w.t.Context(), activities.RunRef{
		City: w.id, Run: run, Fairness: city.Fairness{Floors: []city.Floor{floor}},
	}))
	require.GreaterOrEqual(w.t, *summary.Fairness.Floors[0].Reached, int64(1))
}

// cancelledPublisher ends the publisher that the worker started.
func (w *town) cancelledPublisher() {
	w.t.Helper()
	require.NoError(w.t, w.Client.CancelWorkflow(w.t.Context(), workflows.PublisherID(w.Prefix), ""))
	require.Error(w.t, w.Client.GetWorkflow(w.t.Context(), workflows.PublisherID(w.Prefix), "").Get(w.t.Context(), nil))
}

// record writes the history of a workflow without what only says where it was recorded.
func (w *town) record(file, workflowID string) {
	w.t.Helper()
	var all history.History
	events := w.Client.GetWorkflowHistory(w.t.Context(), workflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(w.t, err)
		all.Events = append(all.Events, event)
	}
	text, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(&all)
	require.NoError(w.t, err)
	host, err := os.Hostname()
	require.NoError(w.t, err)
	names := strings.NewReplacer(w.Folder, "/objects", w.source, "/data", w.Prefix, "testville", "\""+host+":", "\"worker:")
	neutral := payload.ReplaceAllStringFunc(names.Replace(string(text)), func(field string) string {
		data, err := base64.StdEncoding.DecodeString(payload.FindStringSubmatch(field)[1])
		require.NoError(w.t, err)
		require.Less(w.t, len(data), 64<<10, "a payload is above 64 KiB")
		clean := names.Replace(string(data))
		require.NotContains(w.t, clean, os.TempDir(), "a fixture must not say where it was recorded")
		return `"data": "` + base64.StdEncoding.EncodeToString([]byte(clean)) + `"`
	})
	require.NoError(w.t, os.WriteFile(file, []byte(strings.TrimSpace(neutral)+"\n"), 0o644))
}

// payload finds the data of a payload in the JSON of a history.
var payload = regexp.MustCompile(`"data": "([A-Za-z0-9+/=]+)"`)
