package activities

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/valuation"
)

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
			return files, fmt.Errorf("run %s is %s and lacks files: %w", run.ID, run.State, err)
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

// ReadValued reads back what a valuation was computed from: the same matches, rules and seed repeat its figures.
func ReadValued(ctx context.Context, objects Objects, record postgres.Valuation) ([]valuation.Match, []city.Rule, error) {
	var ref Ref
	if err := json.Unmarshal(record.Inputs, &ref); err != nil {
		return nil, nil, fmt.Errorf("inputs of valuation %s: %w", record.ID, err)
	}
	var frozen inputs
	if err := getJSON(ctx, objects, ref, &frozen); err != nil {
		return nil, nil, err
	}
	return frozen.Matches, frozen.Rules, nil
}
