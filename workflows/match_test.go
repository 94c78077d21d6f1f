package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workflows"
)

// course is what happens to a match and where it ends.
type course struct {
	state   city.MatchState // when the policy was applied
	signals []signal
	want    city.MatchState
	steps   []activities.Step // deadlines that passed
	offers  int               // of an alternative
}

func (c course) run(t *testing.T) {
	t.Helper()
	t.Parallel()
	m := newMatchWorld(t, c.state)
	m.signals(c.signals...)
	result, err := m.run()
	require.NoError(t, err)
	require.Equal(t, c.want, result.State)
	require.Equal(t, c.steps, m.passed)
	require.Equal(t, c.offers, m.offers)
	require.Zero(t, m.released)
	require.Empty(t, m.timers, "a timer that a signal overtook goes with its wait")
	if c.want == city.MatchConfirmed {
		require.EqualValues(t, 47_700, result.NSVMinor)
	}
	for _, s := range c.signals {
		require.Contains(t, m.announced, s.decision, "no signal may be left unread")
	}
}

func TestMatchRunsItsCourse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]course{
		"approved by policy, handed over, confirmed": {
			state: city.MatchApproved, want: city.MatchConfirmed,
			signals: []signal{{1, workflows.SignalHandedOver, "h"}, {2, workflows.SignalConfirmReceipt, "c"}},
		},
		"approved by people": {
			state: city.MatchProposed, want: city.MatchConfirmed,
			signals: []signal{{1, workflows.SignalApprove, "a"}, {2, workflows.SignalHandedOver, "h"}, {3, workflows.SignalConfirmReceipt, "c"}},
		},
		"rejected": {
			state: city.MatchProposed, signals: []signal{{1, workflows.SignalReject, "r"}}, want: city.MatchRejected, offers: 1,
		},
		"cancelled by a side": {
			state: city.MatchApproved, signals: []signal{{1, workflows.SignalCancel, "x"}}, want: city.MatchCancelled, offers: 1,
		},
		"nobody decides": {
			state: city.MatchProposed, want: city.MatchExpired, offers: 1,
			steps: []activities.Step{activities.StepRemind, activities.StepEscalate, activities.StepExpire},
		},
		"decided after the reminder": {
			state: city.MatchProposed, signals: []signal{{90, workflows.SignalReject, "r"}},
			want: city.MatchRejected, offers: 1, steps: []activities.Step{activities.StepRemind},
		},
		"nobody came": {
			state: city.MatchApproved, want: city.MatchFailed, offers: 1, steps: []activities.Step{activities.StepNoShow},
		},
		"the giver says that nobody came": {
			state: city.MatchApproved, signals: []signal{{1, workflows.SignalNoShow, "n"}}, want: city.MatchFailed, offers: 1,
		},
		"handed over, never received": {
			state: city.MatchApproved, signals: []signal{{1, workflows.SignalHandedOver, "h"}},
			want: city.MatchFailed, offers: 1, steps: []activities.Step{activities.StepNoShow},
		},
	} {
		t.Run(name, test.run)
	}
}

func TestMatchTakesSignalsEarlyLateTwiceAndOutOfOrder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]course{
		"out of order": {
			state: city.MatchProposed, want: city.MatchConfirmed,
			signals: []signal{{1, workflows.SignalConfirmReceipt, "c"}, {2, workflows.SignalHandedOver, "h"}, {3, workflows.SignalApprove, "a"}},
		},
		"before anything was loaded": {
			state: city.MatchProposed, want: city.MatchConfirmed,
			signals: []signal{{0, workflows.SignalConfirmReceipt, "c"}, {0, workflows.SignalApprove, "a"}, {0, workflows.SignalHandedOver, "h"}},
		},
		"twice": {
			state: city.MatchProposed, want: city.MatchConfirmed,
			signals: []signal{
				{1, workflows.SignalApprove, "a"},
				{1, workflows.SignalApprove, "a"},
				{2, workflows.SignalHandedOver, "h"},
				{2, workflows.SignalApprove, "a"},
				{3, workflows.SignalConfirmReceipt, "c"},
			},
		},
		"late": {
			state: city.MatchProposed, want: city.MatchRejected, offers: 1,
			signals: []signal{{1, workflows.SignalReject, "r"}, {1, workflows.SignalApprove, "a"}},
		},
	} {
		t.Run(name, test.run)
	}
}

