package activities_test

import (
	"encoding/json"
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
	for range 2 {
		frozen, err := f.values.FreezeValuation(t.Context(), in)
		require.NoError(t, err)
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

	in.Method = "1066.1"
	_, err = f.values.FreezeValuation(t.Context(), in)
	require.ErrorContains(t, err, "1066.1")
}
