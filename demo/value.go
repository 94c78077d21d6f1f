package demo

import (
	"context"
	"fmt"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// value has the run valued from what was weighed, and waits for the record.
func (d *Demo) value(ctx context.Context, outcome *Outcome) error {
	started, err := d.coordinator.StartValuationWithResponse(ctx,
		&crgclient.StartValuationParams{IdempotencyKey: key(outcome.Run, "value", "ex_post")},
		crgclient.NewValuation{Scope: crgclient.ValuationScopeRun, ScopeID: outcome.Run, Moment: crgclient.MomentExPost})
	if err != nil {
		return fmt.Errorf("start the valuation: %w", err)
	}
	if err := crgclient.Check(started.StatusCode(), started.ApplicationProblemJSONDefault); err != nil {
		return fmt.Errorf("start the valuation: %w", err)
	}
	var found crgclient.Valuation
	err = poll(ctx, func(ctx context.Context) (bool, error) {
		page, err := d.coordinator.ListValuationsWithResponse(ctx, &crgclient.ListValuationsParams{
			Scope: crgclient.ValuationScopeRun, ScopeID: outcome.Run, Moment: crgclient.MomentExPost, Limit: 1,
		})
		if err != nil {
			return false, err
		}
		if err := crgclient.Check(page.StatusCode(), page.ApplicationProblemJSONDefault); err != nil {
			return false, err
		}
		if len(page.JSON200.Items) == 0 {
			d.progress.Moving("valuing")
			return false, nil
		}
		found = page.JSON200.Items[0]
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("valuation of run %s: %w", outcome.Run, err)
	}
	d.progress.Done(7, "worth", "%s %s in the middle, %s to %s with nine chances in ten (%s)",
		found.P50, found.Currency, found.P5, found.P95, found.Method)
	return nil
}
