package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
)

// ErrNoRunFiles says that a run has not left what it is explained from.
var ErrNoRunFiles = errors.New("the run has left no files")

// RunFiles is what a run left in object storage: enough to repeat its proof and to explain it.
type RunFiles struct {
	Snapshot    *candidates.Snapshot
	Proposals   []postgres.Proposal
	Certificate RunCertificate
}

// ReadRunFiles reads back what a completed run stored; sizes and hashes are verified on the way.
func ReadRunFiles(ctx context.Context, objects Objects, run postgres.Run) (RunFiles, error) {
	files := RunFiles{}
	refs := [3]Ref{}
	for i, reference := range []json.RawMessage{run.Snapshot, run.Allocation, run.Certificate} {
		if err := json.Unmarshal(reference, &refs[i]); err != nil {
			return files, fmt.Errorf("run %s is %s: %w", run.ID, run.State, ErrNoRunFiles)
		}
	}
	text, err := getText(ctx, objects, refs[0])
	if err != nil {
		return files, err
	}
	if files.Snapshot, err = candidates.DecodeSnapshot(text); err != nil {
		return files, err
	}
	if err := getJSON(ctx, objects, refs[1], &files.Proposals); err != nil {
		return files, err
	}
	return files, getJSON(ctx, objects, refs[2], &files.Certificate)
}
