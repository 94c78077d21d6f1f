package activities

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
)

// kept is what a solution gives to each floor.
func (i *instance) kept(s *matching.Solution) []candidates.KeptFloor {
	if len(i.snapshot.Floors) == 0 {
		return nil
	}
	flows := make([]candidates.Flow, len(s.Flow))
	for k, f := range s.Flow {
		flows[k] = candidates.Flow{Need: f.Need, Resource: i.graph.Edges[f.Edge].Resource, Quantity: f.Quantity}
	}
	return i.snapshot.Kept(flows)
}

// settle sees to it that the floors are kept by as little as they ask for; rough, that they are.
func (i *instance) settle(ctx context.Context, s *matching.Solution, rough bool) error {
	return i.index.Settle(ctx, i.graph, s, rough, &i.tried)
}

// short is the error of a solution that leaves a floor unkept.
func (i *instance) short(s *matching.Solution) error {
	for _, f := range i.kept(s) {
		if f.Reached < f.Least {
			return &unkeptError{fmt.Sprintf(
				"%s: %d, below the floor of %d, because the basis is gone with which its price was found; start the run again",
				f.Title(), f.Reached, f.Least)}
		}
	}
	return nil
}

// net is the proof of a solution without the bonuses of floors.
func (i *instance) net(s *matching.Solution) candidates.NetProof {
	return candidates.Net(s.Value, s.Bound, i.kept(s))
}

// fairness says how a run did what it was asked for besides value; nil where it was asked for nothing.
func (i *instance) fairness(priced *PricedFloors, s *matching.Solution) *Fairness {
	switch {
	case i.snapshot.Tiers:
		return i.inOrder(s)
	case priced == nil:
		return nil
	}
	net := i.net(s)
	cost, most := priced.Value-net.Value, priced.Bound-net.Value
	result := &Fairness{Floors: priced.Floors, CostMinor: &cost, CostAtMost: &most}
	for k, f := range i.kept(s) {
		result.Floors[k].Reached = &f.Reached
	}
	return result
}

// inOrder says what each urgency got, and what their strict order cost.
func (i *instance) inOrder(s *matching.Solution) *Fairness {
	cost, most := i.free-s.Value, s.Bound-s.Value
	result := &Fairness{Strict: true, CostMinor: &cost, CostAtMost: &most}
	at := map[city.Urgency]*postgres.TierServed{}
	result.Tiers = make([]postgres.TierServed, len(i.tiers))
	for k, t := range i.tiers {
		result.Tiers[k] = postgres.TierServed{Urgency: city.Urgency(t.Tier), AchievedMinor: t.Value, BoundMinor: t.Bound}
		at[city.Urgency(t.Tier)] = &result.Tiers[k]
	}
	served := map[int32]bool{}
	for _, f := range s.Flow {
		served[f.Need] = true
	}
	for k := range i.snapshot.Needs {
		if t := at[i.snapshot.Needs[k].Need.Urgency]; t != nil {
			t.Needs++
			if served[int32(k)] { //nolint:gosec // a snapshot has fewer than 2^31 needs
				t.Served++
			}
		}
	}
	return result
}
