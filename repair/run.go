package repair

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// ErrNotRepeatable says that a run computed anew has another result than was recorded, so that its files cannot be restored.
var ErrNotRepeatable = errors.New("computed anew it is something else")

// RestoreRun puts back those of a run's files that are lost or changed, and names them. They are computed anew from the
// snapshot, in a folder of this machine: the engine gives the same result to the bit wherever it runs, so a file whose
// hash is the recorded one is the file. A damaged snapshot cannot be had so: it is an error that wraps blobs.ErrDamaged or
// blobs.ErrNotFound, and so is the basis that the run began with, where there was one.
func RestoreRun(ctx context.Context, store *postgres.Store, objects *blobs.Bucket, run postgres.Run) ([]string, error) {
	damaged, err := damagedFiles(ctx, objects, run)
	if err != nil || len(damaged) == 0 {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "crg-restore-")
	if err != nil {
		return nil, fmt.Errorf("a folder to compute in: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	scratch, err := blobs.Open(ctx, "file://"+folder)
	if err != nil {
		return nil, err
	}
	defer func() { _ = scratch.Close() }()
	in, err := fetch(ctx, store, objects, scratch, run)
	if err != nil {
		return nil, err
	}
	if err := compute(ctx, scratch, in); err != nil {
		return nil, fmt.Errorf("compute run %s anew: %w", run.ID, err)
	}
	var restored []string
	for _, ref := range damaged {
		content, err := scratch.Get(ctx, ref)
		if errors.Is(err, blobs.ErrNotFound) { // its key holds its hash
			return restored, fmt.Errorf("%s of run %s, by engine %s: %w", ref.Key, run.ID, run.EngineVersion, ErrNotRepeatable)
		}
		if err != nil {
			return restored, err
		}
		if err := objects.Replace(ctx, ref, content); err != nil {
			return restored, err
		}
		restored = append(restored, ref.Key)
	}
	return restored, nil
}

// damagedFiles are those that can be computed anew.
func damagedFiles(ctx context.Context, objects *blobs.Bucket, run postgres.Run) ([]blobs.Ref, error) {
	var damaged []blobs.Ref
	for _, reference := range []json.RawMessage{run.Allocation, run.Certificate} {
		if len(reference) == 0 {
			return nil, fmt.Errorf("run %s is %s: %w", run.ID, run.State, activities.ErrNoRunFiles)
		}
		var ref blobs.Ref
		if err := json.Unmarshal(reference, &ref); err != nil {
			return nil, fmt.Errorf("run %s: its reference to a file: %w", run.ID, err)
		}
		_, err := objects.Get(ctx, ref)
		switch {
		case errors.Is(err, blobs.ErrNotFound), errors.Is(err, blobs.ErrDamaged):
			damaged = append(damaged, ref)
		case err != nil:
			return nil, err
		}
	}
	return damaged, nil
}

// fetch copies what a run began with.
func fetch(ctx context.Context, store *postgres.Store, objects, scratch *blobs.Bucket, run postgres.Run) (activities.Snapshot, error) {
	in := activities.Snapshot{RunRef: activities.RunRef{City: run.City, Run: run.ID, Ward: run.Scope.Ward, Leaves: run.Scope.Leaves}}
	var err error
	if in.Blob, err = take(ctx, objects, scratch, run.Snapshot); err != nil {
		return in, fmt.Errorf("the snapshot of run %s: %w", run.ID, err)
	}
	if run.Recurrence.From == "" {
		return in, nil
	}
	before, err := store.Run(ctx, run.City, run.Recurrence.From)
	if err != nil {
		return in, err
	}
	in.From = before.ID
	if in.Basis, err = take(ctx, objects, scratch, before.Basis); err != nil && run.Recurrence.Warm {
		return in, fmt.Errorf("the basis of run %s, with which run %s began: %w", before.ID, run.ID, err)
	}
	return in, nil
}

func take(ctx context.Context, from, to *blobs.Bucket, reference json.RawMessage) (blobs.Ref, error) {
	var ref blobs.Ref
	if err := json.Unmarshal(reference, &ref); err != nil {
		return ref, err
	}
	content, err := from.Get(ctx, ref)
	if err != nil {
		return ref, err
	}
	return to.Put(ctx, ref.Key, content)
}

// compute does what the workflow of a run has the engine do.
func compute(ctx context.Context, scratch *blobs.Bucket, in activities.Snapshot) error {
	engine := activities.Engine{Store: unrecorded{}, Objects: scratch}
	plan, err := engine.PlanShards(ctx, in)
	if err != nil {
		return err
	}
	for shard := range plan.Shards {
		if _, err := engine.SolveShard(ctx, activities.SolveShardInput{Plan: plan, Shard: shard}); err != nil {
			return err
		}
	}
	_, err = engine.VerifyRun(ctx, activities.VerifyRunInput{Plan: plan})
	return err
}

// unrecorded is an engine's store that leaves the run's row as it is.
type unrecorded struct{}

// UpdateRun writes nothing.
func (unrecorded) UpdateRun(context.Context, city.ID, city.RunID, postgres.RunUpdate) error {
	return nil
}
