package demo

import (
	"context"
	"fmt"
	"net/url"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// value has the run valued from what was weighed, waits for the record and says why it differs from what was expected.
// With another parameter file it has the run valued once more, and says what the other figures change.
func (d *Demo) value(ctx context.Context, outcome *Outcome) error {
	for _, run := range outcome.runs() {
		if err := d.awaitValued(ctx, run); err != nil {
			return err
		}
	}
	found, err := d.valued(ctx, outcome.Run, "ex_post", crgclient.NewValuation{Moment: crgclient.MomentExPost})
	if err != nil {
		return err
	}
	d.progress.Done(8, "worth", "%s %s in the middle, %s to %s with nine chances in ten (%s, formulas %s)",
		found.P50, found.Currency, found.P5, found.P95, found.Method, found.Formulas)
	expected, err := d.first(ctx, &crgclient.ListValuationsParams{
		Scope: crgclient.ValuationScopeRun, ScopeID: outcome.Run, Moment: crgclient.MomentExAnte, Limit: 1,
	})
	if err != nil {
		return err
	}
	if expected != nil {
		if err := d.difference(ctx, "expected", *expected, found); err != nil {
			return err
		}
	}
	for _, fired := range outcome.Fired {
		if err := d.scheduledValue(ctx, fired); err != nil {
			return err
		}
	}
	if d.options.Revalue == "" {
		return nil
	}
	again, err := d.valued(ctx, outcome.Run, "again", crgclient.NewValuation{Moment: crgclient.MomentExPost, Parameters: d.options.Revalue})
	if err != nil {
		return err
	}
	d.progress.Note("revalued", "%s %s in the middle, %s to %s with nine chances in ten (%s, formulas %s)",
		again.P50, again.Currency, again.P5, again.P95, again.Method, again.Formulas)
	return d.difference(ctx, "", found, again)
}

// awaitValued waits until every match that was received is valued by its own workflow, which a server that was away may
// have held up: nobody works on it once the demo is over.
func (d *Demo) awaitValued(ctx context.Context, run string) error {
	received, err := d.matches(ctx, run, crgclient.MatchStateConfirmed)
	if err != nil {
		return err
	}
	return each(ctx, received, func(ctx context.Context, m crgclient.Match) error {
		return poll(ctx, func(ctx context.Context) (bool, error) {
			found, err := d.first(ctx, &crgclient.ListValuationsParams{
				Scope: crgclient.ValuationScopeMatch, ScopeID: m.ID, Moment: crgclient.MomentExPost, Limit: 1,
			})
			return found != nil, err
		})
	})
}

// scheduledValue has what the schedule's run brought valued by itself, if anything of it was received.
func (d *Demo) scheduledValue(ctx context.Context, fired Fired) error {
	received, err := d.matches(ctx, fired.Run, crgclient.MatchStateConfirmed)
	if err != nil || len(received) == 0 {
		return err
	}
	found, err := d.valued(ctx, fired.Run, "ex_post", crgclient.NewValuation{Moment: crgclient.MomentExPost})
	if err == nil {
		d.progress.Note("schedule", "%d more received from run %s: %s %s in the middle", len(received), fired.Run, found.P50, found.Currency)
	}
	return err
}

// difference shows why a valuation differs from an earlier one.
func (d *Demo) difference(ctx context.Context, word string, before, after crgclient.Valuation) error {
	answer, err := d.coordinator.GetValuationDifferenceWithResponse(ctx, after.ID, &crgclient.GetValuationDifferenceParams{From: before.ID})
	if err != nil {
		return fmt.Errorf("difference of the valuations: %w", err)
	}
	if err := crgclient.Check(answer.StatusCode(), answer.ApplicationProblemJSONDefault); err != nil {
		return fmt.Errorf("difference of the valuations: %w", err)
	}
	change := answer.JSON200
	d.progress.Note(word, "%s before, %s after; %s", change.NsvBefore, change.NsvAfter, change.Sentence)
	return nil
}

// valued starts a valuation of the run and waits for its record.
func (d *Demo) valued(ctx context.Context, run, purpose string, body crgclient.NewValuation) (crgclient.Valuation, error) {
	body.Scope, body.ScopeID = crgclient.ValuationScopeRun, run
	started, err := d.coordinator.StartValuationWithResponse(ctx, &crgclient.StartValuationParams{IdempotencyKey: key(run, "value", purpose)}, body)
	if err != nil {
		return crgclient.Valuation{}, fmt.Errorf("start the valuation: %w", err)
	}
	if err := crgclient.Check(started.StatusCode(), started.ApplicationProblemJSONDefault); err != nil {
		return crgclient.Valuation{}, fmt.Errorf("start the valuation: %w", err)
	}
	where, err := listed(started.JSON202.Location)
	if err != nil {
		return crgclient.Valuation{}, err
	}
	var found *crgclient.Valuation
	err = poll(ctx, func(ctx context.Context) (bool, error) {
		d.progress.Moving("valuing")
		var err error
		found, err = d.first(ctx, where)
		return found != nil, err
	})
	if err != nil {
		return crgclient.Valuation{}, fmt.Errorf("valuation of run %s: %w", run, err)
	}
	return *found, nil
}

// listed reads where a record will appear: the Location of its start is a list.
func listed(location string) (*crgclient.ListValuationsParams, error) {
	where, err := url.Parse(location)
	if err != nil {
		return nil, fmt.Errorf("where the valuation will be: %w", err)
	}
	query := where.Query()
	return &crgclient.ListValuationsParams{
		Scope: crgclient.ValuationScope(query.Get("scope")), ScopeID: query.Get("scope_id"), Moment: crgclient.Moment(query.Get("moment")),
		Method: query.Get("method"), Limit: 1,
	}, nil
}

// first is the oldest valuation of a list, or nil while there is none.
func (d *Demo) first(ctx context.Context, where *crgclient.ListValuationsParams) (*crgclient.Valuation, error) {
	page, err := d.coordinator.ListValuationsWithResponse(ctx, where)
	if err != nil {
		return nil, fmt.Errorf("list valuations: %w", err)
	}
	if err := crgclient.Check(page.StatusCode(), page.ApplicationProblemJSONDefault); err != nil {
		return nil, fmt.Errorf("list valuations: %w", err)
	}
	if len(page.JSON200.Items) == 0 {
		return nil, nil //nolint:nilnil // none yet is an answer
	}
	return &page.JSON200.Items[0], nil
}
