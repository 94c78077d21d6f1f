package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/workflows"
)

// noticeWorld answers for the delivery: each call gets the next of rounds, the last one again and again.
type noticeWorld struct {
	*testsuite.TestWorkflowEnvironment
	rounds []activities.Delivered
	calls  []time.Duration // since the start
	fail   error
}

func newNoticeWorld(t *testing.T, rounds ...activities.Delivered) *noticeWorld {
	t.Helper()
	n := &noticeWorld{TestWorkflowEnvironment: newEnvironment(t), rounds: rounds}
	begin := n.Now()
	var notices *activities.Notices
	n.RegisterActivity(notices)
	n.OnActivity(notices.DeliverNotices, mock.Anything, mock.Anything).Return(
		func(context.Context, activities.CityRef) (activities.Delivered, error) {
			n.calls = append(n.calls, n.Now().Sub(begin))
			return n.rounds[min(len(n.calls), len(n.rounds))-1], n.fail
		}).Maybe()
	return n
}

func (n *noticeWorld) run() (total activities.Delivered, err error) {
	n.ExecuteWorkflow(workflows.DeliverNotices, activities.CityRef{City: "testville"})
	if err := n.GetWorkflowError(); err != nil {
		return total, err
	}
	return total, n.GetWorkflowResult(&total)
}

func (n *noticeWorld) wake(at ...time.Duration) {
	for _, after := range at {
		n.RegisterDelayedCallback(func() { n.SignalWorkflow(workflows.SignalNotices, nil) }, after)
	}
}

func TestDeliverNotices(t *testing.T) {
	t.Parallel()
	sent := activities.Delivered{Sent: 1}
	waits := activities.Delivered{Held: 1, Pending: true, Wait: time.Hour}
	for name, test := range map[string]struct {
		rounds []activities.Delivered
		wake   []time.Duration
		calls  []time.Duration
		total  activities.Delivered
	}{
		"nothing is left": {[]activities.Delivered{sent}, nil, []time.Duration{0}, sent},
		"until quiet hours end": {
			[]activities.Delivered{waits, sent}, nil, []time.Duration{0, time.Hour}, activities.Delivered{Held: 1, Sent: 1},
		},
		"woken while it waits": {
			[]activities.Delivered{waits, {Sent: 2, Pending: true, Wait: 30 * time.Minute}, sent},
			[]time.Duration{30 * time.Minute},
			[]time.Duration{0, 30*time.Minute + time.Second, time.Hour + time.Second},
			activities.Delivered{Held: 1, Sent: 3},
		},
		"a burst is one delivery": {
			[]activities.Delivered{waits, sent},
			[]time.Duration{time.Minute, time.Minute, time.Minute + 500*time.Millisecond},
			[]time.Duration{0, time.Minute + time.Second},
			activities.Delivered{Held: 1, Sent: 1},
		},
		"due already": {
			[]activities.Delivered{{Retried: 1, Pending: true}, sent},
			nil,
			[]time.Duration{0, time.Millisecond},
			activities.Delivered{Retried: 1, Sent: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNoticeWorld(t, test.rounds...)
			n.wake(test.wake...)
			total, err := n.run()
			require.NoError(t, err)
			require.Equal(t, test.total, total)
			require.Equal(t, test.calls, n.calls)
		})
	}
}

func TestDeliverNoticesStartsANewHistoryBeforeItGrowsLong(t *testing.T) {
	t.Parallel()
	n := newNoticeWorld(t, activities.Delivered{Pending: true, Wait: time.Hour})
	n.SetCurrentHistoryLength(1501)
	_, err := n.run()
	require.True(t, workflow.IsContinueAsNewError(err), "%v", err)
}

func TestDeliverNoticesCancelledOrFailed(t *testing.T) {
	t.Parallel()
	n := newNoticeWorld(t, activities.Delivered{Pending: true, Wait: time.Hour})
	n.RegisterDelayedCallback(n.CancelWorkflow, time.Minute)
	_, err := n.run()
	require.True(t, temporal.IsCanceledError(err), "%v", err)

	n = newNoticeWorld(t, activities.Delivered{})
	n.fail = temporal.NewNonRetryableApplicationError("no such city", activities.TypeNotFound, nil)
	_, err = n.run()
	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure)
}
