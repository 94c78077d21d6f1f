package workflows

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
)

// ErrOver is returned for a signal to a workflow that has ended or was never started.
var ErrOver = activities.ErrOver

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

// ImportDataset starts an import. An import is one attempt: to repeat it takes a new id, and what was loaded is unchanged
// then.
func (s Starter) ImportDataset(ctx context.Context, in activities.ImportRef) (Started, error) {
	return s.start(ctx, "ImportDataset", client.StartWorkflowOptions{
		ID:                    ImportID(in.City, in.Import),
		Priority:              fair(in.City, bulk),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		StaticSummary:         "import " + in.Profile,
		StaticDetails:         "from " + in.Source,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			AttributeCity.ValueSet(string(in.City)), AttributeStatus.ValueSet(string(StatusRunning))),
	}, in)
}

// OnboardParticipant starts the onboarding of an applicant whose row exists.
func (s Starter) OnboardParticipant(ctx context.Context, in activities.ApplicantRef) (Started, error) {
	return s.start(ctx, "OnboardParticipant", client.StartWorkflowOptions{
		ID:                    OnboardingID(in.City, in.Participant),
		Priority:              fair(in.City, people),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY,
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

// PauseProjection stops projection, or lets it go on.
func (s Starter) PauseProjection(ctx context.Context, paused bool) error {
	return s.signal(ctx, ProjectionID(s.QueuePrefix), SignalPause, paused)
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

// SignalAnswered tells the workflow that asks about a listing that there is an answer.
func (s Starter) SignalAnswered(ctx context.Context, c city.ID, listing city.ListingID) error {
	return s.signal(ctx, ConfirmID(c, listing), SignalAnswered, nil)
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

// CancelRun stops a run and takes back those of its proposals that nobody has approved yet.
func (s Starter) CancelRun(ctx context.Context, c city.ID, run city.RunID) error {
	return s.signal(ctx, RunID(c, run), SignalCancel, nil)
}

// CancelMatch stops the workflow of a match, which releases its hold.
func (s Starter) CancelMatch(ctx context.Context, ref activities.MatchRef) error {
	return over(MatchID(ref), s.Client.CancelWorkflow(ctx, MatchID(ref), ""))
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

// Link is the page of a workflow in the Web UI.
func Link(webUI, namespace, workflowID string) string {
	return strings.TrimSuffix(webUI, "/") + "/namespaces/" + url.PathEscape(namespace) + "/workflows/" + url.PathEscape(workflowID)
}

// scope says what a run looks at.
func scope(in activities.RunRef) string {
	text := "the whole city"
	if in.Ward != "" {
		text = "ward " + in.Ward
	}
	for i, leaf := range in.Leaves {
		text += []string{", only ", ", "}[min(i, 1)] + string(leaf)
	}
	return text
}

// proposalDetails says between whom a match is, by their ids.
func proposalDetails(p activities.Proposal) string {
	text := fmt.Sprintf("from `%s` to `%s`", p.Resource, p.Need)
	if p.AlternativeOf != nil {
		text += fmt.Sprintf("\n\nin place of `%s`", p.AlternativeOf)
	}
	return text
}

// proposalSummary says what a match is, such as "250 kg grocery-mixed, 1.2 km, $477".
func proposalSummary(p activities.Proposal) string {
	_, name, _ := strings.Cut(string(p.Match.Leaf), ".")
	amount := city.FormatMinor(p.ExpectedMinor, p.Currency)
	if whole, _, _ := strings.Cut(amount, "."); len(whole) > 2 { // cents matter below a hundred
		amount = whole
	}
	if p.Currency == "USD" {
		amount = "$" + amount
	} else {
		amount += " " + string(p.Currency)
	}
	kilometres := strconv.FormatFloat(float64(p.DistanceMetres)/1000, 'f', 1, 64)
	return fmt.Sprintf("%d %s %s, %s km, %s", p.Quantity, p.Unit, name, kilometres, amount)
}
