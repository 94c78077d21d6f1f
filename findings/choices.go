package findings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/live"
)

// ErrNotProposed says that a run did not propose a pair, so that its files cannot say what refusing it costs.
var ErrNotProposed = errors.New("the run did not propose this pair")

// ErrNotCandidate says that a pair was no candidate of a run, so that it cannot be forced.
var ErrNotCandidate = errors.New("the pair is no candidate of the run")

// Cost is what a choice against a run's proposal costs the city, in minor units of the score. In a run with floors a unit
// that one lacks by the choice counts with its bonus, the price of putting it back; Floors tells that part apart. In a run in
// strict order both ends are those of value alone, and Tiers says whom the choice serves better and whom worse: no sum of
// money makes up for a more urgent need. Trip charges make the exact
// cost a hard problem, so it is enclosed: without charges, and where the optimum is proven, both ends are the same.
type Cost struct {
	Quantity int64 // of the pair that is refused or forced
	AtLeast  int64 // proven: whoever respects the choice loses this much, whatever else is done
	AtMost   int64 // an allocation that respects the choice was found, and loses this much
	OfBound  int64 // what the bound, which spreads trip charges, loses, exactly
	Instead  []Move
	// PerUnit is what the first unit loses of the run's bound, and ValidFor for how many units each loses just that.
	PerUnit, ValidFor int64

	Floors []FloorLack  // part of AtMost
	Strict bool         // the run serves strictly by urgency
	Tiers  []TierChange // in the allocation that was found, the most urgent first
}

// Move is a pair whose quantity changes in the allocation that was found.
type Move struct {
	Need, Resource city.ListingID
	Before, After  int64
}

// Forced is another pair for one side of a match, and what it costs to put it in the match's place.
type Forced struct {
	Need, Resource city.ListingID
	Cost           Cost
}

// Choices answers what choices against a run's proposals cost. It may be asked by many at once.
type Choices struct {
	solved  *Solved
	relaxed map[int32]int64 // by need: what its component scores less than the relaxed optimum
	proven  map[int32]int64 // by need: what it scores less than the bound of the run's prices
	over    int64           // collected in bonuses beyond the floors
	covered bool            // the relaxed prices are no lower than what was cut off could be worth
	mu      sync.Mutex      // holds the live optimum and the plan, which change during a question
	live    *live.Live
	plan    *plan
}

// Choices prepares a run for questions about choices. It solves the relaxed problem once, for its live prices.
func (s *Solved) Choices(ctx context.Context) (*Choices, error) {
	relaxed, err := matching.Solve(ctx, &s.Graph.Problem, matching.Options{})
	if err != nil {
		return nil, fmt.Errorf("choices: %w", err)
	}
	optimum, err := live.New(ctx, &s.Graph.Problem, relaxed)
	if err != nil {
		return nil, fmt.Errorf("choices: %w", err)
	}
	covered := true
	for i, bound := range s.Graph.CutBound {
		covered = covered && relaxed.NeedPrice[i] >= bound
	}
	return &Choices{
		solved: s, relaxed: s.gaps(relaxed), proven: s.gaps(s.Solution), covered: covered, over: s.overshoot(), live: optimum,
		plan: newPlan(s),
	}, nil
}

// gaps is, for each need, by how much the run's allocation of its component falls short of the bound that prices prove.
func (s *Solved) gaps(prices *matching.Solution) map[int32]int64 {
	p, gaps := &s.Graph.Problem, map[int32]int64{}
	achieved := map[int32]int64{}
	for _, f := range s.Solution.Flow {
		achieved[f.Need] += s.net(f.Edge, f.Quantity)
	}
	for _, needs := range matching.Components(p) {
		gap, seen := int64(0), map[int32]bool{}
		for _, i := range needs {
			gap += p.NeedQuantity[i]*prices.NeedPrice[i] - achieved[i]
			for _, edge := range p.Row(int(i)) {
				if !seen[edge.Resource] {
					seen[edge.Resource] = true
					gap += p.ResourceQuantity[edge.Resource] * prices.ResourcePrice[edge.Resource]
				}
			}
		}
		for _, i := range needs {
			gaps[i] = gap
		}
	}
	return gaps
}

