package activities

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// Rehearsed is what a run would come to.
type Rehearsed struct {
	Snapshot *candidates.Snapshot // with the bonuses of its floors
	Graph    *candidates.Graph
	Solution *matching.Solution  // value and bound hold the bonuses; it is not verified yet
	Net      candidates.NetProof // value and bound without
	Fairness *Fairness           // nil where nothing was asked for
}

// Rehearse solves a frozen snapshot in this process as a run would, to the bit, and stores nothing.
func Rehearse(ctx context.Context, snapshot *candidates.Snapshot, asked city.Fairness) (Rehearsed, error) {
	var priced *PricedFloors
	snapshot.Tiers = asked.Tiers
	if len(asked.Floors) > 0 {
		floors, err := priceFloors(ctx, snapshot, asked.Floors, nil, nil)
		if err != nil {
			return Rehearsed{}, err
		}
		priced = &floors
	}
	found, err := newInstance(ctx, snapshot)
	if err != nil {
		return Rehearsed{}, err
	}
	s, err := found.allocate(ctx, nil)
	if err == nil {
		err = found.settle(ctx, s, false)
	}
	if err == nil {
		err = found.short(s)
	}
	if err != nil {
		return Rehearsed{}, err
	}
	return Rehearsed{Snapshot: snapshot, Graph: found.graph, Solution: s, Net: found.net(s), Fairness: found.fairness(priced, s)}, nil
}

// allocate solves all shards one after the other, and joins them.
func (i *instance) allocate(ctx context.Context, warm *matching.Basis) (*matching.Solution, error) {
	shards := i.shards(warm)
	allocations := make([]candidates.Allocation, len(shards))
	for k := range shards {
		var err error
		if allocations[k], err = shards[k].Allocate(ctx, matching.Options{}); err != nil {
			return nil, fmt.Errorf("%w: %w", errInvalid, err)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	solution, err := i.graph.Merge(allocations)
	if err != nil {
		return nil, err
	}
	i.tiers, i.free = candidates.SumTiers(allocations)
	solution, _, err = i.cover(ctx, solution)
	return solution, err
}
