package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// ConfirmListing asks the holder of an unconfirmed listing whether it is still there and usable, reminds at half-time, and
// ends with the answer or at the deadline. The answer is written by the API, over a signed link or with a key; the signal
// only wakes. A listing that nobody answers for stays unconfirmed or expires, as the request says; neither enters a run.
func ConfirmListing(ctx workflow.Context, in activities.ConfirmRef) (activities.ConfirmView, error) {
	c := &confirmListing{ref: in}
	if err := c.setup(ctx); err != nil {
		return c.view, err
	}
	err := c.run(ctx)
	if err != nil {
		c.giveUp(ctx)
	}
	return c.view, closeStatus(ctx, err)
}

type confirmListing struct {
	ref    activities.ConfirmRef
	view   activities.ConfirmView
	wake   workflow.ReceiveChannel
	waited time.Time
}

func (c *confirmListing) setup(ctx workflow.Context) error {
	c.wake = workflow.GetSignalChannel(ctx, SignalAnswered)
	return workflow.SetQueryHandlerWithOptions(ctx, QueryStatus, func() (activities.ConfirmView, error) { return c.view, nil },
		workflow.QueryHandlerOptions{Description: "state of the listing, the answer, and the next deadline"})
}

func (c *confirmListing) run(ctx workflow.Context) error {
	for {
		drop(c.wake)
		view, err := quickly(ctx, "ask, remind or close", confirmations.AskHolder,
			activities.AskHolderInput{ConfirmRef: c.ref, Waited: c.waited})
		if err != nil {
			return err
		}
		c.view = view
		workflow.SetCurrentDetails(ctx, c.details())
		if view.Outcome != "" {
			return nil
		}
		woken, err := awaitUntil(ctx, view.Next.At, waitFor(view.Next.Step), func() bool { return c.wake.Len() > 0 })
		if err != nil {
			return err
		}
		if !woken {
			c.waited = view.Next.At
		}
	}
}

// giveUp closes the request: while one is open, nobody can ask again.
func (c *confirmListing) giveUp(ctx workflow.Context) {
	in := activities.AskHolderInput{ConfirmRef: c.ref, GivenUp: true}
	if _, err := steadily(compensation(ctx), "close the request", confirmations.AskHolder, in); err != nil {
		workflow.GetLogger(ctx).Error("the request could not be closed", "error", err)
	}
}

func (c *confirmListing) details() string {
	if c.view.Outcome != "" {
		return fmt.Sprintf("**%s**: the listing is %s", c.view.Outcome, c.view.Listing)
	}
	return fmt.Sprintf("asked\n\nNext: %s at %s.", c.view.Next.Step, c.view.Next.At.UTC().Format(time.RFC3339))
}