// net is what a quantity on an edge scores.
func (s *Solved) net(edge int32, quantity int64) int64 {
	if quantity == 0 {
		return 0
	}
	worth := quantity * s.Graph.Edges[edge].Value
	if s.Graph.Charges != nil {
		worth -= s.Graph.Charges[edge]
	}
	return worth
}

// Refuse says what it costs to refuse a proposed pair.
func (c *Choices) Refuse(need, resource city.ListingID) (Cost, error) {
	edge, err := c.edge(need, resource)
	if err != nil {
		return Cost{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	quantity := c.plan.flow[edge]
	if quantity == 0 {
		return Cost{}, fmt.Errorf("%s and %s: %w", resource, need, ErrNotProposed)
	}
	i, r := c.plan.need[edge], c.solved.Graph.Edges[edge].Resource
	relaxed, err := c.live.Ask(live.Forbid(i, r))
	if err != nil {
		return Cost{}, err
	}
	cost := Cost{Quantity: quantity, OfBound: -relaxed.Gain()}
	if c.covered {
		cost.AtLeast = -relaxed.Gain() - c.relaxed[i]
		if cut := c.solved.Graph.CutBound; len(cut) > 0 {
			// Prices of the other needs only rise. This one's may fall, and then what was cut off is worth its bound.
			cost.AtLeast -= cut[i] * c.solved.Graph.NeedQuantity[i]
		}
	}
	c.found(&cost, relaxed.Moves, edge, func() { c.plan.refuse(edge) })
	return cost, nil
}

// Force says what it costs when a pair had to carry a quantity at least.
func (c *Choices) Force(need, resource city.ListingID, quantity int64) (Cost, error) {
	edge, err := c.edge(need, resource)
	if err != nil {
		return Cost{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.force(edge, quantity)
}

func (c *Choices) force(edge int32, quantity int64) (Cost, error) {
	p := &c.solved.Graph.Problem
	i, r := c.plan.need[edge], p.Edges[edge].Resource
	quantity = min(quantity, p.NeedQuantity[i], p.ResourceQuantity[r])
	relaxed, err := c.live.Ask(live.Force(i, r, quantity))
	if err != nil {
		return Cost{}, err
	}
	cost := Cost{Quantity: quantity, OfBound: -relaxed.Gain(), AtLeast: -relaxed.Gain() - c.relaxed[i]}
	if c.solved.Graph.Cut > 0 { // the run's own prices hold for what was cut off too
		cost.AtLeast = (quantity-c.plan.flow[edge])*c.reduced(edge) - c.proven[i]
	}
	if cost.PerUnit, cost.ValidFor, err = c.validFor(i, r, c.plan.flow[edge], quantity); err != nil {
		return Cost{}, err
	}
	c.found(&cost, relaxed.Moves, edge, func() { c.plan.force(edge, quantity) })
	return cost, nil
}

// validFor is what the first unit beyond have loses of the bound, and how many units lose just that. The loss is convex in
// the quantity, so the units that do are the first ones.
func (c *Choices) validFor(need, resource int32, have, most int64) (perUnit, units int64, err error) {
	if most <= have {
		return 0, 0, nil
	}
	loss := func(units int64) (int64, error) {
		outcome, err := c.live.Ask(live.Force(need, resource, have+units))
		return -outcome.Gain(), err
	}
	if perUnit, err = loss(1); err != nil {
		return 0, 0, err
	}
	low, high := int64(1), most-have
	for low < high {
		middle := low + (high-low+1)/2
		total, err := loss(middle)
		if err != nil {
			return 0, 0, err
		}
		if total == middle*perUnit {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return perUnit, low, nil
}

// found fills in the best allocation that respects a choice: the choice alone, or on top of what the relaxed problem does.
func (c *Choices) found(cost *Cost, moves []live.Move, chosen int32, choose func()) {
	best := c.plan.try(func() {
		choose()
		c.plan.settle(chosen)
	})
	if other := c.plan.try(func() {
		c.plan.follow(moves)
		choose()
		c.plan.settle(chosen)
	}); other.better(&best) {
		best = other
	}
	cost.AtLeast, cost.AtMost = max(0, cost.AtLeast-c.over), max(0, -best.worth)
	cost.Floors, cost.Strict, cost.Tiers = best.lacks, c.solved.Graph.Tier != nil, best.tierChanges()
	for _, change := range best.changes {
		cost.Instead = append(cost.Instead, Move{
			Need:     c.solved.Snapshot.Needs[c.plan.need[change.edge]].ID,
			Resource: c.solved.Snapshot.Resources[c.solved.Graph.Edges[change.edge].Resource].ID,
			Before:   change.before, After: change.after,
		})
	}
}

// mostForced is how many other pairs are looked into for each side of a match.
const mostForced = 8

// Others names the pairs that would cost least in a match's place: other resources for its need, other needs for its
// resource, so many of each.
func (c *Choices) Others(need, resource city.ListingID, each int) ([]Forced, error) {
	edge, err := c.edge(need, resource)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	quantity := c.plan.flow[edge]
	if quantity == 0 {
		return nil, fmt.Errorf("%s and %s: %w", resource, need, ErrNotProposed)
	}
	var others []Forced
	for _, edges := range [][]int32{c.plan.ofNeed(c.plan.need[edge]), c.plan.ofResource[c.solved.Graph.Edges[edge].Resource]} {
		found, err := c.cheapest(edges, edge, quantity, each)
		if err != nil {
			return nil, err
		}
		others = append(others, found...)
	}
	return others, nil
}

func (c *Choices) cheapest(edges []int32, except int32, quantity int64, each int) ([]Forced, error) {
	candidates := slices.DeleteFunc(slices.Clone(edges), func(edge int32) bool {
		return edge == except || c.plan.worth[edge] <= 0 || c.plan.flow[edge] >= quantity
	})
	slices.SortFunc(candidates, func(a, b int32) int {
		return cmp.Or(cmp.Compare(c.reduced(a), c.reduced(b)), cmp.Compare(a, b))
	})
	var found []Forced
	for _, edge := range candidates[:min(len(candidates), max(each, mostForced))] {
		cost, err := c.force(edge, quantity)
		if err != nil {
			return nil, err
		}
		found = append(found, Forced{
			Need:     c.solved.Snapshot.Needs[c.plan.need[edge]].ID,
			Resource: c.solved.Snapshot.Resources[c.solved.Graph.Edges[edge].Resource].ID, Cost: cost,
		})
	}
	slices.SortStableFunc(found, func(a, b Forced) int { return cmp.Compare(a.Cost.AtMost, b.Cost.AtMost) })
	return found[:min(len(found), each)], nil
}

// reduced is what a unit on an edge loses at least, by the prices of the run's certificate.
func (c *Choices) reduced(edge int32) int64 {
	s := c.solved
	return s.Solution.NeedPrice[c.plan.need[edge]] + s.Solution.ResourcePrice[s.Graph.Edges[edge].Resource] - c.plan.worth[edge]
}

// edge finds a pair in the graph.
func (c *Choices) edge(need, resource city.ListingID) (int32, error) {
	i, hasNeed := c.solved.needs[need]
	r, hasResource := c.solved.resources[resource]
	if hasNeed && hasResource {
		if edge, found := c.solved.Graph.Edge(i, r); found {
			return edge, nil
		}
	}
	return 0, fmt.Errorf("%s and %s: %w", resource, need, ErrNotCandidate)
}
