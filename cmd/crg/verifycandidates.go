package main

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// keptReport is what a run's floors come to: repeated from its snapshot and allocation.
type keptReport struct {
	Floors []candidates.KeptFloor `json:"floors"`
	Net    candidates.NetProof    `json:"net"`
}

// verifyCandidates checks a verified result folder against the snapshot that its input was made from. Where that has
// floors, it says what they come to; one that is not kept is an error.
func verifyCandidates(ctx context.Context, dir string, files edgelist.Files, path string) (*keptReport, error) {
	in, solution, err := edgelist.Load(dir, files)
	if err != nil {
		return nil, err
	}
	o, err := originOf(ctx, dir, path, in)
	if err != nil {
		return nil, err
	}
	prices := &matching.Solution{NeedPrice: make([]int64, len(in.Needs)), ResourcePrice: make([]int64, len(in.Resources))}
	for k, at := range o.needs {
		prices.NeedPrice[at] = solution.NeedPrice[k]
	}
	for k, at := range o.resources {
		prices.ResourcePrice[at] = solution.ResourcePrice[k]
	}
	if err := o.index.CheckCut(ctx, prices); err != nil {
		return nil, fmt.Errorf("%s does not hold for all pairs of %s: %w", dir, path, err)
	}
	return verifyFloors(o.snapshot, in, solution, o.places)
}

// verifyFloors adds up what the floors of the snapshot get; nil where it has none.
func verifyFloors(s *candidates.Snapshot, in *edgelist.Instance, solution *matching.Solution, at places) (*keptReport, error) {
	if len(s.Floors) == 0 {
		return nil, nil //nolint:nilnil // no floors, no report
	}
	flows := make([]candidates.Flow, len(solution.Flow))
	for k, f := range solution.Flow {
		flows[k] = candidates.Flow{Need: at.needs[f.Need], Resource: at.resources[in.Problem.Edges[f.Edge].Resource], Quantity: f.Quantity}
	}
	report := &keptReport{Floors: s.Kept(flows)}
	for _, f := range report.Floors {
		if f.Reached < f.Least {
			return nil, fmt.Errorf("the floor of %d of %s is not kept: they get %d", f.Least, f.Title(), f.Reached)
		}
	}
	report.Net = candidates.Net(solution.Value, solution.Bound, report.Floors)
	return report, nil
}
