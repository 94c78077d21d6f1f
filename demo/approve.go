package demo

import (
	"context"
	"fmt"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// approve works through both approvers' lists.
func (d *Demo) approve(ctx context.Context) error {
	for i := range d.approvers {
		if err := d.approveAs(ctx, i, func(crgclient.Match) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}

// approveAs works through those of an approver's list that are to be decided now.
func (d *Demo) approveAs(ctx context.Context, approver int, now func(crgclient.Match) bool) error {
	waiting, err := d.waiting(ctx, approver)
	if err != nil {
		return err
	}
	err = each(ctx, waiting, func(ctx context.Context, waiting crgclient.Approval) error {
		if !now(waiting.Match) {
			return nil
		}
		return d.decide(ctx, approver, waiting.Match)
	})
	if err != nil {
		return fmt.Errorf("decide: %w", err)
	}
	return nil
}

// waiting is an approver's list. What it says that a no would cost is noted.
func (d *Demo) waiting(ctx context.Context, approver int) ([]crgclient.Approval, error) {
	var all []crgclient.Approval
	for after := ""; ; {
		page, err := d.approvers[approver].ListApprovalsWithResponse(ctx, &crgclient.ListApprovalsParams{After: after, Limit: 500})
		if err != nil {
			return nil, fmt.Errorf("work list: %w", err)
		}
		if err := crgclient.Check(page.StatusCode(), page.ApplicationProblemJSONDefault); err != nil {
			return nil, fmt.Errorf("work list: %w", err)
		}
		for _, waiting := range page.JSON200.Items {
			if waiting.Refusing != nil {
				d.tally.shown(waiting.Match.ID, units(waiting.Refusing.AtMost))
			}
		}
		all = append(all, page.JSON200.Items...)
		if after = page.JSON200.Next; after == "" {
			return all, nil
		}
	}
}

func (d *Demo) decide(ctx context.Context, approver int, m crgclient.Match) error {
	// Only the first approver refuses, and the second leaves to him what he will refuse: else it would hang on who comes
	// first whether a match is refused.
	refuse := d.refused(m)
	if refuse && approver != 0 {
		return nil
	}
	once := key(m.ID, "decide", fmt.Sprint(approver))
	if !d.tally.first(once) {
		return nil
	}
	decision := crgclient.NewDecision{Decision: crgclient.NewDecisionDecisionApprove, Party: crgclient.PartyCity, Simulated: true}
	if refuse {
		decision.Decision, decision.Reason = crgclient.NewDecisionDecisionReject, crgclient.ReasonPolicy
	}
	answer, err := d.approvers[approver].DecideMatchWithResponse(ctx, m.ID,
		&crgclient.DecideMatchParams{IdempotencyKey: once}, decision)
	if err != nil {
		return err
	}
	err = crgclient.Check(answer.StatusCode(), answer.ApplicationProblemJSONDefault)
	if over(err) {
		return nil
	}
	if err == nil {
		d.tally.decided(m.ID, refuse)
	}
	return err
}

// refused reports whether the city's people say no to a match. An alternative is not refused again: the demo shows that it
// is offered and taken.
func (d *Demo) refused(m crgclient.Match) bool {
	return m.AlternativeOf == "" && draw(d.options.Seed, "refuse", pair(m)) < d.options.Chances.Refuse
}
