package consistency_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/consistency"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// town is an installation in which a run has ended and its matches wait for people. No worker runs any more: what a test
// damages stays damaged.
type town struct {
	*workertest.Installation
	t  *testing.T
	id city.ID
}

const run city.RunID = "r1"

// patience bounds each wait for what comes by itself.
const patience = time.Minute

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{Installation: workertest.New(t), t: t}
	w.id = city.ID(w.Prefix) // workflow ids are made of it, and the server is everybody's
	source := t.TempDir()
	_, err := generate.Write(t.Context(), source, generate.Options{Participants: 100, Seed: 1})
	require.NoError(t, err)
	stop := w.Worker(t, "v1", workflows.CityQueue, workflows.MatchingQueue)
	w.await(w.Starter.ImportDataset(t.Context(), activities.ImportRef{City: w.id, Import: "i1", Profile: "generated", Source: source}))
	w.await(w.Starter.MatchingRun(t.Context(), activities.RunRef{City: w.id, Run: run}))
	require.Eventually(t, func() bool {
		for _, m := range w.matches() {
			if m.Requirement == nil { // its workflow has not come to rest
				return false
			}
		}
		return true
	}, patience, 50*time.Millisecond, "the policy was asked about every match")
	stop()
	for _, m := range w.matches() {
		t.Cleanup(func() { w.endWorkflow(w.workflow(m)) })
	}
	require.Empty(t, w.findings(), "nothing is damaged yet")
	return w
}

func (w *town) await(started workflows.Started, err error) {
	w.t.Helper()
	require.NoError(w.t, err)
	require.NoError(w.t, w.Client.GetWorkflow(w.t.Context(), started.WorkflowID, started.RunID).Get(w.t.Context(), nil))
}

func (w *town) matches() []postgres.Match {
	w.t.Helper()
	all, _, err := w.Store.RunMatches(w.t.Context(), w.id, run, postgres.Page{Limit: 500})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, all)
	return all
}

func (w *town) workflow(m postgres.Match) string {
	return workflows.MatchID(activities.MatchRef{City: w.id, Match: m.ID})
}

// terminate ends a workflow as a careless operator would.
func (w *town) terminate(workflowID string) {
	w.t.Helper()
	require.NoError(w.t, w.Client.TerminateWorkflow(w.t.Context(), workflowID, "", "a test of the check"))
}

// endWorkflow leaves nothing running on the server that everybody shares; what ended already is over.
func (w *town) endWorkflow(workflowID string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var over *serviceerror.NotFound
	if err := w.Client.TerminateWorkflow(ctx, workflowID, "", "the test is over"); !errors.As(err, &over) {
		require.NoError(w.t, err)
	}
}

func (w *town) check() consistency.Report {
	w.t.Helper()
	report, err := consistency.Check(w.t.Context(), consistency.Stores{Database: w.Store, Objects: w.Objects, Temporal: w.Client})
	require.NoError(w.t, err)
	return report
}

func (w *town) findings() []postgres.Finding { return w.check().Findings }

// requireFinding holds that there is one finding, and which.
func (w *town) requireFinding(invariant, subject, detail string) {
	w.t.Helper()
	found := w.findings()
	require.Len(w.t, found, 1, "%+v", found)
	require.Equal(w.t, invariant, found[0].Invariant)
	require.Equal(w.t, w.id, found[0].City)
	require.Equal(w.t, subject, found[0].Subject)
	require.Contains(w.t, found[0].Detail, detail)
}

func TestEveryInvariantIsListed(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	report := w.check()
	require.GreaterOrEqual(t, len(report.Invariants), 10)
	for _, name := range []string{
		"run-file-intact", "open-match-has-workflow", "ended-match-is-at-rest", "working-run-has-workflow", "graph-equals-rows",
		"working-import-has-workflow", "applicant-has-workflow",
	} {
		require.Contains(t, report.Invariants, name)
	}
}

func TestARunsFileThatWasChangedOrLost(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	recorded, err := w.Store.Run(t.Context(), w.id, run)
	require.NoError(t, err)
	for name, reference := range map[string]json.RawMessage{
		"snapshot": recorded.Snapshot, "allocation": recorded.Allocation, "certificate": recorded.Certificate,
	} {
		var ref blobs.Ref
		require.NoError(t, json.Unmarshal(reference, &ref))
		path := filepath.Join(w.Folder, filepath.FromSlash(ref.Key))
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		subject := name + " of run " + string(run)

		changed := append([]byte{}, content...)
		changed[len(changed)/2] ^= 1
		require.NoError(t, os.WriteFile(path, changed, 0o600))
		w.requireFinding("run-file-intact", subject, ref.Key)
		require.NoError(t, os.WriteFile(path, content[:len(content)-1], 0o600))
		w.requireFinding("run-file-intact", subject, ref.Key)
		require.NoError(t, os.Remove(path))
		w.requireFinding("run-file-intact", subject, ref.Key)

		require.NoError(t, os.WriteFile(path, content, 0o600))
		require.Empty(t, w.findings(), "it is as it was")
	}
	pgtest.Forge(t, w.Store, `UPDATE run SET snapshot = '"nowhere"' WHERE city = $1 AND id = $2`, w.id, run)
	w.requireFinding("run-file-intact", "snapshot of run "+string(run), "cannot be read")
}

