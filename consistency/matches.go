package consistency

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// settling is how long a workflow may go on after its match ended: it values a confirmed one and offers the next best
// alternative for the others.
const settling = 10 * time.Minute

// checkOpenMatches looks for the workflow of every match that is not over. One whose run is still under way may not have
// been started yet.
func checkOpenMatches(ctx context.Context, stores Stores, c postgres.City) ([]postgres.Finding, error) {
	var findings []postgres.Finding
	starting := map[city.RunID]bool{}
	for state := range city.MatchTransitions() {
		if !state.Holds() {
			continue
		}
		err := pages(func(page postgres.Page) ([]postgres.Match, string, error) {
			return stores.Database.ListMatches(ctx, c.ID, postgres.MatchFilter{State: state}, page)
		}, func(m postgres.Match) error {
			alive, err := running(ctx, stores.Temporal, matchWorkflow(m))
			if err != nil || alive {
				return err
			}
			if working, err := stillStarting(ctx, stores.Database, c.ID, m.ID.Run, starting); err != nil || working {
				return err
			}
			findings = append(findings, postgres.Finding{
				Invariant: openMatchHasWorkflow, City: c.ID, Subject: "match " + m.ID.String(),
				Detail: fmt.Sprintf("%s, but no workflow carries it on", m.State),
			})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return findings, nil
}

// stillStarting reports whether a run is under way, asking once for each run.
func stillStarting(ctx context.Context, store *postgres.Store, c city.ID, id city.RunID, known map[city.RunID]bool) (bool, error) {
	working, asked := known[id]
	if asked {
		return working, nil
	}
	run, err := store.Run(ctx, c, id)
	if err != nil {
		return false, err
	}
	known[id] = run.State == postgres.RunRunning
	return known[id], nil
}

// checkEndedMatches looks for workflows that go on long after their match ended, or whose match does not exist. The list
// of running workflows may lag behind, so that what it names is looked at once more.
func checkEndedMatches(ctx context.Context, stores Stores, c postgres.City) ([]postgres.Finding, error) {
	var findings []postgres.Finding
	query := fmt.Sprintf("WorkflowType = 'Match' AND ExecutionStatus = 'Running' AND %s = '%s'", workflows.AttributeCity.GetName(), c.ID)
	for token := []byte(nil); ; {
		page, err := stores.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: query, NextPageToken: token})
		if err != nil {
			return nil, fmt.Errorf("list the running matches: %w", err)
		}
		for _, execution := range page.GetExecutions() {
			finding, err := checkRunning(ctx, stores, c, execution.GetExecution().GetWorkflowId())
			if err != nil {
				return nil, err
			}
			if finding != nil {
				findings = append(findings, *finding)
			}
		}
		if token = page.GetNextPageToken(); len(token) == 0 {
			return findings, nil
		}
	}
}

// checkRunning is the finding about one workflow that was listed as running; nil when all is well.
func checkRunning(ctx context.Context, stores Stores, c postgres.City, workflowID string) (*postgres.Finding, error) {
	text := strings.TrimPrefix(workflowID, "match/"+string(c.ID)+"/")
	finding := &postgres.Finding{Invariant: endedMatchAtRest, City: c.ID, Subject: "workflow " + workflowID}
	id, malformed := city.ParseMatchID(strings.ReplaceAll(text, "/", ":"))
	if malformed != nil {
		finding.Detail = malformed.Error()
		return finding, nil //nolint:nilerr // a workflow with a malformed id is a finding, not a failure of the check
	}
	m, err := stores.Database.Match(ctx, c.ID, id)
	missing := errors.Is(err, postgres.ErrNotFound)
	if err != nil && !missing {
		return nil, err
	}
	switch {
	case missing:
		finding.Detail = "it runs, but its match is not in the database"
	case m.EndedAt == nil || c.Clock.Wait(c.Clock.Now(time.Now()).Sub(*m.EndedAt)) < settling:
		return nil, nil
	default:
		finding.Detail = fmt.Sprintf("it still runs, but its match is %s", m.State)
	}
	if alive, err := running(ctx, stores.Temporal, workflowID); err != nil || !alive {
		return nil, err
	}
	return finding, nil
}

func matchWorkflow(m postgres.Match) string {
	return workflows.MatchID(activities.MatchRef{City: m.City, Match: m.ID})
}

// running reports whether an execution under this id is open.
func running(ctx context.Context, temporal client.Client, id string) (bool, error) {
	described, err := temporal.DescribeWorkflowExecution(ctx, id, "")
	var unknown *serviceerror.NotFound
	switch {
	case errors.As(err, &unknown):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("describe workflow %s: %w", id, err)
	}
	return described.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}
