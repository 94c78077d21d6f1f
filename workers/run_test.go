package workers_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// patience bounds each wait for what comes by itself; it costs nothing when all is well.
const patience = 2 * time.Minute

// town is an installation with a generated city in it. The city has a name of its own: workflow ids are made of it, and
// the server is everybody's.
type town struct {
	*workertest.Installation
	t       *testing.T
	id      city.ID
	source  string
	mailbox *mailbox         // of a town whose notices are delivered
	api     *httptest.Server // of a town that has one
}

func newTown(t *testing.T, participants int) *town {
	t.Helper()
	return newTownIn(t, workertest.New(t), participants)
}

func newTownIn(t *testing.T, i *workertest.Installation, participants int) *town {
	t.Helper()
	w := &town{Installation: i, t: t, source: t.TempDir()}
	w.id = city.ID(w.Prefix)
	_, err := generate.Write(t.Context(), w.source, generate.Options{Participants: participants, Seed: 1})
	require.NoError(t, err)
	return w
}

// await waits for the result of a workflow that was started.
func (w *town) await(result any) func(workflows.Started, error) {
	w.t.Helper()
	return func(started workflows.Started, err error) {
		w.t.Helper()
		require.NoError(w.t, err)
		require.NoError(w.t, w.Client.GetWorkflow(w.t.Context(), started.WorkflowID, started.RunID).Get(w.t.Context(), result))
	}
}

func (w *town) load(id string) (counts activities.ImportCounts) {
	w.t.Helper()
	w.await(&counts)(w.Starter.ImportDataset(w.t.Context(), activities.ImportRef{City: w.id, Import: id, Profile: "generated", Source: w.source}))
	return counts
}

func (w *town) match() (summary activities.RunSummary) {
	w.t.Helper()
	w.await(&summary)(w.Starter.MatchingRun(w.t.Context(), activities.RunRef{City: w.id, Run: "r1"}))
	return summary
}

// matches lists what the run proposed.
func (w *town) matches() []postgres.Match {
	w.t.Helper()
	all, _, err := w.Store.RunMatches(w.t.Context(), w.id, "r1", postgres.Page{Limit: 500})
	require.NoError(w.t, err)
	return all
}

// decide records a decision as the API does, and tells the workflow.
func (w *town) decide(m postgres.Match, kind city.DecisionKind, party city.Party, actor string, measured int64) city.DecisionID {
	w.t.Helper()
	d := postgres.Decision{
		City: w.id, ID: city.DecisionID(fmt.Sprintf("%s.%s.%d.%s", kind, m.ID.Leaf, m.ID.N, actor)), Kind: kind, Party: party,
		Actor: actor, Role: city.Approver, Match: &m.ID, Origin: city.Generated,
	}
	if measured > 0 {
		d.MeasuredQuantity = &measured
	}
	require.NoError(w.t, w.Store.RecordDecision(w.t.Context(), d))
	require.NoError(w.t, w.Starter.SignalDecision(w.t.Context(), activities.MatchRef{City: w.id, Match: m.ID}, kind, d.ID))
	return d.ID
}

// until waits for a match to reach a state.
func (w *town) until(id city.MatchID, state city.MatchState) (m postgres.Match) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		var err error
		m, err = w.Store.Match(w.t.Context(), w.id, id)
		return err == nil && m.State == state
	}, patience, 20*time.Millisecond, "match %s never became %s", id, state)
	return m
}

// end waits for the workflow of a match.
func (w *town) end(id city.MatchID) (result workflows.MatchResult) {
	w.t.Helper()
	run := w.Client.GetWorkflow(w.t.Context(), workflows.MatchID(activities.MatchRef{City: w.id, Match: id}), "")
	require.NoError(w.t, run.Get(w.t.Context(), &result))
	return result
}

// approve gives a match whatever its requirement asks for.
func (w *town) approve(m postgres.Match) {
	w.t.Helper()
	for _, side := range m.Requirement.Sides {
		w.decide(m, city.DecisionApprove, side, "person-of-"+string(side), 0)
	}
	for n := range m.Requirement.CityApprovers {
		w.decide(m, city.DecisionApprove, city.CityHall, fmt.Sprintf("approver-%d", n), 0)
	}
	w.until(m.ID, city.MatchApproved)
}

// The main job on the real servers: import, run, decisions by signal, hand-overs with measured quantities, value, a
// rejection with its alternative, a no-show, a signal that an operator types, and a second import that changes nothing.
func TestFromFilesToValue(t *testing.T) {
	t.Parallel()
	w := newTown(t, 400)
	w.Worker(t, "v1", workflows.CityQueue, workflows.MatchingQueue)

	first := w.load("i1")
	require.Positive(t, first.Listing)
	require.Equal(t, first.Read, first.Listing+first.PlaceFact+first.History+first.PriceEvidence+first.Unchanged+first.Rejected)
	second := w.load("i2")
	require.Equal(t, activities.ImportCounts{
		Read: first.Read, Unchanged: first.Read - first.Rejected, Rejected: first.Rejected, Flagged: first.Flagged,
	}, second, "the second import changes nothing")

	summary := w.match()
	require.Greater(t, summary.Recorded, int64(20))
	require.LessOrEqual(t, summary.Proof.Achieved, summary.Proof.Bound)
	require.Positive(t, summary.Value.P50Minor)
	matches := w.matches()
	require.Len(t, matches, int(summary.Recorded))

	w.rejectedWithAlternative(matches)
	w.typedByAnOperator(matches)
	w.handedOver(matches)
	w.searchable(matches)
	findings, err := w.Store.Invariants(t.Context())
	require.NoError(t, err)
	require.Empty(t, findings)
}

