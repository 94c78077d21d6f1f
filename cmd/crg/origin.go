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

// origin is the snapshot that the input of a result was made from.
type origin struct {
	snapshot *candidates.Snapshot
	index    *candidates.Index
	graph    *candidates.Graph // for quantities and order; its pairs do not matter
	places
}

// originOf reads a snapshot and makes sure that it is where an input comes from: the same listings, quantities and scores.
func originOf(ctx context.Context, dir, path string, in *edgelist.Instance) (*origin, error) {
	if own := favouredBy(in); own != "" {
		return nil, usagef("--snapshot: %s was solved with --%s, as no matching run is; leave --snapshot out", dir, own)
	}
	snapshot, err := readSnapshot(path)
	if err != nil {
		return nil, usage(err)
	}
	o := &origin{snapshot: snapshot}
	if o.index, err = candidates.NewIndex(snapshot); err != nil {
		return nil, usage(fmt.Errorf("%s: %w", path, err))
	}
	if o.graph, err = o.index.Generate(ctx, candidates.Options{PerNeed: 1}); err != nil {
		return nil, err
	}
	if o.places, err = placesOf(snapshot, o.graph, in); err == nil {
		err = sameEdges(o.index, in, o.places)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is not the input of %s: %w", path, dir, err)
	}
	return o, nil
}

// favouredBy names what a loaded result of crg solve saw to besides value; empty where nothing.
func favouredBy(in *edgelist.Instance) string {
	switch {
	case len(in.Floors) > 0:
		return "floor"
	case in.InOrder:
		return "tiers"
	case in.Unweighted != nil:
		return "weights"
	}
	return ""
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
