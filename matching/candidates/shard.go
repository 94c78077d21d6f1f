package candidates

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/fairness"
)

// Shard is a self-contained part of a graph: whole components, so that it can be solved anywhere without the rest.
type Shard struct {
	matching.Part
	Lots []int64         // parallel to the edges; nil: any quantity
	Tier []int           // by need: its place in a strict order of service; nil: value alone decides
	Warm *matching.Basis // where the search may begin; nil: at nothing
	Open []Fixed         // what open proposals promise: where the search may begin, too; indices of the part
}

// Solve finds an allocation of the shard that pays its trips and keeps its lots, with bound and prices. It begins at the
// shard's basis where it has one.
func (s *Shard) Solve(ctx context.Context, o matching.Options) (*matching.Solution, error) {
	if s.Warm != nil {
		o.Warm = s.Warm
	}
	g := Graph{Problem: s.Problem, Lots: s.Lots, Open: s.Open}
	return g.Solve(ctx, o)
}

// Shards packs the components of a graph into at most limit shards, the largest component first, each into the shard that
// has the least work so far. Components are never split, so the merged result does not depend on limit.
func (g *Graph) Shards(limit int) []Shard { return g.ShardsFrom(limit, nil) }

// ShardsFrom is Shards that begin their search at a basis of the graph; nil is none.
func (g *Graph) ShardsFrom(limit int, warm *matching.Basis) []Shard {
	components := matching.Components(&g.Problem)
	bins := make([]bin, min(max(limit, 1), len(components)))
	for _, needs := range components {
		least := &bins[0]
		for k := range bins {
			if bins[k].edges < least.edges {
				least = &bins[k]
			}
		}
		least.needs = append(least.needs, needs...)
		least.edges += g.edgesOf(needs)
	}
	slices.SortStableFunc(bins, func(a, b bin) int { return cmp.Compare(b.edges, a.edges) })
	shards := make([]Shard, len(bins))
	for k := range bins {
		slices.Sort(bins[k].needs)
		shards[k] = Shard{Part: *matching.NewPart(&g.Problem, bins[k].needs)}
		for _, i := range bins[k].needs {
			if g.Tier != nil {
				shards[k].Tier = append(shards[k].Tier, g.Tier[i])
			}
			if g.Lots != nil {
				shards[k].Lots = append(shards[k].Lots, g.Lots[g.RowStart[i]:g.RowStart[i+1]]...)
			}
		}
		shards[k].Warm = shards[k].Basis(warm)
		shards[k].Open = g.openOf(&shards[k].Part)
	}
	return shards
}

// openOf takes the open proposals of a part out of those of the graph.
func (g *Graph) openOf(part *matching.Part) []Fixed {
	var open []Fixed
	for _, o := range g.Open {
		need, hasNeed := slices.BinarySearch(part.Needs, o.Need)
		resource, hasResource := slices.BinarySearch(part.Resources, o.Resource)
		if hasNeed && hasResource {
			open = append(open, Fixed{Need: int32(need), Resource: int32(resource), Quantity: o.Quantity})
		}
	}
	return open
}

// bin is a shard in the making.
type bin struct {
	needs []int32
	edges int
}

func (g *Graph) edgesOf(needs []int32) int {
	edges := 0
	for _, i := range needs {
		edges += int(g.RowStart[i+1] - g.RowStart[i])
	}
	return edges
}

// Allocation is what solving a shard gives back: small enough to travel, complete enough to be merged and certified.
// Needs and resources are indices in the snapshot.
type Allocation struct {
	Flows          []Flow  `json:"flows"`
	Needs          []int32 `json:"needs"`
	NeedPrices     []int64 `json:"need_prices"` // parallel to Needs
	Resources      []int32 `json:"resources"`
	ResourcePrices []int64 `json:"resource_prices"` // parallel to Resources
	Value          int64   `json:"value"`
	Bound          int64   `json:"bound"`
	Stopped        bool    `json:"stopped,omitempty"` // a deadline ended the search early
	Pivots         int64   `json:"pivots,omitempty"`

	Tiers []fairness.Tier `json:"tiers,omitempty"` // of a run in strict order: what each tier got
	Free  int64           `json:"free,omitempty"`  // and the value without that order

	// The basis with which the search ended: below what each need and resource hangs, an index of the other side or -1,
	// and the quantity on the way. A later run may begin there.
	NeedParents     []int32 `json:"need_parents,omitempty"`     // parallel to Needs
	NeedFlows       []int64 `json:"need_flows,omitempty"`       //
	ResourceParents []int32 `json:"resource_parents,omitempty"` // parallel to Resources
	ResourceFlows   []int64 `json:"resource_flows,omitempty"`   //
}

// Flow is a matched quantity.
type Flow struct {
	Need     int32 `json:"need"`
	Resource int32 `json:"resource"`
	Quantity int64 `json:"quantity"`
}

