package activities

import (
	"context"
	"fmt"
	"slices"

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
	var solved *solvedInstance
	snapshot.Tiers = asked.Tiers
	if len(asked.Floors) > 0 {
		floors, rehearsed, err := priceFloors(ctx, snapshot, asked.Floors, nil, nil)
		if err != nil {
			return Rehearsed{}, err
		}
		priced, solved = &floors, rehearsed.solvedAt(snapshot.Floors)
	}
	if solved == nil {
		found, err := newInstance(ctx, snapshot)
		if err != nil {
			return Rehearsed{}, err
		}
		s, err := found.allocate(ctx, nil)
		if err != nil {
			return Rehearsed{}, err
		}
		solved = &solvedInstance{found, s}
	}
	found, s := solved.instance, solved.solution
	err := found.settle(ctx, s, false)
	if err == nil {
		err = found.short(s)
	}
	if err != nil {
		return Rehearsed{}, err
	}
	return Rehearsed{Snapshot: snapshot, Graph: found.graph, Solution: s, Net: found.net(s), Fairness: found.fairness(priced, s)}, nil
}

// solvedInstance is an instance with its solution, not yet settled.
type solvedInstance struct {
	instance
	solution *matching.Solution
}

// solvedAt is what pricing floors has solved last if that was with these bonuses, else nil.
func (r *rehearsal) solvedAt(floors []candidates.Floor) *solvedInstance {
	same := func(a, b candidates.Floor) bool { return a.Bonus == b.Bonus }
	if r.last == nil || !slices.EqualFunc(r.last.snapshot.Floors, floors, same) {
		return nil
	}
	return r.last
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
