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
	w.cancelledRun("r2")
	w.cancelledPublisher()

	match := func(id city.MatchID) string { return workflows.MatchID(activities.MatchRef{City: w.id, Match: id}) }
	for name, id := range map[string]string{
		"import-dataset.completed":     workflows.ImportID(w.id, "i1"),
		"matching-run.completed":       workflows.RunID(w.id, "r1"),
		"matching-run.cancelled":       workflows.RunID(w.id, "r2"),
		"economic-valuation.completed": workflows.ValuationID(activities.ValuationRef{City: w.id, Scope: activities.ScopeRun, ID: "r1", Moment: activities.ExAnte}),
		"match.approved-by-people":     match(byPeople.ID),
		"match.rejected":               match(rejected.ID),
		"match.cancelled":              match(withdrawn.ID),
		"deliver-notices.retried":      workflows.NoticesID(w.id),
		"publish-events.cancelled":     workflows.PublisherID(w.Prefix),
		"onboard-participant.reviewed": workflows.OnboardingID(w.id, reviewed),
	} {
		w.record(filepath.Join(folder, name+".json"), id)
		budget(t, w.Installation, id)
	}
}

// reviewed onboards an applicant whom a person has to look at.
func (w *town) reviewed() city.ParticipantID {
	w.t.Helper()
	p := city.Participant{
		ID: "applicant-1", City: w.id, Kind: city.Organisation, Name: "Applicant", LocationQuality: city.Default,
		State: city.ParticipantApplied, Origin: city.Generated, Source: "test", SourceKey: "1",
	}
	require.NoError(w.t, w.Store.InsertParticipant(w.t.Context(), p))
	ref := activities.ApplicantRef{City: w.id, Participant: p.ID}
	started, err := w.Starter.OnboardParticipant(w.t.Context(), ref)
	require.NoError(w.t, err)
	require.Eventually(w.t, func() bool { // the workflow itself waits, not only its row
		var view activities.ApplicantView
		answer, err := w.Client.QueryWorkflow(w.t.Context(), started.WorkflowID, "", workflows.QueryStatus)
		return err == nil && answer.Get(&view) == nil && view.State == city.ParticipantInReview
	}, 30*time.Second, 50*time.Millisecond)
	d := postgres.Decision{
		City: w.id, ID: "review-1", Kind: city.DecisionReviewAccept, Party: city.CityHall, Actor: "reviewer", Role: city.Approver,
		Participant: p.ID, Origin: city.Generated,
	}
	require.NoError(w.t, w.Store.RecordDecision(w.t.Context(), d))
	require.NoError(w.t, w.Starter.SignalReview(w.t.Context(), ref, d.ID))
	var view activities.ApplicantView
	w.await(&view)(started, nil)
	require.Equal(w.t, city.ParticipantActive, view.State)
	return p.ID
}

// cancelledRun starts a run and cancels it by signal as soon as it runs.
func (w *town) cancelledRun(run city.RunID) {
	w.t.Helper()
	started, err := w.Starter.MatchingRun(w.t.Context(), activities.RunRef{City: w.id, Run: run})
	require.NoError(w.t, err)
	require.NoError(w.t, w.Starter.CancelRun(w.t.Context(), w.id, run))
	require.Error(w.t, w.Client.GetWorkflow(w.t.Context(), started.WorkflowID, started.RunID).Get(w.t.Context(), nil))
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
