package reporting_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/apitest"
	"github.com/city-resource-graph/crg/city"
	crgclient "github.com/city-resource-graph/crg/clients/go"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/report"
	"github.com/city-resource-graph/crg/reporting"
	"github.com/city-resource-graph/crg/valuation"
)

// town is a small generated city with a completed run, on the real servers, and two people with clients of its API.
type town struct {
	*apitest.Town
	t        *testing.T
	operator *crgclient.ClientWithResponses
	approver *crgclient.ClientWithResponses
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{Town: apitest.New(t, 300), t: t}
	w.operator = w.person("olga", city.Operator, city.Matcher, city.Auditor)
	w.approver = w.person("ada", city.Approver)
	return w
}

func (w *town) person(actor string, roles ...city.Role) *crgclient.ClientWithResponses {
	w.t.Helper()
	client, err := crgclient.New(w.Base, w.Key(actor, "", roles...))
	require.NoError(w.t, err)
	return client
}

// Before anybody signs, the work list says what saying no would cost, and the match's own view what others would.
func TestCostOfAnOverrideIsShownBeforeItIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	list, err := w.approver.ListApprovalsWithResponse(t.Context(), &crgclient.ListApprovalsParams{Limit: 100})
	require.NoError(t, err)
	require.NotNil(t, list.JSON200, string(list.Body))
	require.NotEmpty(t, list.JSON200.Items)
	dear := 0
	for _, waiting := range list.JSON200.Items {
		cost := waiting.Refusing
		require.NotNil(t, cost, waiting.RefusingUnknown)
		require.Equal(t, waiting.Match.Quantity, cost.Quantity)
		least, most := w.minor(cost.AtLeast.Amount), w.minor(cost.AtMost.Amount)
		require.LessOrEqual(t, least, most)
		require.LessOrEqual(t, most, w.minor(waiting.Match.Expected.Amount), "no more can be lost than it brings")
		require.NotEmpty(t, cost.Moves)
		require.Contains(t, cost.Sentence, "Saying no to these")
		if most > 0 {
			dear++
		}
	}
	require.Positive(t, dear)

	match := list.JSON200.Items[0].Match
	one, err := w.approver.GetOverrideWithResponse(t.Context(), match.ID, &crgclient.GetOverrideParams{})
	require.NoError(t, err)
	require.NotNil(t, one.JSON200, string(one.Body))
	require.Equal(t, list.JSON200.Items[0].Refusing.AtMost, one.JSON200.Refusing.AtMost)
	require.NotEmpty(t, one.JSON200.Instead)
	other := one.JSON200.Instead[0]
	require.Positive(t, other.Cost.ValidFor, "the range for which the price of a unit holds")

	forced, err := w.approver.GetOverrideWithResponse(t.Context(), match.ID, &crgclient.GetOverrideParams{Need: other.Need, Resource: other.Resource})
	require.NoError(t, err)
	require.NotNil(t, forced.JSON200, string(forced.Body))
	require.Equal(t, other.Cost.AtMost, forced.JSON200.Instead[0].Cost.AtMost)
	require.Nil(t, forced.JSON200.Refusing)

	unknown, err := w.approver.GetOverrideWithResponse(t.Context(), match.ID, &crgclient.GetOverrideParams{Need: "nobody"})
	require.NoError(t, err)
	require.Equal(t, 422, unknown.StatusCode())
	require.Contains(t, unknown.ApplicationProblemJSONDefault.Detail, "no candidate of the run")
}

func (w *town) minor(amount string) int64 {
	w.t.Helper()
	minor, err := city.ParseMinor(amount, "USD")
	require.NoError(w.t, err)
	return minor
}

// value starts a valuation of the run over REST and waits for its record.
func (w *town) value(body crgclient.NewValuation) crgclient.Valuation {
	w.t.Helper()
	body.Scope, body.ScopeID = crgclient.ValuationScopeRun, "r1"
	if body.Moment == "" {
		body.Moment = crgclient.MomentExAnte
	}
	started, err := w.operator.StartValuationWithResponse(w.t.Context(), &crgclient.StartValuationParams{IdempotencyKey: uuid.NewString()}, body)
	require.NoError(w.t, err)
	require.NotNil(w.t, started.JSON202, string(started.Body))
	var result activities.ValuationResult
	require.NoError(w.t, w.Client.GetWorkflow(w.t.Context(), started.JSON202.WorkflowID, "").Get(w.t.Context(), &result))
	found, err := w.operator.GetValuationWithResponse(w.t.Context(), result.Record)
	require.NoError(w.t, err)
	require.NotNil(w.t, found.JSON200, string(found.Body))
	return *found.JSON200
}