// waiting is the first match that waits for people and nobody has spoken on.
func (w *town) waiting(matches []postgres.Match) postgres.Match {
	w.t.Helper()
	for _, m := range matches {
		now := w.untilAsked(m.ID)
		decisions, err := w.Store.Decisions(w.t.Context(), w.id, m.ID)
		require.NoError(w.t, err)
		if now.State == city.MatchProposed && len(decisions) == 0 {
			return now
		}
	}
	require.Fail(w.t, "every match was approved by the policy")
	return postgres.Match{}
}

// untilAsked waits until the policy was asked about a match.
func (w *town) untilAsked(id city.MatchID) (m postgres.Match) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		var err error
		m, err = w.Store.Match(w.t.Context(), w.id, id)
		return err == nil && m.Requirement != nil
	}, patience, 20*time.Millisecond)
	return m
}

func (w *town) rejectedWithAlternative(matches []postgres.Match) {
	w.t.Helper()
	m := w.waiting(matches)
	w.decide(m, city.DecisionReject, city.Receiver, "pantry", 0)
	result := w.end(m.ID)
	require.Equal(w.t, city.MatchRejected, result.State)
	if result.Alternative == nil {
		w.t.Log("nothing else pays for either side")
		return
	}
	other, err := w.Store.Match(w.t.Context(), w.id, *result.Alternative)
	require.NoError(w.t, err)
	require.Equal(w.t, m.ID, *other.AlternativeOf)
	require.True(w.t, other.Resource == m.Resource || other.Need == m.Need)
	require.False(w.t, other.Resource == m.Resource && other.Need == m.Need)
	w.untilAsked(other.ID) // its workflow runs
}

func (w *town) typedByAnOperator(matches []postgres.Match) {
	w.t.Helper()
	m := w.waiting(matches)
	id := workflows.MatchID(activities.MatchRef{City: w.id, Match: m.ID})
	require.NoError(w.t, w.Client.SignalWorkflow(w.t.Context(), id, "", workflows.SignalReject, "not this one"))
	require.Equal(w.t, city.MatchRejected, w.end(m.ID).State)
	decisions, err := w.Store.Decisions(w.t.Context(), w.id, m.ID)
	require.NoError(w.t, err)
	require.Len(w.t, decisions, 1)
	require.True(w.t, decisions[0].TypedIn)
	require.Equal(w.t, city.Operator, decisions[0].Role)
}

func (w *town) handedOver(matches []postgres.Match) {
	w.t.Helper()
	byPeople := w.waiting(matches)
	w.approve(byPeople)
	var byPolicy postgres.Match
	for _, m := range matches {
		if now := w.untilAsked(m.ID); now.State == city.MatchApproved && now.ID != byPeople.ID {
			byPolicy = now
		}
	}
	require.NotEmpty(w.t, byPolicy.ID.Run, "no match was approved by the policy")
	for _, m := range []postgres.Match{byPeople, byPolicy} {
		w.decide(m, city.DecisionHandOver, city.Giver, "giver", m.Quantity)
		w.until(m.ID, city.MatchHandedOver)
		measured := max(1, m.Quantity*9/10)
		w.decide(m, city.DecisionConfirmReceipt, city.Receiver, "receiver", measured)
		result := w.end(m.ID)
		require.Equal(w.t, city.MatchConfirmed, result.State)
		require.Equal(w.t, measured, *w.until(m.ID, city.MatchConfirmed).MeasuredQuantity)
		recorded, _, err := w.Store.Valuations(w.t.Context(), w.id, postgres.ValuationFilter{Match: &m.ID}, postgres.Page{})
		require.NoError(w.t, err)
		require.Len(w.t, recorded, 1)
		require.Equal(w.t, result.NSVMinor, recorded[0].NSVMinor)
	}
}

// searchable finds the matches by their attributes, as the Web UI does.
func (w *town) searchable(matches []postgres.Match) {
	w.t.Helper()
	query := fmt.Sprintf("TaskQueue = '%s' AND %s = '%s' AND %s = '%s' AND WorkflowType = 'Match'",
		workflows.CityQueue.Name(w.Prefix), workflows.AttributeCity.GetName(), w.id, workflows.AttributeCategory.GetName(), matches[0].ID.Leaf)
	w.listed(query)
}

// listed waits until the server's list of workflows finds what a query asks for.
func (w *town) listed(query string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		answer, err := w.Client.CountWorkflow(w.t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Namespace: w.Namespace, Query: query})
		return err == nil && answer.GetCount() > 0
	}, patience, 100*time.Millisecond, "never listed: %s", query)
}
