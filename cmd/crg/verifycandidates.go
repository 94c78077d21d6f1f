package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"

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
	snapshot, err := readSnapshot(path)
	if err != nil {
		return nil, usage(err)
	}
	in, solution, err := edgelist.Load(dir, files)
	if err != nil {
		return nil, err
	}
	index, err := candidates.NewIndex(snapshot)
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", path, err))
	}
	graph, err := index.Generate(ctx, candidates.Options{PerNeed: 1}) // for the quantities: its pairs do not matter
	if err != nil {
		return nil, err
	}
	places, err := placesOf(snapshot, graph, in)
	if err != nil {
		return nil, fmt.Errorf("%s is not the input of %s: %w", path, dir, err)
	}
	if err := sameEdges(index, in, places); err != nil {
		return nil, fmt.Errorf("%s is not the input of %s: %w", path, dir, err)
	}
	prices := &matching.Solution{NeedPrice: make([]int64, len(in.Needs)), ResourcePrice: make([]int64, len(in.Resources))}
	for k, at := range places.needs {
		prices.NeedPrice[at] = solution.NeedPrice[k]
	}
	for k, at := range places.resources {
		prices.ResourcePrice[at] = solution.ResourcePrice[k]
	}
	if err := index.CheckCut(ctx, prices); err != nil {
		return nil, fmt.Errorf("%s does not hold for all pairs of %s: %w", dir, path, err)
	}
	return verifyFloors(snapshot, in, solution, places)
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

// places say where in the snapshot the needs and resources of the input are.
type places struct{ needs, resources []int32 }

func readSnapshot(path string) (*candidates.Snapshot, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if zip, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
		if text, err = io.ReadAll(zip); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	snapshot, err := candidates.DecodeSnapshot(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return snapshot, nil
}

// placesOf compares ids and quantities.
func placesOf(s *candidates.Snapshot, g *candidates.Graph, in *edgelist.Instance) (p places, err error) {
	if p.needs, err = placesOn(s.Needs, g.NeedQuantity, in.Needs, in.Problem.NeedQuantity); err != nil {
		return p, err
	}
	p.resources, err = placesOn(s.Resources, g.ResourceQuantity, in.Resources, in.Problem.ResourceQuantity)
	return p, err
}

func placesOn(listings []candidates.Listing, left []int64, ids []string, quantities []int64) ([]int32, error) {
	if len(listings) != len(ids) {
		return nil, fmt.Errorf("%d listings, the input has %d", len(listings), len(ids))
	}
	at := make(map[string]int32, len(listings))
	for k := range listings {
		at[string(listings[k].ID)] = int32(k) //nolint:gosec // a snapshot has fewer than 2^31 listings
	}
	found := make([]int32, len(ids))
	for k, id := range ids {
		place, known := at[id]
		switch {
		case !known:
			return nil, fmt.Errorf("no listing %s, the input has it", id)
		case left[place] != quantities[k]:
			return nil, fmt.Errorf("listing %s has %d, in the input %d", id, left[place], quantities[k])
		}
		found[k] = place
	}
	return found, nil
}

// sameEdges recomputes the score and the trip of every edge.
func sameEdges(index *candidates.Index, in *edgelist.Instance, at places) error {
	p := in.Problem
	for i := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			filter, parts, passes := index.Pair(at.needs[i], at.resources[p.Edges[k].Resource])
			need, resource := in.Needs[i], in.Resources[p.Edges[k].Resource]
			if !passes {
				return fmt.Errorf("%s %s for %s, the input has an edge", resource, filter.Sentence(), need)
			}
			if parts.Score != p.Edges[k].Value || parts.Charge != chargeOf(p, k) {
				return fmt.Errorf("%s for %s scores %d at a charge of %d, in the input %d at %d",
					resource, need, parts.Score, parts.Charge, p.Edges[k].Value, chargeOf(p, k))
			}
		}
	}
	return nil
}

func chargeOf(p *matching.Problem, edge int32) int64 {
	if p.Charges == nil {
		return 0
	}
	return p.Charges[edge]
}
