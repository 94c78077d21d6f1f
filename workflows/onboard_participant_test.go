package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workflows"
)

// applicantWorld answers for the activities of one onboarding.
type applicantWorld struct {
	*testsuite.TestWorkflowEnvironment
	ref       activities.ApplicantRef
	state     city.ParticipantState
	findings  map[string]activities.Findings
	checked   []string
	passed    []activities.Step
	announced int
	noticed   int
	appeals   bool // an appeal re-opens the review
}

func newApplicantWorld(t *testing.T, state city.ParticipantState) *applicantWorld {
	t.Helper()
	a := &applicantWorld{
		TestWorkflowEnvironment: newEnvironment(t),
		ref:                     activities.ApplicantRef{City: "testville", Participant: "stores.17"},
		state:                   state, findings: map[string]activities.Findings{},
	}
	a.answer()
	return a
}

func (a *applicantWorld) answer() {
	var onboarding *activities.Onboarding
	begin := a.Now()
	view := func() activities.ApplicantView {
		step, at := activities.StepRemind, remindAfter
		switch after := a.Now().Sub(begin); {
		case after >= escalateAfter:
			step, at = activities.StepExpire, expireAfter
		case after >= remindAfter:
			step, at = activities.StepEscalate, escalateAfter
		}
		return activities.ApplicantView{State: a.state, Next: activities.Deadline{Step: step, At: begin.Add(at)}}
	}
	check := func(name string) func(context.Context, activities.ApplicantRef) (activities.Findings, error) {
		return func(context.Context, activities.ApplicantRef) (activities.Findings, error) {
			a.checked = append(a.checked, name)
			return a.findings[name], nil
		}
	}
	look := func(context.Context, activities.ApplicantRef) (activities.ApplicantView, error) { return view(), nil }
	a.OnActivity(onboarding.LoadApplicant, mock.Anything, a.ref).Return(look).Maybe()
	a.OnActivity(onboarding.ValidateApplicant, mock.Anything, a.ref).Return(check("validate")).Maybe()
	a.OnActivity(onboarding.FindDuplicates, mock.Anything, a.ref).Return(check("duplicates")).Maybe()
	a.OnActivity(onboarding.LocateApplicant, mock.Anything, a.ref).Return(check("locate")).Maybe()
	a.OnActivity(onboarding.ScreenApplicant, mock.Anything, a.ref).Return(check("screen")).Maybe()
	a.OnActivity(onboarding.Conclude, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.ConcludeInput) (activities.ApplicantView, error) {
			switch {
			case in.Reject != "":
				a.state = city.ParticipantRejected
			case len(in.Flags) > 0:
				a.state = city.ParticipantInReview
			default:
				a.state = city.ParticipantActive
			}
			return view(), nil
		}).Maybe()
	a.OnActivity(onboarding.TakeReviews, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.TakeReviewsInput) (activities.ApplicantView, error) {
			a.announced += len(in.Announced)
			if a.appeals && a.state == city.ParticipantRejected && in.Announced[0].Kind == city.DecisionAppeal {
				a.state = city.ParticipantInReview
				return view(), nil
			}
			if a.state == city.ParticipantInReview {
				a.state = city.ParticipantActive
				if in.Announced[0].Kind == city.DecisionReviewReject {
					a.state = city.ParticipantRejected
				}
			}
			return view(), nil
		}).Maybe()
	a.OnActivity(onboarding.PassReviewDeadline, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.PassReviewDeadlineInput) (activities.ApplicantView, error) {
			a.passed = append(a.passed, in.Step)
			if in.Step == activities.StepExpire {
				a.state = city.ParticipantRejected
			}
			return view(), nil
		}).Maybe()
	a.OnActivity(onboarding.GiveNotice, mock.Anything, a.ref).Return(
		func(context.Context, activities.ApplicantRef) (activities.ApplicantView, error) {
			a.noticed++
			return view(), nil
		}).Maybe()
}

func (a *applicantWorld) run() (activities.ApplicantView, error) {
	a.ExecuteWorkflow(workflows.OnboardParticipant, a.ref)
	var view activities.ApplicantView
	if err := a.GetWorkflowError(); err != nil {
		return view, err
	}
	return view, a.GetWorkflowResult(&view)
}

func TestOnboardParticipant(t *testing.T) {
	t.Parallel()
	all := []string{"validate", "duplicates", "locate", "screen"}
	flagged := map[string]activities.Findings{"locate": {Flags: []string{"outside every ward"}}}
	for name, test := range map[string]struct {
		state    city.ParticipantState
		findings map[string]activities.Findings
		signals  []any
		at       time.Duration
		want     city.ParticipantState
		checked  []string
		passed   []activities.Step
	}{
		"nothing speaks against it": {state: city.ParticipantApplied, want: city.ParticipantActive, checked: all},
		"cannot be mended": {
			state: city.ParticipantApplied, findings: map[string]activities.Findings{"validate": {Reject: "no name"}},
			want: city.ParticipantRejected, checked: all[:1],
		},
		"reviewed": {
			state: city.ParticipantApplied, findings: flagged, checked: all,
			signals: []any{workflows.DecisionSignal{DecisionID: "d"}}, at: time.Minute, want: city.ParticipantActive,
		},
		"reviewed before the checks were done, and twice": {
			state: city.ParticipantApplied, findings: flagged, checked: all,
			signals: []any{workflows.DecisionSignal{DecisionID: "d"}, workflows.DecisionSignal{DecisionID: "d"}}, want: city.ParticipantActive,
		},
		"an operator types reject": {
			state: city.ParticipantApplied, findings: flagged, checked: all,
			signals: []any{"reject"}, at: time.Minute, want: city.ParticipantRejected,
		},
		"reviewed by a deputy": {
			state: city.ParticipantApplied, findings: flagged, checked: all,
			signals: []any{workflows.DecisionSignal{DecisionID: "d"}}, at: 150 * time.Minute, want: city.ParticipantActive,
			passed: []activities.Step{activities.StepRemind, activities.StepEscalate},
		},
		"nobody reviews": {
			state: city.ParticipantApplied, findings: flagged, checked: all, want: city.ParticipantRejected,
			passed: []activities.Step{activities.StepRemind, activities.StepEscalate, activities.StepExpire},
		},
		"started again in the middle of the review": {
			state: city.ParticipantInReview, signals: []any{map[string]string{"verdict": "Reject"}}, at: time.Minute,
			want: city.ParticipantRejected,
		},
		"started again after the end": {state: city.ParticipantActive, want: city.ParticipantActive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApplicantWorld(t, test.state)
			a.findings = test.findings
			for _, signal := range test.signals {
				a.RegisterDelayedCallback(func() { a.SignalWorkflow(workflows.SignalReview, signal) }, test.at)
			}
			view, err := a.run()
			require.NoError(t, err)
			require.Equal(t, test.want, view.State)
			require.Equal(t, test.checked, a.checked)
			require.Equal(t, test.passed, a.passed)
			require.Equal(t, len(test.signals), a.announced, "no signal may be left unread")
			require.Equal(t, 1, a.noticed)
		})
	}
}

func TestOnboardParticipantStartsANewHistoryBeforeItGrowsLong(t *testing.T) {
	t.Parallel()
	a := newApplicantWorld(t, city.ParticipantInReview)
	a.SetCurrentHistoryLength(1501)
	_, err := a.run()
	require.True(t, workflow.IsContinueAsNewError(err), "%v", err)
}
