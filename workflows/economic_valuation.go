package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// EconomicValuation states what a scope, such as a run, is worth to the city: it freezes the matches and the parameters
// of one method version, computes every line item and the range on shared draws, reconciles the sums to the cent and
// appends the record. Nothing is ever overwritten: a second valuation adds a second record.
func EconomicValuation(ctx workflow.Context, in activities.ValuationRef) (activities.ValuationResult, error) {
	v := &economicValuation{ref: in}
	result, err := v.run(ctx)
	return result, closeStatus(ctx, err)
}

type economicValuation struct {
	ref activities.ValuationRef
}

func (v *economicValuation) run(ctx workflow.Context) (activities.ValuationResult, error) {
	var none activities.ValuationResult
	frozen, err := lastingly(ctx, "freeze matches and parameters", values.FreezeValuation, v.ref)
	if err != nil {
		return none, err
	}
	computed, err := heavily(ctx, "line items, Monte Carlo, totals to the cent", values.ComputeValuation, frozen)
	if err != nil {
		return none, err
	}
	result, err := steadily(ctx, "append the record", values.AppendValuation, computed)
	if err != nil {
		return none, err
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("**%s** for %d matches", result, result.Matches))
	return result, nil
}

func valuationAttributes(in activities.ValuationRef) temporal.SearchAttributes {
	attributes := []temporal.SearchAttributeUpdate{
		AttributeCity.ValueSet(string(in.City)), AttributeStatus.ValueSet(string(StatusRunning)),
	}
	if in.Scope == activities.ScopeRun {
		attributes = append(attributes, AttributeRunID.ValueSet(in.ID))
	}
	return temporal.NewSearchAttributes(attributes...)
}
