package activities_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
)

func TestValueOfAConfirmedMatchRestsOnWhatWasMeasured(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asked = 20
	ref := w.proposal(9_900)
	f, a := w.families(), w.matches()
	_, err := f.values.ValueMatch(t.Context(), ref)
	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure)
	require.Equal(t, activities.TypeConflict, failure.Type(), "nothing was handed over yet")

	_, err = a.LoadMatch(t.Context(), ref)
	require.NoError(t, err)
	w.decide(ref, city.DecisionHandOver, city.Giver, "store", 90)
	_, err = a.TakeDecisions(t.Context(), activities.TakeDecisionsInput{MatchRef: ref})
	require.NoError(t, err)
	w.decide(ref, city.DecisionConfirmReceipt, city.Receiver, "pantry", 80)
	_, err = a.TakeDecisions(t.Context(), activities.TakeDecisionsInput{MatchRef: ref})
	require.NoError(t, err)

	worth, err := f.values.ValueMatch(t.Context(), ref)
	require.NoError(t, err)
	again, err := f.values.ValueMatch(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, worth, again)
	records, _, err := w.store.Valuations(t.Context(), town, postgres.ValuationFilter{Match: &ref.Match}, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, records, 1)
	var valued valuation.Match
	require.NoError(t, json.Unmarshal(records[0].Inputs, &valued))
	require.InDelta(t, 80, valued.Quantity, 0)
	require.Equal(t, city.Measured, valued.Quality)
	result, err := valuation.Value(valuation.Default(), valued)
	require.NoError(t, err)
	require.Equal(t, worth.NSVMinor, result.NSV, "the record can be computed again from its inputs")
	require.Zero(t, result.Expected-result.NSV, "what came about is certain")
	require.InDelta(t, 80*0.20, valued.PricePaid, 1e-9, "what was not handed over is not paid")
}

func TestValuationOfARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stock(9, 7)
	f := w.families()
	proven := f.solve(t, activities.RunRef{City: town, Run: "r1"})
	_, err := f.runs.RecordProposals(t.Context(), proven)
	require.NoError(t, err)
	in := activities.ValuationRef{City: town, Scope: activities.ScopeRun, ID: "r1", Moment: activities.ExAnte}
	var records []activities.ValuationResult
	for round := range 2 {
		frozen, err := f.values.FreezeValuation(t.Context(), in)
		require.NoError(t, err)
		if round == 1 {
			frozen.Formulas = "" // as a worker left it that did not number them
		}
		packed, err := f.objects.Get(t.Context(), frozen.Inputs)
		require.NoError(t, err)
		unpacked, err := gzip.NewReader(bytes.NewReader(packed))
		require.NoError(t, err)
		content, err := io.ReadAll(unpacked)
		require.NoError(t, err)
		_, err = valuation.ReadInput(valuation.Default(), content)
		require.NoError(t, err, "anybody can value it again with crg value")
		computed, err := f.values.ComputeValuation(t.Context(), frozen)
		require.NoError(t, err)
		result, err := f.values.AppendValuation(t.Context(), computed)
		require.NoError(t, err)
		records = append(records, result)
	}
	require.Equal(t, records[0], records[1])
	require.Equal(t, proven.Proposals, records[0].Matches)
	require.LessOrEqual(t, records[0].P5Minor, records[0].P50Minor)
	require.LessOrEqual(t, records[0].P50Minor, records[0].P95Minor)
	appended, _, err := w.store.Valuations(t.Context(), town, postgres.ValuationFilter{Scope: "run", ScopeID: "r1"}, postgres.Page{})
	require.NoError(t, err)
	require.Len(t, appended, 1, "the same matches valued again are the same record")

	computed := activities.FrozenValuation{ValuationRef: in, Formulas: "1"}
	_, err = f.values.ComputeValuation(t.Context(), computed)
	require.ErrorContains(t, err, `frozen for formulas "1"`)

	in.Method = "1066.1"
	_, err = f.values.FreezeValuation(t.Context(), in)
	require.ErrorContains(t, err, "1066.1")
}

// valuedInputs is what the record of a match's value was computed from.
func (w *world) valuedInputs(ref activities.MatchRef) valuation.Match {
	w.t.Helper()
	records, _, err := w.store.Valuations(w.t.Context(), town, postgres.ValuationFilter{Match: &ref.Match}, postgres.Page{})
	require.NoError(w.t, err)
	require.Len(w.t, records, 1)
	var valued valuation.Match
	require.NoError(w.t, json.Unmarshal(records[0].Inputs, &valued))
	return valued
}

// confirmed takes a match to its receipt; the receiver's weighing is of the given origin.
func (w *world) confirmed(ref activities.MatchRef, weighing city.Origin) {
	w.t.Helper()
	a := w.matches()
	_, err := a.LoadMatch(w.t.Context(), ref)
	require.NoError(w.t, err)
	w.decide(ref, city.DecisionHandOver, city.Giver, "store", 90)
	_, err = a.TakeDecisions(w.t.Context(), activities.TakeDecisionsInput{MatchRef: ref})
	require.NoError(w.t, err)
	measured := int64(80)
	require.NoError(w.t, w.store.RecordDecision(w.t.Context(), postgres.Decision{
		City: town, ID: "receipt", Kind: city.DecisionConfirmReceipt, Party: city.Receiver, Actor: "pantry", Role: city.Lister,
		Match: &ref.Match, Origin: weighing, MeasuredQuantity: &measured,
	}))
	_, err = a.TakeDecisions(w.t.Context(), activities.TakeDecisionsInput{MatchRef: ref})
	require.NoError(w.t, err)
}

// What a demonstration weighed was weighed by nobody: the quantity counts, as what the listing rests on.
func TestASimulatedWeighingMeasuresNothing(t *testing.T) {
	t.Parallel()
	for origin, want := range map[city.Origin]city.Quality{city.Simulated: city.Declared, city.Observed: city.Measured} {
		t.Run(string(origin), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ref := w.proposal(9_900)
			w.confirmed(ref, origin)
			_, err := w.families().values.ValueMatch(t.Context(), ref)
			require.NoError(t, err)
			valued := w.valuedInputs(ref)
			require.InDelta(t, 80, valued.Quantity, 0)
			require.Equal(t, want, valued.Quality)
		})
	}
}

// The receivers' income is that of the tract where the listing knows it, else of the ward, else not known.
func TestIncomeIsOfTheSmallestAreaKnown(t *testing.T) {
	t.Parallel()
	ward := int64(4_200_000) // minor units
	for name, test := range map[string]struct {
		tract any
		ward  *int64
		want  float64
		basis string
	}{
		"tract":            {tract: 23_984.0, ward: &ward, want: 23_984, basis: "area"},
		"ward":             {ward: &ward, want: 42_000, basis: "area"},
		"tract of nothing": {tract: 0.0, ward: &ward, want: 42_000, basis: "area"},
		"neither":          {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			square := json.RawMessage(`{"type":"Polygon","coordinates":[[[9,49],[11,49],[11,51],[9,51],[9,49]]]}`)
			require.NoError(t, w.store.UpsertWards(t.Context(), town, []postgres.Ward{{ID: "7", MedianIncome: test.ward, Boundary: square}}))
			w.inWard, w.tract = "7", test.tract
			ref := w.proposal(9_900)
			w.confirmed(ref, city.Observed)
			_, err := w.families().values.ValueMatch(t.Context(), ref)
			require.NoError(t, err)
			valued := w.valuedInputs(ref)
			require.InDelta(t, test.want, valued.ReceiverIncome, 0)
			require.Equal(t, test.basis, valued.IncomeBasis)
		})
	}
}
