package workflows

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
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

// patient is how long the server is asked before a caller hears of it: a start of the whole stack takes some seconds.
const patient = 20 * time.Second

// RegisterSearchAttributes makes the attributes known to the namespace and returns when a workflow can use them. It may
// run in every process at every start, and add those that are new to an older namespace.
func RegisterSearchAttributes(ctx context.Context, c client.Client, namespace string) error {
	err := retryFor(ctx, patient, func() error { return addSearchAttributes(ctx, c.OperatorService(), namespace) })
	if err != nil {
		return fmt.Errorf("register the search attributes in namespace %s: %w", namespace, err)
	}
	// The server caches the attributes: a query that names one is refused until it has seen it.
	var uses []string
	for _, name := range attributeNames() {
		uses = append(uses, name+" = 'x'")
	}
	err = retryFor(ctx, patient, func() error {
		_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
			Namespace: namespace, Query: strings.Join(uses, " AND "),
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("wait for the search attributes in namespace %s: %w", namespace, err)
	}
	return nil
}

func attributeNames() []string {
	var names []string
	for _, key := range []temporal.SearchAttributeKeyKeyword{AttributeCity, AttributeCategory, AttributeWard, AttributeStatus, AttributeRunID} {
		names = append(names, key.GetName())
	}
	return names
}

// addSearchAttributes adds those that the namespace does not have yet.
func addSearchAttributes(ctx context.Context, operator operatorservice.OperatorServiceClient, namespace string) error {
	there, err := operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return err
	}
	missing := map[string]enums.IndexedValueType{}
	for _, name := range attributeNames() {
		if _, ok := there.GetCustomAttributes()[name]; !ok {
			missing[name] = enums.INDEXED_VALUE_TYPE_KEYWORD
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = operator.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing})
	return err // where another process was faster, the next attempt finds them
}

// retryFor repeats attempt, a little later each time, until it succeeds or the limit has passed.
func retryFor(ctx context.Context, limit time.Duration, attempt func() error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
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