// changed is the shipped method with other figures, under a version of its own.
func changed(t *testing.T, version string, edits ...string) string {
	t.Helper()
	shipped, err := os.ReadFile("../valuation/parameters/2026.1.yaml")
	require.NoError(t, err)
	for i := 0; i < len(edits); i += 2 {
		require.Contains(t, string(shipped), edits[i])
	}
	return strings.NewReplacer(append(edits, `version: "2026.1"`, fmt.Sprintf("version: %q", version))...).Replace(string(shipped))
}

// Another parameter set adds a record, and the difference to the first is explained to the cent.
func TestRevaluationExplainsItsDifference(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	first := w.value(crgclient.NewValuation{})
	require.Equal(t, "2026.1", first.Method)
	require.Equal(t, valuation.Formulas, first.Formulas)
	require.Equal(t, valuation.Formulas, first.Result["formulas"])
	total, ok := first.Result["total"].(map[string]any)
	require.True(t, ok, "%v", first.Result)
	require.InDelta(t, float64(w.minor(first.Nsv))/100, total["nsv"], 0.001)
	require.Empty(t, first.Result["matches"], "each match has a record of its own")
	require.NotEmpty(t, first.Result["parameters"])
	require.Equal(t, "crg", first.Author, "the run's own record: the same matches by the same method are one valuation")
	own := changed(t, "town-1", "low: 130, central: 210, high: 360", "low: 20, central: 51, high: 152",
		"low: 0, central: 0.25, high: 0.5, unit: share", "low: 0, central: 0.20, high: 0.5, unit: share")
	second := w.value(crgclient.NewValuation{Parameters: own})
	require.Equal(t, "town-1", second.Method)
	require.Equal(t, "olga", second.Author)
	require.NotEqual(t, first.ParametersSha256, second.ParametersSha256)

	answer, err := w.operator.GetValuationDifferenceWithResponse(t.Context(), second.ID, &crgclient.GetValuationDifferenceParams{From: first.ID})
	require.NoError(t, err)
	require.NotNil(t, answer.JSON200, string(answer.Body))
	d := answer.JSON200
	require.Equal(t, first.Nsv, d.NsvBefore)
	require.Equal(t, second.Nsv, d.NsvAfter)
	sum := int64(0)
	names := []string{}
	for _, cause := range d.Causes {
		sum += w.minor(cause.Amount)
		names = append(names, cause.Name)
	}
	require.Equal(t, []string{"social_cost_co2", "deadweight"}, names)
	require.Equal(t, w.minor(second.Nsv)-w.minor(first.Nsv), sum)
	require.Equal(t, d.Change, d.Parameters)
	require.Regexp(t, `^of [-+][0-9.]+ USD: parameters [-+][0-9.]+$`, d.Sentence)
	require.Equal(t, crgclient.ValuedBy{Method: "2026.1", ParametersSha256: first.ParametersSha256, Formulas: valuation.Formulas}, d.ValuedBefore)
	require.Equal(t, crgclient.ValuedBy{Method: "town-1", ParametersSha256: second.ParametersSha256, Formulas: valuation.Formulas}, d.ValuedAfter)

	same, err := w.operator.GetValuationDifferenceWithResponse(t.Context(), second.ID, &crgclient.GetValuationDifferenceParams{})
	require.NoError(t, err)
	require.NotNil(t, same.JSON200, string(same.Body))
	require.Equal(t, first.ID, same.JSON200.Before, "without a name, the one before")

	stored, err := w.Store.Valuation(t.Context(), w.ID, second.ID)
	require.NoError(t, err)
	valued, _, err := activities.ReadValued(t.Context(), w.Objects, stored)
	require.NoError(t, err)
	require.Equal(t, stored.ParametersSHA256, valued.Parameters.Hash, "the record keeps the file that it was made with")
}

// What an earlier version recorded by other formulas stands as it was; the difference says what the formulas did.
func TestRevaluationTellsFormulasFromFigures(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	now, err := w.Store.Valuation(t.Context(), w.ID, w.value(crgclient.NewValuation{}).ID)
	require.NoError(t, err)
	old := now
	old.ID, old.Formulas, old.NSVMinor, old.Result = "old", "1", now.NSVMinor+500, []byte(`{"nsv_minor": 1}`)
	_, err = w.Store.AppendValuations(t.Context(), []postgres.Valuation{old})
	require.NoError(t, err)

	shown, err := w.operator.GetValuationWithResponse(t.Context(), "old")
	require.NoError(t, err)
	require.Equal(t, "1", shown.JSON200.Formulas)
	require.Len(t, shown.JSON200.Result, 1, "what was recorded: this program cannot repeat it")
	answer, err := w.operator.GetValuationDifferenceWithResponse(t.Context(), now.ID, &crgclient.GetValuationDifferenceParams{From: "old"})
	require.NoError(t, err)
	require.NotNil(t, answer.JSON200, string(answer.Body))
	require.Equal(t, "of -5.00 USD: formulas -5.00", answer.JSON200.Sentence)
	require.Equal(t, "-5.00", answer.JSON200.Formulas)
	require.Equal(t, "1", answer.JSON200.ValuedBefore.Formulas)
	require.Equal(t, valuation.Formulas, answer.JSON200.ValuedAfter.Formulas)
}

