package candidates

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/fairness"
)

// tiers is the order of service of the needs; nil where value alone decides.
func (s *Snapshot) tiers() []int {
	if !s.Tiers {
		return nil
	}
	tier := make([]int, len(s.Needs))
	for i := range tier {
		tier[i] = int(s.Needs[i].Need.Urgency)
	}
	return tier
}

// Allocate solves the shard and says what it comes to, in the snapshot's indices.
//
// In strict order of urgency each tier is served in turn. Prices and bound are those of the problem without the order: no
// allocation is worth more, in whatever order, so that the gap holds what the order costs. What each tier got, and could
// have got at most of what the ones before it left, stands beside.
func (s *Shard) Allocate(ctx context.Context, o matching.Options) (Allocation, error) {
	solution, err := s.Solve(ctx, o)
	if err != nil {
		return Allocation{}, err
	}
	if s.Tier == nil {
		return s.Allocation(solution), nil
	}
	free := solution.Value
	g := Graph{Problem: s.Problem, Lots: s.Lots, Open: s.Open}
	tiered, err := fairness.TiersTerms(ctx, &s.Problem, g.terms(), s.Tier, o.Workers)
	if err != nil {
		return Allocation{}, fmt.Errorf("tiers: %w", err)
	}
	solution.Flow, solution.Value = tiered.Flow, 0
	for _, tier := range tiered.Tiers {
		solution.Value += tier.Value
	}
	a := s.Allocation(solution)
	a.Tiers, a.Free = tiered.Tiers, free
	return a, nil
}

// SumTiers adds up what each tier got in all shards, and what the allocation without the order would have been worth.
func SumTiers(allocations []Allocation) (tiers []fairness.Tier, free int64) {
	for k := range allocations {
		free += allocations[k].Free
		for _, t := range allocations[k].Tiers {
			at := slices.IndexFunc(tiers, func(known fairness.Tier) bool { return known.Tier == t.Tier })
			if at < 0 {
				at, tiers = len(tiers), append(tiers, fairness.Tier{Tier: t.Tier})
			}
			tiers[at].Value += t.Value
			tiers[at].Bound += t.Bound
		}
	}
	slices.SortFunc(tiers, func(a, b fairness.Tier) int { return cmp.Compare(a.Tier, b.Tier) })
	return tiers, free
}
