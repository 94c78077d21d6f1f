package workflows

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// The search attributes, by which the Web UI filters.
var (
	AttributeCity     = temporal.NewSearchAttributeKeyKeyword("CrgCity")
	AttributeCategory = temporal.NewSearchAttributeKeyKeyword("CrgCategory")
	AttributeWard     = temporal.NewSearchAttributeKeyKeyword("CrgWard")
	AttributeStatus   = temporal.NewSearchAttributeKeyKeyword("CrgStatus")
	AttributeRunID    = temporal.NewSearchAttributeKeyKeyword("CrgRunId")
)

// Status is a word of CrgStatus: the state of the match or participant that the workflow carries, or one of these.
type Status string

// Words of CrgStatus for workflows that carry neither.
const (
	StatusRunning   Status = "running"
	StatusDone      Status = "done"
	StatusCancelled Status = "cancelled"
	StatusFailed    Status = "failed"
)

// upsertStatus shows a change of status; each costs an event and a write to the list of workflows.
func upsertStatus(ctx workflow.Context, status Status) error {
	if shown, ok := workflow.GetTypedSearchAttributes(ctx).GetKeyword(AttributeStatus); ok && shown == string(status) {
		return nil
	}
	return workflow.UpsertTypedSearchAttributes(ctx, AttributeStatus.ValueSet(string(status)))
}

// RegisterSearchAttributes makes the attributes known to the namespace and returns when a workflow can use them. It may
// run in every process at every start.
func RegisterSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	keyword := enums.INDEXED_VALUE_TYPE_KEYWORD
	wanted := map[string]enums.IndexedValueType{
		AttributeCity.GetName(): keyword, AttributeCategory.GetName(): keyword, AttributeWard.GetName(): keyword,
		AttributeStatus.GetName(): keyword, AttributeRunID.GetName(): keyword,
	}
	err := retryFor(ctx, time.Minute, func() error {
		_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
			Namespace: namespace, SearchAttributes: wanted,
		})
		var exists *serviceerror.AlreadyExists
		if errors.As(err, &exists) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("register the search attributes in namespace %s: %w", namespace, err)
	}
	// The server caches the attributes: a query that names one is refused until it has seen it.
	err = retryFor(ctx, 2*time.Minute, func() error {
		_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: namespace, Query: fmt.Sprintf("%s = 'x' AND %s = 'x'", AttributeCity.GetName(), AttributeRunID.GetName()),
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("wait for the search attributes in namespace %s: %w", namespace, err)
	}
	return nil
}

// retryFor repeats attempt, a little later each time, until it succeeds or patience has passed.
func retryFor(ctx context.Context, patience time.Duration, attempt func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := attempt()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(pause):
		}
	}
}
