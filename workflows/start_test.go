package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workflows"
)

// starting starts a workflow against a client that remembers with which options.
func starting(t *testing.T, start func(s workflows.Starter) (workflows.Started, error)) (options client.StartWorkflowOptions, name string) {
	t.Helper()
	run := &mocks.WorkflowRun{}
	run.On("GetRunID").Return("run-1")
	c := &mocks.Client{}
	c.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).Run(func(args mock.Arguments) {
		options, _ = args.Get(1).(client.StartWorkflowOptions)
		name, _ = args.Get(2).(string)
	}).Return(run, nil)
	started, err := start(workflows.Starter{Client: c, QueuePrefix: "x"})
	require.NoError(t, err)
	require.Equal(t, workflows.Started{WorkflowID: options.ID, RunID: "run-1"}, started)
	return options, name
}

func TestStartsAreIdempotentAndReadLikeAReport(t *testing.T) {
	t.Parallel()
	match := activities.MatchRef{City: "dc", Match: city.MatchID{Run: "2026-11-23-a1b2", Leaf: "food.grocery-mixed", N: 7}}
	for _, test := range []struct {
		start                func(s workflows.Starter) (workflows.Started, error)
		id, summary, details string
	}{
		{
			func(s workflows.Starter) (workflows.Started, error) {
				return s.ImportDataset(t.Context(), activities.ImportRef{City: "dc", Import: "i1", Profile: "dc", Source: "data"})
			},
			"import/dc/i1", "import dc", "from data",
		},
		{
			func(s workflows.Starter) (workflows.Started, error) {
				return s.OnboardParticipant(t.Context(), activities.ApplicantRef{City: "dc", Participant: "hotels.17", Flag: "two addresses"})
			},
			"onboarding/dc/hotels.17", "onboard hotels.17", "two addresses",
		},
		{
			func(s workflows.Starter) (workflows.Started, error) {
				return s.ReviewApplicant(t.Context(), activities.ApplicantRef{City: "dc", Participant: "hotels.18", Flag: "no place"})
			},
			"onboarding/dc/hotels.18", "onboard hotels.18", "no place",
		},
		{
			func(s workflows.Starter) (workflows.Started, error) {
				return s.MatchingRun(t.Context(), activities.RunRef{City: "dc", Run: "r1", Ward: "6", Leaves: []city.Leaf{"food.produce", "goods.furniture"}})
			},
			"matching-run/dc/r1", "matching run r1", "ward 6, only food.produce, goods.furniture",
		},
		{
			func(s workflows.Starter) (workflows.Started, error) {
				return s.Match(t.Context(), activities.Proposal{
					MatchRef: match, Resource: "grocery-stores.1.food", Need: "pantries.2.food", Ward: "6", Quantity: 250, Unit: city.Kilogram,
					DistanceMetres: 1180, ExpectedMinor: 47_761, Currency: "USD",
				})
			},
			"match/dc/2026-11-23-a1b2/food.grocery-mixed/7", "250 kg grocery-mixed, 1.2 km, $477",
			"from `grocery-stores.1.food` to `pantries.2.food`",
		},
		{
			func(s workflows.Starter) (workflows.Started, error) {
				return s.EconomicValuation(t.Context(), activities.ValuationRef{City: "dc", Scope: activities.ScopeRun, ID: "r1", Moment: activities.ExAnte})
			},
			"valuation/dc/run/r1/ex_ante", "ex_ante value of run r1", "",
		},
	} {
		t.Run(test.id, func(t *testing.T) {
			t.Parallel()
			options, name := starting(t, test.start)
			require.Equal(t, test.id, options.ID)
			require.Equal(t, test.summary, options.StaticSummary)
			require.Equal(t, test.details, options.StaticDetails)
			require.Equal(t, "x-city", options.TaskQueue)
			require.Equal(t, enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING, options.WorkflowIDConflictPolicy)
			require.NotEqual(t, enums.WORKFLOW_ID_REUSE_POLICY_UNSPECIFIED, options.WorkflowIDReusePolicy)
			place, _ := options.TypedSearchAttributes.GetKeyword(workflows.AttributeCity)
			require.Equal(t, "dc", place)
			var names []string
			for _, r := range workflows.Registrations() {
				names = append(names, r.Name)
			}
			require.Contains(t, names, name)
		})
	}
}

func TestStartingWhatHasEndedIsSuccess(t *testing.T) {
	t.Parallel()
	c := &mocks.Client{}
	c.On("ExecuteWorkflow", mock.Anything, mock.Anything, mock.Anything, mock.Anything).
		Return(nil, serviceerror.NewWorkflowExecutionAlreadyStarted("ended", "", "run-0"))
	started, err := workflows.Starter{Client: c}.MatchingRun(t.Context(), activities.RunRef{City: "dc", Run: "r1"})
	require.NoError(t, err)
	require.Equal(t, workflows.Started{WorkflowID: "matching-run/dc/r1"}, started)
}

func TestSignalsToWhatIsOver(t *testing.T) {
	t.Parallel()
	c := &mocks.Client{}
	c.On("SignalWorkflow", mock.Anything, mock.Anything, "", mock.Anything, mock.Anything).Return(serviceerror.NewNotFound("no such workflow"))
	c.On("CancelWorkflow", mock.Anything, mock.Anything, "").Return(serviceerror.NewNotFound("no such workflow"))
	s := workflows.Starter{Client: c}
	ref := activities.MatchRef{City: "dc", Match: city.MatchID{Run: "r1", Leaf: "food.produce", N: 1}}
	require.ErrorIs(t, s.SignalDecision(t.Context(), ref, city.DecisionApprove, "d1"), workflows.ErrOver)
	require.ErrorIs(t, s.CancelMatch(t.Context(), ref), workflows.ErrOver)
	require.ErrorIs(t, s.CancelRun(t.Context(), "dc", "r1"), workflows.ErrOver)
	require.ErrorContains(t, s.SignalDecision(t.Context(), ref, city.DecisionReviewAccept, "d1"), "no signal of a match announces it")
}

func TestLink(t *testing.T) {
	t.Parallel()
	require.Equal(t, "http://127.0.0.1:8233/namespaces/default/workflows/match%2Fdc%2Fr1%2Ffood.produce%2F1",
		workflows.Link("http://127.0.0.1:8233/", "default", "match/dc/r1/food.produce/1"))
}
