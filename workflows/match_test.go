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

func TestMatchRunsItsCourse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state   city.MatchState // when the policy was applied
		signals []signal
		want    city.MatchState
		steps   []activities.Step
		offers  int
	}{
		"approved by policy, handed over, confirmed": {
			state:   city.MatchApproved,
			signals: []signal{{time.Minute, workflows.SignalHandedOver, "h"}, {2 * time.Minute, workflows.SignalConfirmReceipt, "c"}},
			want:    city.MatchConfirmed,
		},
		"approved by people": {
			state: city.MatchProposed,
			signals: []signal{
				{time.Minute, workflows.SignalApprove, "a"}, {2 * time.Minute, workflows.SignalHandedOver, "h"},
				{3 * time.Minute, workflows.SignalConfirmReceipt, "c"},
			},
			want: city.MatchConfirmed,
		},
		"rejected": {
			state: city.MatchProposed, signals: []signal{{time.Minute, workflows.SignalReject, "r"}},
			want: city.MatchRejected, offers: 1,
		},
		"cancelled by a side": {
			state: city.MatchApproved, signals: []signal{{time.Minute, workflows.SignalCancel, "x"}},
			want: city.MatchCancelled, offers: 1,
		},
		"nobody decides": {
			state: city.MatchProposed, want: city.MatchExpired, offers: 1,
			steps: []activities.Step{activities.StepRemind, activities.StepEscalate, activities.StepExpire},
		},
		"decided after the reminder": {
			state: city.MatchProposed, signals: []signal{{90 * time.Minute, workflows.SignalReject, "r"}},
			want: city.MatchRejected, offers: 1, steps: []activities.Step{activities.StepRemind},
		},
		"nobody came": {
			state: city.MatchApproved, want: city.MatchFailed, offers: 1, steps: []activities.Step{activities.StepNoShow},
		},
		"the giver says that nobody came": {
			state: city.MatchApproved, signals: []signal{{time.Minute, workflows.SignalNoShow, "n"}},
			want: city.MatchFailed, offers: 1,
		},
		"handed over, never received": {
			state: city.MatchApproved, signals: []signal{{time.Minute, workflows.SignalHandedOver, "h"}},
			want: city.MatchFailed, offers: 1, steps: []activities.Step{activities.StepNoShow},
		},
		"signals out of order": {
			state: city.MatchProposed,
			signals: []signal{
				{time.Minute, workflows.SignalConfirmReceipt, "c"}, {2 * time.Minute, workflows.SignalHandedOver, "h"},
				{3 * time.Minute, workflows.SignalApprove, "a"},
			},
			want: city.MatchConfirmed,
		},
		"signals before anything was loaded": {
			state: city.MatchProposed,
			signals: []signal{
				{0, workflows.SignalConfirmReceipt, "c"}, {0, workflows.SignalApprove, "a"}, {0, workflows.SignalHandedOver, "h"},
			},
			want: city.MatchConfirmed,
		},
		"signals twice": {
			state: city.MatchProposed,
			signals: []signal{
				{time.Minute, workflows.SignalApprove, "a"}, {time.Minute, workflows.SignalApprove, "a"},
				{2 * time.Minute, workflows.SignalHandedOver, "h"}, {2 * time.Minute, workflows.SignalApprove, "a"},
				{3 * time.Minute, workflows.SignalConfirmReceipt, "c"},
			},
			want: city.MatchConfirmed,
		},
		"a late signal": {
			state:   city.MatchProposed,
			signals: []signal{{time.Minute, workflows.SignalReject, "r"}, {time.Minute, workflows.SignalApprove, "a"}},
			want:    city.MatchRejected, offers: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMatchWorld(t, test.state)
			m.signals(test.signals...)
			result, err := m.run()
			require.NoError(t, err)
			require.Equal(t, test.want, result.State)
			require.Equal(t, test.steps, m.passed)
			require.Equal(t, test.offers, m.offers)
			require.Zero(t, m.released)
			if test.want == city.MatchConfirmed {
				require.EqualValues(t, 47_700, result.NSVMinor)
			}
			for _, s := range test.signals {
				require.Contains(t, m.announced, s.decision, "no signal may be left unread")
			}
		})
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
				m.signals(signal{time.Minute, workflows.SignalApprove, "a"})
				m.RegisterDelayedCallback(m.CancelWorkflow, 2*time.Minute)
			case "wait for receipt":
				m.signals(signal{time.Minute, workflows.SignalApprove, "a"}, signal{2 * time.Minute, workflows.SignalHandedOver, "h"})
				m.RegisterDelayedCallback(m.CancelWorkflow, 3*time.Minute)
			case "take":
				m.during[step] = m.CancelWorkflow
				m.signals(signal{time.Minute, workflows.SignalApprove, "a"})
			case "offer":
				m.during[step] = m.CancelWorkflow
				m.signals(signal{time.Minute, workflows.SignalReject, "r"})
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
	m.signals(signal{time.Minute, workflows.SignalApprove, "a"})
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
	m.signals(signal{20 * time.Minute, workflows.SignalHandedOver, "h"}, signal{21 * time.Minute, workflows.SignalConfirmReceipt, "c"})
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
