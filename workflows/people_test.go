package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workflows"
)

// confirmWorld answers for a request that is reminded after an hour and ends after two.
func runConfirm(t *testing.T, answers map[time.Duration]string, signals ...time.Duration) (view activities.ConfirmView, asked []time.Duration, err error) {
	t.Helper()
	env := newEnvironment(t)
	begin := env.Now()
	var confirmations *activities.Confirmations
	env.RegisterActivity(confirmations)
	env.OnActivity(confirmations.AskHolder, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.AskHolderInput) (activities.ConfirmView, error) {
			passed := env.Now().Sub(begin)
			asked = append(asked, passed)
			for at, outcome := range answers {
				if passed >= at {
					return activities.ConfirmView{Listing: city.ListingOpen, Outcome: outcome}, nil
				}
			}
			if in.Waited.Equal(begin.Add(2 * time.Hour)) {
				return activities.ConfirmView{Listing: city.ListingUnconfirmed, Outcome: "silent"}, nil
			}
			next := activities.Deadline{Step: activities.StepRemind, At: begin.Add(time.Hour)}
			if passed >= time.Hour {
				next = activities.Deadline{Step: activities.StepExpire, At: begin.Add(2 * time.Hour)}
			}
			return activities.ConfirmView{Listing: city.ListingUnconfirmed, Next: next}, nil
		}).Maybe()
	for _, at := range signals {
		env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.SignalAnswered, nil) }, at)
	}
	env.RegisterDelayedCallback(env.CancelWorkflow, 5*time.Hour)
	env.ExecuteWorkflow(workflows.ConfirmListing, activities.ConfirmRef{City: "testville", Listing: "chair", Request: "q"})
	if err := env.GetWorkflowError(); err != nil {
		return view, asked, err
	}
	return view, asked, env.GetWorkflowResult(&view)
}

func TestConfirmListing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answers map[time.Duration]string
		signals []time.Duration
		want    string
		asked   []time.Duration
	}{
		"nobody answers":   {want: "silent", asked: []time.Duration{0, time.Hour, 2 * time.Hour}},
		"answered at once": {answers: map[time.Duration]string{0: "confirmed"}, want: "confirmed", asked: []time.Duration{0}},
		"woken by the answer": {
			answers: map[time.Duration]string{time.Minute: "denied"}, signals: []time.Duration{time.Minute}, want: "denied",
			asked: []time.Duration{0, time.Minute},
		},
		"the signal is lost": {answers: map[time.Duration]string{time.Minute: "confirmed"}, want: "confirmed", asked: []time.Duration{0, time.Hour}},
		"a signal without answer": {
			signals: []time.Duration{time.Minute, time.Minute}, want: "silent",
			asked: []time.Duration{0, time.Minute, time.Minute, time.Hour, 2 * time.Hour},
		},
		"a signal before it began": {answers: map[time.Duration]string{0: "confirmed"}, signals: []time.Duration{0}, want: "confirmed", asked: []time.Duration{0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			view, asked, err := runConfirm(t, test.answers, test.signals...)
			require.NoError(t, err)
			require.Equal(t, test.want, view.Outcome)
			require.Equal(t, test.asked, asked)
		})
	}
}

// documentsWorld answers for a participant: looks are what it says at each look.
func runDocuments(t *testing.T, looks []activities.DocumentsView, change func(env interface {
	RegisterDelayedCallback(func(), time.Duration)
	SignalWorkflow(string, any)
	CancelWorkflow()
	SetCurrentHistoryLength(int)
},
),
) (waited []time.Time, err error) {
	t.Helper()
	env := newEnvironment(t)
	var documents *activities.Documents
	env.RegisterActivity(documents)
	env.OnActivity(documents.LookAtDocuments, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.LookAtDocumentsInput) (activities.DocumentsView, error) {
			waited = append(waited, in.Waited)
			view := looks[min(len(waited), len(looks))-1]
			if view.Next != nil {
				at := env.Now().Add(time.Until(*view.Next).Round(time.Hour))
				view.Next = &at
			}
			return view, nil
		}).Maybe()
	change(env)
	env.ExecuteWorkflow(workflows.VerifyDocuments, activities.ParticipantRef{City: "testville", Participant: "store"})
	return waited, env.GetWorkflowError()
}

type documentsEnv = interface {
	RegisterDelayedCallback(func(), time.Duration)
	SignalWorkflow(string, any)
	CancelWorkflow()
	SetCurrentHistoryLength(int)
}

func TestVerifyDocuments(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(24 * time.Hour)
	over := activities.DocumentsView{State: city.ParticipantActive}
	waits := activities.DocumentsView{State: city.ParticipantActive, Submitted: 1, Open: true}
	expires := activities.DocumentsView{State: city.ParticipantActive, Open: true, Next: &later}
	wake := func(at ...time.Duration) func(documentsEnv) {
		return func(env documentsEnv) {
			for _, after := range at {
				env.RegisterDelayedCallback(func() { env.SignalWorkflow(workflows.SignalDocument, nil) }, after)
			}
		}
	}
	for name, test := range map[string]struct {
		looks  []activities.DocumentsView
		change func(documentsEnv)
		looked int
	}{
		"nothing to wait for":       {[]activities.DocumentsView{over}, wake(), 1},
		"reviewed":                  {[]activities.DocumentsView{waits, over}, wake(time.Hour), 2},
		"a deadline passes":         {[]activities.DocumentsView{expires, over}, wake(), 2},
		"woken before the deadline": {[]activities.DocumentsView{expires, waits, over}, wake(time.Hour, 2*time.Hour), 3},
		"a signal without news":     {[]activities.DocumentsView{waits, waits, over}, wake(time.Hour, 2*time.Hour), 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			waited, err := runDocuments(t, test.looks, test.change)
			require.NoError(t, err)
			require.Len(t, waited, test.looked)
			require.True(t, waited[0].IsZero())
		})
	}
	_, err := runDocuments(t, []activities.DocumentsView{waits}, func(env documentsEnv) { env.RegisterDelayedCallback(env.CancelWorkflow, time.Hour) })
	require.True(t, temporal.IsCanceledError(err), "%v", err)
	_, err = runDocuments(t, []activities.DocumentsView{waits}, func(env documentsEnv) { env.SetCurrentHistoryLength(1501) })
	require.True(t, workflow.IsContinueAsNewError(err), "%v", err)
}

// An appeal starts the onboarding again, or comes while the end is told: either way another review follows.
func TestOnboardParticipantAfterAnAppeal(t *testing.T) {
	t.Parallel()
	a := newApplicantWorld(t, city.ParticipantRejected)
	a.appeals = true
	a.RegisterDelayedCallback(func() { a.SignalWorkflow(workflows.SignalAppeal, workflows.DecisionSignal{DecisionID: "a"}) }, 0)
	a.RegisterDelayedCallback(func() { a.SignalWorkflow(workflows.SignalReview, workflows.DecisionSignal{DecisionID: "d"}) }, time.Minute)
	view, err := a.run()
	require.NoError(t, err)
	require.Equal(t, city.ParticipantActive, view.State)
	require.Equal(t, 2, a.noticed)
	require.Empty(t, a.checked, "an appeal is reviewed, not checked again")
}