// Cancelled at whatever step, a match that is not over lets go of its hold, and no alternative is offered.
func TestMatchCancelledAtEachStep(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"load", "wait for approval", "take", "wait for hand-over", "wait for receipt", "pass", "offer"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			m := newMatchWorld(t, city.MatchProposed)
			switch step {
			case "wait for approval":
				m.RegisterDelayedCallback(m.CancelWorkflow, time.Minute)
			case "wait for hand-over":
				m.signals(signal{1, workflows.SignalApprove, "a"})
				m.RegisterDelayedCallback(m.CancelWorkflow, 2*time.Minute)
			case "wait for receipt":
				m.signals(signal{1, workflows.SignalApprove, "a"}, signal{2, workflows.SignalHandedOver, "h"})
				m.RegisterDelayedCallback(m.CancelWorkflow, 3*time.Minute)
			case "take":
				m.during[step] = m.CancelWorkflow
				m.signals(signal{1, workflows.SignalApprove, "a"})
			case "offer":
				m.during[step] = m.CancelWorkflow
				m.signals(signal{1, workflows.SignalReject, "r"})
			default:
				m.during[step] = m.CancelWorkflow
			}
			_, err := m.run()
			require.True(t, temporal.IsCanceledError(err), "%v", err)
			require.True(t, city.MatchTransitions().Terminal(m.state), "left as %s", m.state)
			require.Equal(t, 1, m.released)
			if step != "offer" {
				require.Zero(t, m.offers)
			}
		})
	}
}

func TestMatchReleasesWhenAStepFailsForGood(t *testing.T) {
	t.Parallel()
	m := newMatchWorld(t, city.MatchProposed)
	m.fail["take"] = temporal.NewNonRetryableApplicationError("match r1:food.grocery-mixed:1 is of another city", activities.TypeInvalid, nil)
	m.signals(signal{1, workflows.SignalApprove, "a"})
	_, err := m.run()
	require.ErrorContains(t, err, "another city")
	require.Equal(t, 1, m.released)
	require.Equal(t, city.MatchCancelled, m.state)
}

// A store that is away for longer than a local activity tries is waited for by a steady one.
func TestMatchWaitsForAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	m := newMatchWorld(t, city.MatchApproved)
	m.fail["load"] = temporal.NewApplicationError("connection refused", "Unavailable")
	m.RegisterDelayedCallback(func() { delete(m.fail, "load") }, time.Minute) // the suite gives up at the tenth attempt
	m.signals(signal{20, workflows.SignalHandedOver, "h"}, signal{21, workflows.SignalConfirmReceipt, "c"})
	result, err := m.run()
	require.NoError(t, err)
	require.Equal(t, city.MatchConfirmed, result.State)
}

func TestMatchStartsANewHistoryBeforeItGrowsLong(t *testing.T) {
	t.Parallel()
	m := newMatchWorld(t, city.MatchProposed)
	m.SetCurrentHistoryLength(1501)
	_, err := m.run()
	require.True(t, workflow.IsContinueAsNewError(err), "%v", err)
	require.Zero(t, m.released, "the hold stays")
}

func TestMatchTakesWhatAnOperatorTypes(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]any{
		"nothing": nil, "a word": "yes please", "a number": 7, "another object": map[string]any{"note": "fine by me"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMatchWorld(t, city.MatchProposed)
			m.RegisterDelayedCallback(func() { m.SignalWorkflow(workflows.SignalReject, input) }, time.Minute)
			result, err := m.run()
			require.NoError(t, err)
			require.Equal(t, city.MatchRejected, result.State)
			require.Len(t, m.typed, 1)
			require.NoError(t, city.ValidateID("decision", m.typed[0]))
		})
	}
}

func TestMatchAnswersItsStatus(t *testing.T) {
	t.Parallel()
	m := newMatchWorld(t, city.MatchProposed)
	m.RegisterDelayedCallback(func() {
		answer, err := m.QueryWorkflow(workflows.QueryStatus)
		require.NoError(t, err)
		var view activities.MatchView
		require.NoError(t, answer.Get(&view))
		require.Equal(t, city.MatchProposed, view.State)
		require.Equal(t, activities.StepRemind, view.Next.Step)
	}, time.Minute)
	_, err := m.run()
	require.NoError(t, err)
}