func TestAnOpenMatchWithoutItsWorkflow(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	m := w.matches()[0]
	w.terminate(w.workflow(m))
	w.requireFinding("open-match-has-workflow", "match "+m.ID.String(), "no workflow carries it on")
}

// A run that is under way may not have come to start this match yet.
func TestAnOpenMatchOfARunUnderWay(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	m := w.matches()[0]
	w.terminate(w.workflow(m))
	pgtest.Forge(t, w.Store, "UPDATE run SET state = 'running', finished_at = NULL WHERE city = $1", w.id)
	w.requireFinding("working-run-has-workflow", "run "+string(run), "no workflow is")
}

func TestAWorkflowThatGoesOnAfterItsMatch(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	m := w.proposed()
	require.NoError(t, w.Store.CloseMatch(t.Context(), w.id, m.ID, city.MatchCancelled, "a drill"))
	require.Empty(t, w.findings(), "a match that ended a moment ago may still be valued")
	pgtest.Forge(t, w.Store, "UPDATE match SET ended_at = ended_at - interval '11 minutes' WHERE city = $1 AND id = $2", w.id, m.ID.String())
	w.requireFinding("ended-match-is-at-rest", "workflow "+w.workflow(m), "its match is cancelled")

	w.terminate(w.workflow(m))
	require.Empty(t, w.findings(), "now it is at rest")
}

func TestAWorkflowWithoutAMatch(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	lost := activities.MatchRef{City: w.id, Match: city.MatchID{Run: run, Leaf: w.matches()[0].ID.Leaf, N: 9999}}
	started, err := w.Starter.Match(t.Context(), activities.Proposal{MatchRef: lost, Ward: "1", Quantity: 1, Unit: "kg", Currency: "USD"})
	require.NoError(t, err)
	t.Cleanup(func() { w.endWorkflow(started.WorkflowID) })
	w.awaitListed(started.WorkflowID)
	w.requireFinding("ended-match-is-at-rest", "workflow "+started.WorkflowID, "its match is not in the database")
}

func TestAWorkingRunWithoutItsWorkflow(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	require.NoError(t, w.Store.CreateRun(t.Context(), postgres.Run{City: w.id, ID: "r2"}))
	w.requireFinding("working-run-has-workflow", "run r2", "no workflow is")
}

func TestAWorkingImportWithoutItsWorkflow(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	pgtest.Forge(t, w.Store, "UPDATE import SET state = 'running', finished_at = NULL WHERE city = $1", w.id)
	w.requireFinding("working-import-has-workflow", "import i1", "no workflow is")
}

// Who applied a moment ago may not have been taken up; who is looked at by people has a workflow that waits for them.
func TestAnApplicantWithoutAWorkflow(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	require.NoError(t, w.Store.InsertParticipant(t.Context(), city.Participant{
		ID: "late", City: w.id, Kind: city.Organisation, Name: "Late", LocationQuality: city.Default, State: city.ParticipantApplied,
		Origin: city.Observed, Source: "test", SourceKey: "late",
	}))
	require.Empty(t, w.findings())
	pgtest.Forge(t, w.Store, "UPDATE participant SET updated_at = updated_at - interval '11 minutes' WHERE city = $1 AND id = 'late'", w.id)
	w.requireFinding("applicant-has-workflow", "participant late", "applied, but no workflow takes it in")
	pgtest.Forge(t, w.Store, "UPDATE participant SET state = 'in_review', updated_at = city_now(city) WHERE city = $1 AND id = 'late'", w.id)
	w.requireFinding("applicant-has-workflow", "participant late", "in_review, but no workflow takes it in")

	started, err := w.Starter.OnboardParticipant(t.Context(), activities.ApplicantRef{City: w.id, Participant: "late"})
	require.NoError(t, err)
	t.Cleanup(func() { w.endWorkflow(started.WorkflowID) })
	require.Empty(t, w.findings(), "now it is taken up")
}

// proposed is a match that waits for people.
func (w *town) proposed() postgres.Match {
	w.t.Helper()
	for _, m := range w.matches() {
		if m.State == city.MatchProposed {
			return m
		}
	}
	require.Fail(w.t, "every match was approved by the policy")
	return postgres.Match{}
}

// awaitListed waits until the list of workflows, which lags behind, names a running one.
func (w *town) awaitListed(workflowID string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		counted, err := w.Client.CountWorkflow(w.t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: w.Namespace, Query: "WorkflowId = '" + workflowID + "' AND ExecutionStatus = 'Running'",
		})
		return err == nil && counted.GetCount() == 1
	}, patience, 50*time.Millisecond)
}
