package workflows

import (
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// RunProgress is what the query progress of a run answers.
type RunProgress struct {
	Step   string `json:"step"`
	Shards int    `json:"shards"`
	Solved int    `json:"solved"`
	activities.RunSummary
}

// MatchingRun matches what a city has open: it freezes a snapshot, finds the candidates, solves the components in
// parallel, has the certificate verified by code that shares nothing with the solver, records the proposals with their
// holds in one write, starts a Match for each, and states what they are worth if all goes well.
func MatchingRun(ctx workflow.Context, in activities.RunRef) (activities.RunSummary, error) {
	r := &matchingRun{ref: in}
	ctx, cancel := workflow.WithCancel(ctx)
	if err := r.setup(ctx, cancel); err != nil {
		return activities.RunSummary{}, err
	}
	err := r.run(ctx)
	return r.progress.RunSummary, closeStatus(ctx, err)
}

type matchingRun struct {
	ref      activities.RunRef
	progress RunProgress
	started  bool // every Match was
}

func (r *matchingRun) setup(ctx workflow.Context, cancel workflow.CancelFunc) error {
	workflow.Go(ctx, func(ctx workflow.Context) {
		workflow.GetSignalChannel(ctx, SignalCancel).Receive(ctx, nil)
		cancel()
	})
	return workflow.SetQueryHandlerWithOptions(ctx, QueryProgress, func() (RunProgress, error) { return r.progress, nil },
		workflow.QueryHandlerOptions{Description: "the step that the run is at, and its counts so far"})
}

func (r *matchingRun) run(ctx workflow.Context) error {
	err := r.story(ctx)
	if err != nil {
		r.giveUp(ctx, err)
	}
	return err
}

func (r *matchingRun) story(ctx workflow.Context) error {
	r.at(ctx, "freeze the snapshot")
	snapshot, err := lastingly(ctx, r.progress.Step, runs.FreezeSnapshot, r.ref)
	if err != nil {
		return err
	}
	r.progress.Resources, r.progress.Needs = snapshot.Resources, snapshot.Needs
	if snapshot, err = r.priceFloors(ctx, snapshot); err != nil {
		return err
	}

	r.at(ctx, "find candidates, pack components into shards")
	plan, err := heavily(ctx, r.progress.Step, engine.PlanShards, snapshot)
	if err != nil {
		return err
	}
	r.progress.Candidates, r.progress.Shards = plan.Candidates, plan.Shards

	r.at(ctx, "solve the shards")
	begin := workflow.Now(ctx)
	if err := r.solve(ctx, plan); err != nil {
		return err
	}

	r.at(ctx, "verify the certificate")
	proven, err := heavily(ctx, r.progress.Step, engine.VerifyRun,
		activities.VerifyRunInput{Plan: plan, SolveSeconds: workflow.Now(ctx).Sub(begin).Seconds()})
	if err != nil {
		return err
	}
	r.progress.Proof, r.progress.Recurrence, r.progress.Fairness = proven.Proof, proven.Recurrence, proven.Kept

	r.at(ctx, "record proposals and their holds")
	recorded, err := lastingly(ctx, r.progress.Step, runs.RecordProposals, proven)
	if err != nil {
		return err
	}
	r.progress.Recorded, r.progress.Skipped, r.progress.Inactive = recorded.Recorded, recorded.Skipped, recorded.Inactive
	r.progress.Recurrence.Superseded = recorded.Superseded

	r.at(ctx, fmt.Sprintf("start %d matches", recorded.Recorded))
	if _, err := lastingly(ctx, r.progress.Step, starts.StartMatches, r.ref); err != nil {
		return err
	}
	r.started = true
	if err := r.stopSuperseded(ctx); err != nil {
		return err
	}

	r.at(ctx, "value ex-ante")
	r.progress.Value, err = r.value(ctx)
	switch {
	case err != nil && ctx.Err() != nil: // the run was cancelled, not its valuation alone
		return ctx.Err()
	case err != nil: // the matches stand and go on; their value can be asked for again
		r.progress.Unvalued = "its value could not be stated: " + reasonOf(err)
	}
	_, err = steadily(ctx, "finish the run", runs.FinishRun,
		activities.FinishRunInput{RunRef: r.ref, State: activities.RunCompleted, Reason: r.progress.Unvalued})
	r.at(ctx, "done")
	return err
}

// priceFloors finds the bonuses that keep the floors of a run. A run that has none has the history that runs had
// before there were floors.
func (r *matchingRun) priceFloors(ctx workflow.Context, snapshot activities.Snapshot) (activities.Snapshot, error) {
	if !hasFloors(r.ref, snapshot) {
		return snapshot, nil
	}
	r.at(ctx, "find the price of the floors")
	priced, err := heavily(ctx, r.progress.Step, engine.PriceFloors, snapshot)
	if err == nil && priced.Priced != nil {
		r.progress.Fairness = &activities.Fairness{Floors: priced.Priced.Floors}
	}
	return priced, err
}

// solve has every shard solved; how many at a time is up to the slots of the queue matching.
func (r *matchingRun) solve(ctx workflow.Context, plan activities.Plan) error {
	ctx, stop := workflow.WithCancel(ctx)
	defer stop()
	var failed error
	selector := workflow.NewSelector(ctx)
	for shard := range plan.Shards {
		options := heavy(ctx, fmt.Sprintf("solve shard %d of %d", shard+1, plan.Shards))
		future := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), engine.SolveShard,
			activities.SolveShardInput{Plan: plan, Shard: shard})
		selector.AddFuture(future, func(f workflow.Future) {
			failed = f.Get(ctx, nil)
			r.progress.Solved++
		})
	}
	for r.progress.Solved < plan.Shards && failed == nil {
		selector.Select(ctx)
		r.show(ctx)
	}
	return failed
}