// Allocation translates a solution of the shard's problem into the snapshot's indices.
func (s *Shard) Allocation(solution *matching.Solution) Allocation {
	a := Allocation{
		Needs: s.Needs, NeedPrices: solution.NeedPrice, Resources: s.Resources, ResourcePrices: solution.ResourcePrice,
		Value: solution.Value, Bound: solution.Bound, Stopped: solution.Stopped,
		Pivots: solution.Counters.Pivots,
	}
	if b := solution.Basis; b != nil {
		a.NeedParents, a.NeedFlows = wholes(b.NeedParent, s.Resources), b.NeedFlow
		a.ResourceParents, a.ResourceFlows = wholes(b.ResourceParent, s.Needs), b.ResourceFlow
	}
	for _, f := range solution.Flow {
		a.Flows = append(a.Flows, Flow{
			Need: s.Needs[f.Need], Resource: s.Resources[s.Edges[f.Edge].Resource], Quantity: f.Quantity,
		})
	}
	return a
}

// wholes turns parents within a shard into those of the snapshot.
func wholes(parents, indices []int32) []int32 {
	out := make([]int32, len(parents))
	for k, p := range parents {
		out[k] = matching.Unmatched
		if p != matching.Unmatched {
			out[k] = indices[p]
		}
	}
	return out
}

// Merge joins the allocations of all shards into one solution of the graph. The caller verifies it
// ([matching.Verify]); Merge itself refuses only what does not fit together.
func (g *Graph) Merge(allocations []Allocation) (*matching.Solution, error) {
	s := &matching.Solution{
		NeedPrice:     make([]int64, len(g.NeedQuantity)),
		ResourcePrice: make([]int64, len(g.ResourceQuantity)),
		Components:    len(matching.Components(&g.Problem)),
		Basis:         matching.NewBasis(&g.Problem),
	}
	solved := make([]bool, len(g.NeedQuantity))
	for k := range allocations {
		if err := g.mergeOne(s, &allocations[k], solved); err != nil {
			return nil, fmt.Errorf("merge shard %d of %d: %w", k+1, len(allocations), err)
		}
	}
	for i := range solved {
		if !solved[i] && g.RowStart[i+1] > g.RowStart[i] {
			return nil, fmt.Errorf("merge %d shards: need %d has candidates but is in none of them", len(allocations), i)
		}
	}
	s.Basis.ResourcePrice = slices.Clone(s.ResourcePrice)
	slices.SortFunc(s.Flow, func(a, b matching.EdgeFlow) int { return cmp.Compare(a.Edge, b.Edge) })
	s.Optimal = s.Value == s.Bound
	return s, nil
}

func (g *Graph) mergeOne(s *matching.Solution, a *Allocation, solved []bool) error {
	if len(a.Needs) != len(a.NeedPrices) || len(a.Resources) != len(a.ResourcePrices) {
		return fmt.Errorf("%d prices for %d needs, %d for %d resources",
			len(a.NeedPrices), len(a.Needs), len(a.ResourcePrices), len(a.Resources))
	}
	for k, i := range a.Needs {
		if int(uint32(i)) >= len(solved) || solved[i] {
			return fmt.Errorf("need %d is unknown or in two shards", i)
		}
		solved[i] = true
		s.NeedPrice[i] = a.NeedPrices[k]
	}
	for k, r := range a.Resources {
		if int(uint32(r)) >= len(s.ResourcePrice) {
			return fmt.Errorf("resource %d is unknown", r)
		}
		s.ResourcePrice[r] = a.ResourcePrices[k]
	}
	for _, f := range a.Flows {
		edge, found := g.Edge(f.Need, f.Resource)
		if !found {
			return fmt.Errorf("the pair of need %d and resource %d is no candidate", f.Need, f.Resource)
		}
		s.Flow = append(s.Flow, matching.EdgeFlow{Edge: edge, Need: f.Need, Quantity: f.Quantity})
	}
	a.hang(s.Basis)
	s.Counters.Pivots += a.Pivots
	s.Value += a.Value
	s.Bound += a.Bound
	s.Stopped = s.Stopped || a.Stopped
	return nil
}

// hang takes the shard's part of the basis over. What does not fit is left out: a basis is a start and no result.
func (a *Allocation) hang(b *matching.Basis) {
	if len(a.NeedParents) != len(a.Needs) || len(a.NeedFlows) != len(a.Needs) ||
		len(a.ResourceParents) != len(a.Resources) || len(a.ResourceFlows) != len(a.Resources) {
		return
	}
	for k, i := range a.Needs {
		if p := a.NeedParents[k]; p >= matching.Unmatched && int(p) < len(b.ResourceParent) {
			b.NeedParent[i], b.NeedFlow[i] = p, a.NeedFlows[k]
		}
	}
	for k, r := range a.Resources {
		if p := a.ResourceParents[k]; p >= matching.Unmatched && int(p) < len(b.NeedParent) {
			b.ResourceParent[r], b.ResourceFlow[r] = p, a.ResourceFlows[k]
		}
	}
}

// Edge finds the edge of a pair.
func (g *Graph) Edge(need, resource int32) (int32, bool) {
	if int(uint32(need)) >= len(g.NeedQuantity) {
		return 0, false
	}
	k, found := slices.BinarySearchFunc(g.Row(int(need)), resource, func(e matching.Edge, r int32) int {
		return cmp.Compare(e.Resource, r)
	})
	return g.RowStart[need] + int32(k), found
}
