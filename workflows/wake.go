package workflows

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
)

// ErrOver is returned for a signal to a workflow that has ended or was never started.
var ErrOver = activities.ErrOver

// Appeal tells the workflow that onboards a participant that an appeal was recorded, or starts it again where the
// rejection has ended it.
func (s Starter) Appeal(ctx context.Context, in activities.ApplicantRef, id city.DecisionID) error {
	return s.wake(ctx, "OnboardParticipant", SignalAppeal, DecisionSignal{DecisionID: id}, client.StartWorkflowOptions{
		ID:            OnboardingID(in.City, in.Participant),
		Priority:      fair(in.City, people),
		StaticSummary: "onboard " + string(in.Participant),
		StaticDetails: "after an appeal",
		TypedSearchAttributes: temporal.NewSearchAttributes(
			AttributeCity.ValueSet(string(in.City)), AttributeStatus.ValueSet(string(city.ParticipantRejected))),
	}, in)
}

// VerifyDocuments tells the workflow that keeps a participant verified that a document was submitted or reviewed.
func (s Starter) VerifyDocuments(ctx context.Context, in activities.ParticipantRef) error {
	return s.wake(ctx, "VerifyDocuments", SignalDocument, nil, client.StartWorkflowOptions{
		ID:                    VerificationID(in.City, in.Participant),
		Priority:              fair(in.City, people),
		StaticSummary:         "documents of " + string(in.Participant),
		TypedSearchAttributes: temporal.NewSearchAttributes(AttributeCity.ValueSet(string(in.City))),
	}, in)
}

// DeliverNotices wakes the delivery of a city's notices, or starts it where nothing was pending.
func (s Starter) DeliverNotices(ctx context.Context, in activities.CityRef) error {
	return s.wake(ctx, "DeliverNotices", SignalNotices, nil, client.StartWorkflowOptions{
		ID:            NoticesID(in.City),
		Priority:      fair(in.City, people),
		StaticSummary: "notices of " + string(in.City),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			AttributeCity.ValueSet(string(in.City)), AttributeStatus.ValueSet(string(StatusRunning))),
	}, in)
}

// SignalDecision tells the workflow of a match that a decision was recorded.
func (s Starter) SignalDecision(ctx context.Context, ref activities.MatchRef, kind city.DecisionKind, id city.DecisionID) error {
	signal, err := matchSignal(kind)
	if err != nil {
		return err
	}
	return s.signal(ctx, MatchID(ref), signal, DecisionSignal{DecisionID: id})
}

// SignalReview tells the workflow that onboards a participant that a review was recorded.
func (s Starter) SignalReview(ctx context.Context, ref activities.ApplicantRef, id city.DecisionID) error {
	return s.signal(ctx, OnboardingID(ref.City, ref.Participant), SignalReview, DecisionSignal{DecisionID: id})
}

// SignalAnswered tells the workflow that asks about a listing that there is an answer.
func (s Starter) SignalAnswered(ctx context.Context, c city.ID, listing city.ListingID) error {
	return s.signal(ctx, ConfirmID(c, listing), SignalAnswered, nil)
}

// PauseProjection stops projection, or lets it go on.
func (s Starter) PauseProjection(ctx context.Context, paused bool) error {
	return s.signal(ctx, ProjectionID(s.QueuePrefix), SignalPause, paused)
}

// CancelRun stops a run and takes back those of its proposals that nobody has approved yet.
func (s Starter) CancelRun(ctx context.Context, c city.ID, run city.RunID) error {
	return s.signal(ctx, RunID(c, run), SignalCancel, nil)
}

// CancelMatch stops the workflow of a match, which releases its hold.
func (s Starter) CancelMatch(ctx context.Context, ref activities.MatchRef) error {
	return over(MatchID(ref), s.Client.CancelWorkflow(ctx, MatchID(ref), ""))
}

// wake signals a workflow, and starts it where none runs.
func (s Starter) wake(ctx context.Context, name, signal string, payload any, options client.StartWorkflowOptions, in any) error {
	options.TaskQueue = CityQueue.Name(s.QueuePrefix)
	options.WorkflowIDReusePolicy = enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
	_, err := s.Client.SignalWithStartWorkflow(ctx, options.ID, signal, payload, options, name, in)
	if err != nil {
		return fmt.Errorf("start workflow %s: %w", options.ID, err)
	}
	return nil
}

func (s Starter) signal(ctx context.Context, id, name string, payload any) error {
	return over(id, s.Client.SignalWorkflow(ctx, id, "", name, payload))
}

func over(id string, err error) error {
	var notFound *serviceerror.NotFound
	switch {
	case errors.As(err, &notFound):
		return fmt.Errorf("workflow %s: %w", id, ErrOver)
	case err != nil:
		return fmt.Errorf("signal workflow %s: %w", id, err)
	}
	return nil
}
