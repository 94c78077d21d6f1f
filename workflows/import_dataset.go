package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// ImportProgress is what the query progress of an import answers.
type ImportProgress struct {
	Step     string `json:"step"`
	Datasets int    `json:"datasets"`
	Loaded   int    `json:"loaded"`
	activities.ImportCounts
}

// ImportDataset reads a city's data files through its mapping profiles: it plans the batches and refuses files that are
// broken before anything is loaded, then loads the data sets side by side. Every row ends as a listing, a fact,
// unchanged or rejected with its reason; participants whom a person has to look at get an OnboardParticipant each.
func ImportDataset(ctx workflow.Context, in activities.ImportRef) (activities.ImportCounts, error) {
	i := &importDataset{ref: in}
	if err := i.setup(ctx); err != nil {
		return activities.ImportCounts{}, err
	}
	err := i.run(ctx)
	return i.progress.ImportCounts, closeStatus(ctx, err)
}

type importDataset struct {
	ref      activities.ImportRef
	progress ImportProgress
}

func (i *importDataset) setup(ctx workflow.Context) error {
	return workflow.SetQueryHandlerWithOptions(ctx, QueryProgress, func() (ImportProgress, error) { return i.progress, nil },
		workflow.QueryHandlerOptions{Description: "the step that the import is at, and its counts so far"})
}

func (i *importDataset) run(ctx workflow.Context) error {
	err := i.story(ctx)
	if err != nil {
		i.giveUp(ctx, err)
	}
	return err
}

func (i *importDataset) story(ctx workflow.Context) error {
	i.at(ctx, "plan the batches")
	plan, err := lastingly(ctx, i.progress.Step, imports.PlanImport, i.ref)
	if err != nil {
		return err
	}
	for _, step := range plan.Datasets {
		i.progress.Datasets += 1 + len(step.And)
	}

	i.at(ctx, fmt.Sprintf("load %d rows", plan.Rows))
	if err := i.load(ctx, plan); err != nil {
		return err
	}
	_, err = steadily(ctx, "finish the import", imports.FinishImport,
		activities.FinishImportInput{ImportRef: i.ref, State: activities.ImportCompleted})
	i.at(ctx, "done")
	return err
}

// sideBySide is how many steps of one import load at a time: enough to keep the database busy, few enough to
// leave connections to others. The batches of one data set follow each other, so that a repeated key is always
// refused in the same row.
const sideBySide = 4

func (i *importDataset) load(ctx workflow.Context, plan activities.ImportPlan) error {
	ctx, stop := workflow.WithCancel(ctx)
	defer stop()
	var failed error
	next, done := 0, 0
	selector := workflow.NewSelector(ctx)
	start := func() {
		set := plan.Datasets[next]
		next++
		future := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, lasting(loading(set))), imports.LoadDataset,
			activities.LoadDatasetInput{ImportRef: i.ref, Plan: plan.Blob, Dataset: set.Dataset, And: set.And})
		selector.AddFuture(future, func(f workflow.Future) {
			var counts activities.ImportCounts
			failed = f.Get(ctx, &counts)
			i.progress.ImportCounts = i.progress.Add(counts)
			i.progress.Loaded += 1 + len(set.And)
			done++
		})
	}
	for next < min(sideBySide, len(plan.Datasets)) {
		start()
	}
	for done < len(plan.Datasets) && failed == nil {
		selector.Select(ctx)
		i.show(ctx)
		if next < len(plan.Datasets) && failed == nil {
			start()
		}
	}
	return failed
}

// loading is the summary of a step: "load libraries and 7 more, 612 rows".
func loading(set activities.DatasetPlan) string {
	more := ""
	if len(set.And) > 0 {
		more = fmt.Sprintf(" and %d more", len(set.And))
	}
	return fmt.Sprintf("load %s%s, %d rows", set.Dataset, more, set.Rows)
}

// giveUp records the end. What was loaded stays: each batch is whole, and the next import of the same files goes on
// from it.
func (i *importDataset) giveUp(ctx workflow.Context, cause error) {
	ctx = compensation(ctx)
	state := activities.ImportFailed
	if temporal.IsCanceledError(cause) {
		state = activities.ImportCancelled
	}
	i.at(ctx, string(state)+": "+reasonOf(cause))
	if _, err := steadily(ctx, "record the end", imports.FinishImport, activities.FinishImportInput{
		ImportRef: i.ref, State: state, Reason: reasonOf(cause),
	}); err != nil {
		workflow.GetLogger(ctx).Error("the end of the import could not be recorded", "error", err)
	}
}

func (i *importDataset) at(ctx workflow.Context, step string) {
	i.progress.Step = step
	i.show(ctx)
}

func (i *importDataset) show(ctx workflow.Context) {
	p := i.progress
	workflow.SetCurrentDetails(ctx, fmt.Sprintf(
		"**%s**\n\n%d of %d data sets; %d rows read: %d listings, %d facts, %d unchanged, %d rejected, %d to review",
		p.Step, p.Loaded, p.Datasets, p.Read, p.Listing, p.PlaceFact+p.History+p.PriceEvidence, p.Unchanged, p.Rejected, p.Flagged))
}
