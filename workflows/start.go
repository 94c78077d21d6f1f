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

var (
	_ activities.MatchStarter     = Starter{}
	_ activities.ApplicantStarter = Starter{}
	_ activities.Courier          = Starter{}
)

// Starter starts and signals workflows. Starting what runs already is success and returns the running one.
type Starter struct {
	Client      client.Client
	QueuePrefix string // keeps installations that share a namespace apart; empty in most
}

// Started names the workflow that a start led to.
type Started = activities.Execution

// OnboardParticipant starts the onboarding of an applicant whose row exists.
func (s Starter) OnboardParticipant(ctx context.Context, in activities.ApplicantRef) (Started, error) {
	return s.onboard(ctx, in, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY)
}

// ReviewApplicant starts the onboarding of one who waits for a person: also where an earlier one ended, with a decision that
// holds no more.
func (s Starter) ReviewApplicant(ctx context.Context, in activities.ApplicantRef) (Started, error) {
	return s.onboard(ctx, in, enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
}

func (s Starter) onboard(ctx context.Context, in activities.ApplicantRef, reuse enums.WorkflowIdReusePolicy) (Started, error) {
	return s.start(ctx, "OnboardParticipant", client.StartWorkflowOptions{
		ID:                    OnboardingID(in.City, in.Participant),
		Priority:              fair(in.City, people),
		WorkflowIDReusePolicy: reuse,
		StaticSummary:         "onboard " + string(in.Participant),
		StaticDetails:         in.Flag,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			AttributeCity.ValueSet(string(in.City)), AttributeStatus.ValueSet(string(city.ParticipantApplied))),
	}, in)
}

// MatchingRun starts a run. A run stands for one snapshot, so that its id is never used twice.
func (s Starter) MatchingRun(ctx context.Context, in activities.RunRef) (Started, error) {
	return s.start(ctx, "MatchingRun", runOptions(in), in)
}

func runOptions(in activities.RunRef) client.StartWorkflowOptions {
	attributes := []temporal.SearchAttributeUpdate{
		AttributeCity.ValueSet(string(in.City)), AttributeRunID.ValueSet(string(in.Run)),
		AttributeStatus.ValueSet(string(StatusRunning)),
	}
	if in.Ward != "" {
		attributes = append(attributes, AttributeWard.ValueSet(in.Ward))
	}
	return client.StartWorkflowOptions{
		ID:                    RunID(in.City, in.Run),
		Priority:              fair(in.City, ordinary),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		StaticSummary:         "matching run " + string(in.Run),
		StaticDetails:         scope(in),
		TypedSearchAttributes: temporal.NewSearchAttributes(attributes...),
	}
}

// Match starts the workflow of a recorded proposal. One that failed may be started again; it goes on from the state in
// which the database has the match.
func (s Starter) Match(ctx context.Context, in activities.Proposal) (Started, error) {
	return s.start(ctx, "Match", client.StartWorkflowOptions{
		ID:                    MatchID(in.MatchRef),
		Priority:              fair(in.City, people),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
		StaticSummary:         proposalSummary(in),
		StaticDetails:         proposalDetails(in),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			AttributeCity.ValueSet(string(in.City)), AttributeRunID.ValueSet(string(in.Match.Run)),
			AttributeCategory.ValueSet(string(in.Match.Leaf)), AttributeWard.ValueSet(in.Ward),
			AttributeStatus.ValueSet(string(city.MatchProposed))),
	}, in.MatchRef)
}

// EconomicValuation starts a valuation. It may be repeated: each adds a record.
func (s Starter) EconomicValuation(ctx context.Context, in activities.ValuationRef) (Started, error) {
	return s.start(ctx, "EconomicValuation", valuationOptions(in), in)
}

func valuationOptions(in activities.ValuationRef) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:                    ValuationID(in),
		Priority:              fair(in.City, bulk),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         fmt.Sprintf("%s value of %s %s", in.Moment, in.Scope, in.ID),
		TypedSearchAttributes: valuationAttributes(in),
	}
}

// PublishEvents starts the publisher of the installation, unless it runs.
func (s Starter) PublishEvents(ctx context.Context) (Started, error) {
	return s.start(ctx, "PublishEvents", client.StartWorkflowOptions{
		ID:                    PublisherID(s.QueuePrefix),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "numbers events and passes them on to listeners",
		TypedSearchAttributes: temporal.NewSearchAttributes(AttributeStatus.ValueSet(string(StatusRunning))),
	})
}

// ProjectGraph starts the projection of events into the graph, unless it is at work already.
func (s Starter) ProjectGraph(ctx context.Context) (Started, error) {
	return s.start(ctx, "ProjectGraph", client.StartWorkflowOptions{
		ID:                    ProjectionID(s.QueuePrefix),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "project events into the graph",
		TypedSearchAttributes: temporal.NewSearchAttributes(AttributeStatus.ValueSet(string(StatusRunning))),
	}, activities.ProjectionState{})
}

// ReconcileGraph starts a comparison of the graph with the rows, and its repair. It may be repeated.
func (s Starter) ReconcileGraph(ctx context.Context, in activities.ReconcileInput) (Started, error) {
	return s.start(ctx, "ReconcileGraph", client.StartWorkflowOptions{
		ID:                    ReconciliationID(s.QueuePrefix),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "reconcile the graph",
		TypedSearchAttributes: temporal.NewSearchAttributes(AttributeStatus.ValueSet(string(StatusRunning))),
	}, in)
}

func (s Starter) start(ctx context.Context, name string, options client.StartWorkflowOptions, in ...any) (Started, error) {
	options.TaskQueue = CityQueue.Name(s.QueuePrefix)
	options.WorkflowIDConflictPolicy = enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING
	run, err := s.Client.ExecuteWorkflow(ctx, options, name, in...)
	var ended *serviceerror.WorkflowExecutionAlreadyStarted
	switch {
	case errors.As(err, &ended):
		return Started{WorkflowID: options.ID}, nil
	case err != nil:
		return Started{}, fmt.Errorf("start workflow %s: %w", options.ID, err)
	}
	return Started{WorkflowID: options.ID, RunID: run.GetRunID()}, nil
}

// ConfirmListing starts asking the holder of a listing.
func (s Starter) ConfirmListing(ctx context.Context, in activities.ConfirmRef) (Started, error) {
	return s.start(ctx, "ConfirmListing", client.StartWorkflowOptions{
		ID:                    ConfirmID(in.City, in.Listing),
		Priority:              fair(in.City, people),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		StaticSummary:         "still there? " + string(in.Listing),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			AttributeCity.ValueSet(string(in.City)), AttributeStatus.ValueSet(string(StatusRunning))),
	}, in)
}
