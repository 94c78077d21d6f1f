package consistency

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// checkRuns reads back every file that a run refers to, and looks for the workflows of those under way.
func checkRuns(ctx context.Context, stores Stores, c postgres.City) ([]postgres.Finding, error) {
	var findings []postgres.Finding
	err := pages(func(page postgres.Page) ([]postgres.Run, string, error) {
		return stores.Database.ListRuns(ctx, c.ID, page)
	}, func(run postgres.Run) error {
		found, err := RunFiles(ctx, stores.Objects, run)
		if err != nil {
			return err
		}
		findings = append(findings, found...)
		if run.State != postgres.RunRunning {
			return nil
		}
		alive, err := running(ctx, stores.Temporal, workflows.RunID(c.ID, run.ID))
		if err != nil || alive {
			return err
		}
		if run, err = stores.Database.Run(ctx, c.ID, run.ID); err != nil || run.State != postgres.RunRunning { // it has just ended
			return err
		}
		findings = append(findings, postgres.Finding{
			Invariant: workingRunHasStory, City: c.ID, Subject: "run " + string(run.ID), Detail: "running, but no workflow is",
		})
		return nil
	})
	return findings, err
}

// RunFiles reads back every file that a run refers to: a finding for each that is lost or is not what was recorded.
func RunFiles(ctx context.Context, objects *blobs.Bucket, run postgres.Run) ([]postgres.Finding, error) {
	var findings []postgres.Finding
	for _, file := range []struct {
		name string
		ref  json.RawMessage
	}{{"snapshot", run.Snapshot}, {"allocation", run.Allocation}, {"certificate", run.Certificate}} {
		if len(file.ref) == 0 {
			continue
		}
		finding := postgres.Finding{Invariant: runFileIntact, City: run.City, Subject: fmt.Sprintf("%s of run %s", file.name, run.ID)}
		var ref blobs.Ref
		if err := json.Unmarshal(file.ref, &ref); err != nil {
			finding.Detail = "its reference cannot be read: " + err.Error()
			findings = append(findings, finding)
			continue
		}
		_, err := objects.Get(ctx, ref)
		switch {
		case errors.Is(err, blobs.ErrNotFound) || errors.Is(err, blobs.ErrDamaged):
			finding.Detail = err.Error()
			findings = append(findings, finding)
		case err != nil:
			return nil, fmt.Errorf("read the %s of run %s: %w", file.name, run.ID, err)
		}
	}
	return findings, nil
}
