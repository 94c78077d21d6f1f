package workers_test

import (
	"net/url"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/browsertest"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workflows"
)

// What an operator does in the Temporal Web UI, clicked through in a browser: find the workflows of a ward that wait for
// somebody, read one, and type a signal into it, which counts as one decision of an operator.
func TestAnOperatorInTheWebUI(t *testing.T) {
	t.Parallel()
	ui := webUI(t)
	w := newTown(t, 400)
	w.Worker(t, "v1", workflows.CityQueue, workflows.MatchingQueue)
	w.load("i1")
	w.match()
	m := w.waiting(w.matches())
	id := workflows.MatchID(activities.MatchRef{City: w.id, Match: m.ID})

	query := "CrgCity='" + string(w.id) + "' AND CrgWard='" + m.Ward + "' AND CrgStatus='proposed' AND WorkflowType='Match'"
	w.listed(query) // the list lags behind, and a page shows it as it was
	page := browsertest.Open(t)
	page.Visit(ui + "/namespaces/" + w.Namespace + "/workflows?query=" + url.QueryEscape(query))
	page.See(id)
	page.Picture("list")
	require.NotContains(t, page.Text(), workflows.RunID(w.id, "r1"), "the filter leaves out what it does not name")

	page.Visit(workflows.Link(ui, w.Namespace, id))
	page.See("Match")
	page.Picture("workflow")
	require.Contains(t, w.histories(id), "wait, then remind", "beside the timer on its page")
	w.signalInTheWebUI(page)
	require.Equal(t, city.MatchRejected, w.end(m.ID).State)
	decisions, err := w.Store.Decisions(t.Context(), w.id, m.ID)
	require.NoError(t, err)
	require.Len(t, decisions, 1)
	require.True(t, decisions[0].TypedIn)
	require.Equal(t, city.Operator, decisions[0].Role)
}

// webUI is where the Temporal Web UI answers.
func webUI(t *testing.T) string {
	t.Helper()
	ui := os.Getenv("CRG_WEB_UI")
	require.NotEmpty(t, ui, "CRG_WEB_UI is not set: run the tests as `bin/crgdev exec -- go test ./...` or `make test`")
	return ui
}

// signalInTheWebUI clicks through More Actions, Send a Signal.
func (w *town) signalInTheWebUI(page *browsertest.Page) {
	w.t.Helper()
	page.Click(`[aria-controls=workflow-actions]`)
	page.Click(`[data-testid=signal-button]`)
	page.Click(`[data-testid=signal-select-button]`)
	page.ClickText(`[role=option]`, workflows.SignalReject)
	page.Picture("signal")
	page.Type(`[role=dialog] .cm-content, dialog[open] .cm-content`, `"not this one"`)
	page.Picture("typed")
	page.ClickText(`[role=dialog] button, dialog[open] button`, "Submit")
}
