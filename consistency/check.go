package consistency

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
)

// Names of the invariants across stores; those within PostgreSQL are postgres.InvariantNames.
const (
	runFileIntact         = "run-file-intact"             // what a run refers to lies in object storage with its size and hash
	openMatchHasWorkflow  = "open-match-has-workflow"     // a match that is not over has a workflow that carries it on
	endedMatchAtRest      = "ended-match-is-at-rest"      // the workflow of a match that is over ends soon after
	workingRunHasStory    = "working-run-has-workflow"    // a run that is under way has a workflow
	workingImportHasStory = "working-import-has-workflow" // so has an import
	applicantHasWorkflow  = "applicant-has-workflow"      // and everybody who waits to be taken in
	graphEqualsRows       = "graph-equals-rows"           // the graph holds what the rows say, a minute after the last change
)

// Stores are what is compared.
type Stores struct {
	Database *postgres.Store
	Objects  *blobs.Bucket
	Temporal client.Client
	Graph    *graph.Graph // nil = this installation has none
	// Quiet is how long a change may be on its way to the graph before it is a finding; 0 = a minute.
	Quiet time.Duration
}

// Report is the result: what was checked and what breaks it.
type Report struct {
	Invariants []string           `json:"invariants"`
	Findings   []postgres.Finding `json:"findings"`
}

// Check verifies every invariant and returns what it found; an error means that a store could not be asked.
func Check(ctx context.Context, stores Stores) (Report, error) {
	report := Report{
		Invariants: append(postgres.InvariantNames(), runFileIntact, openMatchHasWorkflow, endedMatchAtRest, workingRunHasStory,
			workingImportHasStory, applicantHasWorkflow, graphEqualsRows),
		Findings: []postgres.Finding{},
	}
	found, err := stores.Database.Invariants(ctx)
	if err != nil {
		return report, fmt.Errorf("within PostgreSQL: %w", err)
	}
	report.Findings = append(report.Findings, found...)
	cities, err := stores.Database.Cities(ctx)
	if err != nil {
		return report, fmt.Errorf("list the cities: %w", err)
	}
	for _, c := range cities {
		for _, check := range []func(context.Context, Stores, postgres.City) ([]postgres.Finding, error){
			checkRuns, checkOpenMatches, checkEndedMatches, checkImports, checkApplicants, checkGraph,
		} {
			found, err := check(ctx, stores, c)
			if err != nil {
				return report, fmt.Errorf("city %s: %w", c.ID, err)
			}
			report.Findings = append(report.Findings, found...)
		}
	}
	return report, nil
}

// pages walks a list of the store to its end.
func pages[T any](list func(postgres.Page) ([]T, string, error), visit func(T) error) error {
	for page := (postgres.Page{Limit: 500}); ; {
		items, next, err := list(page)
		if err != nil {
			return err
		}
		for _, item := range items {
			if err := visit(item); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		page.After = next
	}
}