// stopSuperseded ends the workflows of the open proposals that the run replaced.
func (r *matchingRun) stopSuperseded(ctx workflow.Context) error {
	replaced := r.progress.Recurrence.Superseded
	if replaced == 0 {
		return nil
	}
	r.at(ctx, fmt.Sprintf("end %d open proposals of earlier runs that these replace", replaced))
	_, err := lastingly(ctx, r.progress.Step, starts.StopSuperseded, r.ref)
	return err
}

func (r *matchingRun) value(ctx workflow.Context) (activities.ValuationResult, error) {
	in := activities.ValuationRef{City: r.ref.City, Scope: activities.ScopeRun, ID: string(r.ref.Run), Moment: activities.ExAnte}
	options := valuationOptions(in)
	var result activities.ValuationResult
	err := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            options.ID,
		WorkflowIDReusePolicy: options.WorkflowIDReusePolicy,
		ParentClosePolicy:     enums.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		StaticSummary:         options.StaticSummary,
		TypedSearchAttributes: options.TypedSearchAttributes,
	}), EconomicValuation, in).Get(ctx, &result)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return result, nil // somebody else values this run at this moment
	}
	return result, err
}

// giveUp compensates. A run that was cancelled takes back the proposals that nobody has approved; so does one that
// failed before all its matches were started.
func (r *matchingRun) giveUp(ctx workflow.Context, cause error) {
	ctx = compensation(ctx)
	state := activities.RunFailed
	if temporal.IsCanceledError(cause) {
		state = activities.RunCancelled
	}
	reason := reasonOf(cause)
	r.at(ctx, fmt.Sprintf("%s: %s", state, reason))
	logger := workflow.GetLogger(ctx)
	if state == activities.RunCancelled || !r.started {
		if _, err := lastingly(ctx, "take back open proposals", starts.WithdrawProposals, r.ref); err != nil {
			logger.Error("proposals could not be taken back", "error", err)
		}
		if err := r.stopSuperseded(ctx); err != nil {
			logger.Error("the matches that were replaced could not be ended", "error", err)
		}
	}
	if _, err := steadily(ctx, "record the end", runs.FinishRun, activities.FinishRunInput{
		RunRef: r.ref, State: state, Reason: reason,
	}); err != nil {
		logger.Error("the end of the run could not be recorded", "error", err)
	}
}

func (r *matchingRun) at(ctx workflow.Context, step string) {
	r.progress.Step = step
	r.show(ctx)
}

func (r *matchingRun) show(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, r.progress.markdown())
}
