// Package findings turns a solved matching run into what the report says about it: by category, on the map, by ward, how
// much better than simpler rules, what was scarce, who went unserved and why. It computes from the frozen snapshot and
// the certified solution alone, so that the same run always gives the same findings.
package findings

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// Solved is a run to be looked into: its snapshot, the graph that it was solved on, and the allocation with its prices.
type Solved struct {
	Snapshot *candidates.Snapshot
	Graph    *candidates.Graph
	Solution *matching.Solution
	Taxonomy *city.Taxonomy
	Wards    []Ward
}

// Ward is what the city knows of a ward.
type Ward struct {
	ID           string
	Population   int64
	MedianIncome int64
	Rings        [][][2]float64 // outline, lon and lat
}

// Load prepares a run from what object storage holds: the snapshot's bytes and the allocation of its shards.
func Load(ctx context.Context, snapshot []byte, allocations []candidates.Allocation, taxonomy *city.Taxonomy, wards []Ward) (*Solved, error) {
	s, err := candidates.DecodeSnapshot(snapshot)
	if err != nil {
		return nil, err
	}
	graph, err := candidates.Generate(ctx, s, candidates.Options{})
	if err != nil {
		return nil, fmt.Errorf("findings: %w", err)
	}
	solution, err := graph.Merge(allocations)
	if err != nil {
		return nil, fmt.Errorf("findings: %w", err)
	}
	return &Solved{Snapshot: s, Graph: graph, Solution: solution, Taxonomy: taxonomy, Wards: wards}, nil
}

// pair is one allocated pair of listings.
type pair struct {
	need, resource *candidates.Listing
	edge           int32
	quantity       int64
}

// pairs lists what the solution allocates.
func (s *Solved) pairs() []pair {
	all := make([]pair, 0, len(s.Solution.Flow))
	for _, f := range s.Solution.Flow {
		all = append(all, pair{
			need: &s.Snapshot.Needs[f.Need], resource: &s.Snapshot.Resources[s.Graph.Edges[f.Edge].Resource],
			edge: f.Edge, quantity: f.Quantity,
		})
	}
	return all
}
