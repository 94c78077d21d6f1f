// Package findings turns a solved matching run into what the report says about it: by category, on the map, by ward, how
// much better than simpler rules, what was scarce, who went unserved and why. It computes from the frozen snapshot and
// the certified solution alone, so that the same run always gives the same findings.
package findings

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/report"
)

// Solved is a run to be looked into: its snapshot, the graph that it was solved on, and the allocation with its prices.
type Solved struct {
	Snapshot *candidates.Snapshot
	Graph    *candidates.Graph
	Solution *matching.Solution
	Wards    []Ward

	needs, resources map[city.ListingID]int32
}

// Ward is what the city knows of a ward.
type Ward struct {
	ID           string
	Population   int64
	MedianIncome int64          // minor units a year
	Rings        [][][2]float64 // outline, lon and lat
}

// Flow is an allocated quantity between two listings.
type Flow struct {
	Need, Resource city.ListingID
	Quantity       int64
}

// Load prepares a run from its stored snapshot, allocation and prices.
func Load(ctx context.Context, snapshot *candidates.Snapshot, flows []Flow, prices map[city.ListingID]int64, wards []Ward) (*Solved, error) {
	graph, err := candidates.Generate(ctx, snapshot, candidates.Options{})
	if err != nil {
		return nil, fmt.Errorf("findings: %w", err)
	}
	s := New(snapshot, graph, &matching.Solution{
		NeedPrice: make([]int64, len(snapshot.Needs)), ResourcePrice: make([]int64, len(snapshot.Resources)),
	}, wards)
	for i := range snapshot.Needs {
		s.Solution.NeedPrice[i] = prices[snapshot.Needs[i].ID]
	}
	for i := range snapshot.Resources {
		s.Solution.ResourcePrice[i] = prices[snapshot.Resources[i].ID]
	}
	return s, s.allocate(flows)
}

// New looks into a run that was solved in this process.
func New(snapshot *candidates.Snapshot, graph *candidates.Graph, solution *matching.Solution, wards []Ward) *Solved {
	s := &Solved{
		Snapshot: snapshot, Graph: graph, Solution: solution, Wards: wards,
		needs: map[city.ListingID]int32{}, resources: map[city.ListingID]int32{},
	}
	for i := range snapshot.Needs {
		s.needs[snapshot.Needs[i].ID] = int32(i) //nolint:gosec // a problem has fewer than 2^31 needs
	}
	for i := range snapshot.Resources {
		s.resources[snapshot.Resources[i].ID] = int32(i) //nolint:gosec // a problem has fewer than 2^31 resources
	}
	return s
}

func (s *Solved) allocate(flows []Flow) error {
	for _, f := range flows {
		need, hasNeed := s.needs[f.Need]
		resource, hasResource := s.resources[f.Resource]
		if !hasNeed || !hasResource {
			return fmt.Errorf("findings: %s and %s are not in the snapshot", f.Resource, f.Need)
		}
		edge, found := s.Graph.Edge(need, resource)
		if !found {
			return fmt.Errorf("findings: %s and %s are no candidate pair of the snapshot", f.Resource, f.Need)
		}
		s.Solution.Flow = append(s.Solution.Flow, matching.EdgeFlow{Edge: edge, Need: need, Quantity: f.Quantity})
	}
	slices.SortFunc(s.Solution.Flow, func(a, b matching.EdgeFlow) int { return cmp.Compare(a.Edge, b.Edge) })
	return nil
}

// Pair is one allocated pair of listings.
type Pair struct {
	Need, Resource *candidates.Listing
	Edge           int32 // in the graph
	Quantity       int64
}

// describe says what is allocated: "250 kg of mixed groceries".
func (p Pair) describe() string {
	unit := string(p.Resource.Quantity.Unit)
	switch p.Resource.Quantity.Unit {
	case city.Piece, city.Hour, city.Litre, city.Trip, city.Lot:
		if p.Quantity != 1 {
			unit += "s"
		}
	}
	return fmt.Sprintf("%d %s of %s", p.Quantity, unit, report.Named(string(p.Resource.Leaf)))
}

// Pairs lists what the solution allocates.
func (s *Solved) Pairs() []Pair {
	all := make([]Pair, 0, len(s.Solution.Flow))
	for _, f := range s.Solution.Flow {
		all = append(all, Pair{
			Need: &s.Snapshot.Needs[f.Need], Resource: &s.Snapshot.Resources[s.Graph.Edges[f.Edge].Resource],
			Edge: f.Edge, Quantity: f.Quantity,
		})
	}
	return all
}
