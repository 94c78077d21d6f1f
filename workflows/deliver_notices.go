package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// DeliverNotices sends what a city's people are to be told. It runs while something is pending and ends when nothing is:
// whoever records a notice starts it, or wakes it where it waits for the end of quiet hours or for another attempt.
func DeliverNotices(ctx workflow.Context, in activities.CityRef) (activities.Delivered, error) {
	d := &deliverNotices{ref: in}
	if err := d.setup(ctx); err != nil {
		return d.total, err
	}
	err := d.run(ctx)
	return d.total, closeStatus(ctx, err)
}

type deliverNotices struct {
	ref   activities.CityRef
	total activities.Delivered
	wake  workflow.ReceiveChannel
}

func (d *deliverNotices) setup(ctx workflow.Context) error {
	d.wake = workflow.GetSignalChannel(ctx, SignalNotices)
	return workflow.SetQueryHandlerWithOptions(ctx, QueryStatus, func() (activities.Delivered, error) { return d.total, nil },
		workflow.QueryHandlerOptions{Description: "what was sent so far, and how long until the next attempt"})
}

func (d *deliverNotices) run(ctx workflow.Context) error {
	for {
		drop(d.wake) // whatever they announced is in the database by now
		delivered, err := lastingly(ctx, "send what is due", courier.DeliverNotices, d.ref)
		if err != nil {
			return err
		}
		d.add(delivered)
		workflow.SetCurrentDetails(ctx, d.details(workflow.Now(ctx)))
		if !d.woken() && !delivered.Pending {
			return nil
		}
		if historyIsLong(ctx) {
			return workflow.NewContinueAsNewError(ctx, DeliverNotices, d.ref)
		}
		if err := d.pause(ctx, delivered); err != nil {
			return err
		}
	}
}

// together is how long a wake-up waits for more of them: a run's matches announce themselves one by one.
const together = time.Second

func (d *deliverNotices) pause(ctx workflow.Context, delivered activities.Delivered) error {
	if !d.woken() {
		if woken, err := await(ctx, delivered.Wait, "until the next attempt is due", d.woken); err != nil || !woken {
			return err
		}
	}
	return workflow.NewTimerWithOptions(ctx, together, workflow.TimerOptions{Summary: "collect what is announced"}).Get(ctx, nil)
}

func (d *deliverNotices) woken() bool { return d.wake.Len() > 0 }

func (d *deliverNotices) details(now time.Time) string {
	t := d.total
	text := fmt.Sprintf("**%d sent**, %d attempts without success, %d given up, %d suppressed, %d held", t.Sent, t.Retried, t.Failed, t.Suppressed, t.Held)
	if t.Pending {
		text += "\n\nNext attempt at " + now.Add(t.Wait).UTC().Format(time.RFC3339) + "."
	}
	return text
}

func (d *deliverNotices) add(delivered activities.Delivered) {
	d.total.Sent += delivered.Sent
	d.total.Retried += delivered.Retried
	d.total.Failed += delivered.Failed
	d.total.Suppressed += delivered.Suppressed
	d.total.Held += delivered.Held
	d.total.Pending, d.total.Wait = delivered.Pending, delivered.Wait
}