// A report that was published says the same after the run was valued by another method.
func TestAReportPinsItsMethod(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.value(crgclient.NewValuation{Moment: crgclient.MomentExPost})
	published := w.report(valuation.Default())
	require.Equal(t, "2026.1", published.Valuation.Method)
	require.NotEmpty(t, published.Valuation.ExAnteP50)
	require.NotNil(t, published.Valuation.Difference)

	own := changed(t, "town-1", "low: 130, central: 210, high: 360", "low: 20, central: 51, high: 152")
	w.value(crgclient.NewValuation{Moment: crgclient.MomentExAnte, Parameters: own})
	w.value(crgclient.NewValuation{Moment: crgclient.MomentExPost, Parameters: own})
	require.Equal(t, published, w.report(valuation.Default()))

	other, err := valuation.Load([]byte(own))
	require.NoError(t, err)
	again := w.report(other)
	require.Equal(t, "town-1", again.Valuation.Method)
	require.NotEqual(t, published.Valuation.ExAnteP50, again.Valuation.ExAnteP50, "the other method does say something else")
}

func (w *town) report(method *valuation.Parameters) *report.Report {
	w.t.Helper()
	r, err := reporting.Run(w.t.Context(), reporting.Sources{Store: w.Store, Objects: w.Objects, Parameters: method},
		reporting.Request{City: w.ID, Run: apitest.Run, Ward: "all"})
	require.NoError(w.t, err)
	return r
}

// What is wrong with a parameter file is named, and nothing is written.
func TestRevaluationRefusals(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.value(crgclient.NewValuation{Parameters: changed(t, "used", "low: 130, central: 210, high: 360", "low: 20, central: 51, high: 152")})
	before := w.records()
	for name, c := range map[string]struct {
		body crgclient.NewValuation
		code int
		says string
	}{
		"misspelt":       {crgclient.NewValuation{Parameters: changed(t, "x1", "  tip_fee:", "  tipp_fee:")}, 422, "tipp_fee"},
		"no source":      {crgclient.NewValuation{Parameters: changed(t, "x1", "source: epa-scc, ", "")}, 422, "source"},
		"out of domain":  {crgclient.NewValuation{Parameters: changed(t, "x1", "central: 0.25, high: 0.5", "central: 0.25, high: 1.5")}, 422, "1.5"},
		"shipped":        {crgclient.NewValuation{Parameters: changed(t, "2026.1")}, 422, "shipped method"},
		"used":           {crgclient.NewValuation{Parameters: changed(t, "used", "central: 210", "central: 200")}, 409, "was used with other figures"},
		"two versions":   {crgclient.NewValuation{Method: "2026.1", Parameters: changed(t, "x1")}, 422, "x1"},
		"unknown method": {crgclient.NewValuation{Method: "2031.7"}, 422, "2026.1"},
		"no YAML":        {crgclient.NewValuation{Parameters: "{"}, 422, "parameters"},
	} {
		c.body.Scope, c.body.ScopeID = crgclient.ValuationScopeRun, "r1"
		answer, err := w.operator.StartValuationWithResponse(t.Context(), &crgclient.StartValuationParams{IdempotencyKey: uuid.NewString()}, c.body)
		require.NoError(t, err)
		require.Equal(t, c.code, answer.StatusCode(), "%s: %s", name, answer.Body)
		require.Contains(t, string(answer.Body), c.says, name)
	}
	require.Equal(t, before, w.records())
}

// A version is one set of figures from the first request on, whether or not it was used by then.
func TestAVersionIsClaimedByItsFirstFigures(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, c := range []struct {
		parameters string
		code       int
		says       string
	}{
		{changed(t, "mine", "central: 210", "central: 200"), 202, "valuation/"},
		{changed(t, "mine", "central: 210", "central: 190"), 409, "other figures"},
		{changed(t, "mine", "central: 210", "central: 200"), 202, "valuation/"},
	} {
		answer, err := w.operator.StartValuationWithResponse(t.Context(), &crgclient.StartValuationParams{IdempotencyKey: uuid.NewString()},
			crgclient.NewValuation{Scope: crgclient.ValuationScopeRun, ScopeID: "r1", Parameters: c.parameters})
		require.NoError(t, err)
		require.Equal(t, c.code, answer.StatusCode(), string(answer.Body))
		require.Contains(t, string(answer.Body), c.says)
	}
}

func (w *town) records() string {
	w.t.Helper()
	all, _, err := w.Store.Valuations(w.t.Context(), w.ID, postgres.ValuationFilter{}, postgres.Page{Limit: 500})
	require.NoError(w.t, err)
	text, err := json.Marshal(all)
	require.NoError(w.t, err)
	return string(text)
}
