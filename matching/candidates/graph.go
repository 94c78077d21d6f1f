package candidates

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
)

// Graph is the compatibility graph of a snapshot. Need i and resource r of the problem are Needs[i] and Resources[r] of
// the snapshot; rows are ascending by resource.
type Graph struct {
	matching.Problem

	// CutBound bounds, for each need, what one unit of any pair that was left out could be worth after its spread trip
	// charge; 0 where nothing was cut off. A need price of at least this proves that nothing was lost.
	CutBound []int64

	// Lots holds, parallel to the edges, the least quantity of a pair if it is used at all; nil where any will do.
	Lots []int64

	// Tier holds, by need, its place in a strict order of service; nil where value alone decides.
	Tier []int

	// Fixed are the approved pairs. Their quantities are not part of the problem any more.
	Fixed []Fixed

	// Open are the pairs that open proposals of earlier runs promise. The search may begin there, too.
	Open []Fixed

	// Unserved are the needs that have quantity but no candidate, ascending. Index.Funnels says why.
	Unserved []int32

	// Cut is the number of needs with a positive CutBound.
	Cut int
}

// Fixed is a pair that was decided before the run.
type Fixed struct {
	Need     int32 `json:"need"`
	Resource int32 `json:"resource"`
	Quantity int64 `json:"quantity"`
}

// Candidates is the number of edges.
func (g *Graph) Candidates() int { return len(g.Edges) }

// LotError is a pair that carries less than its lot.
type LotError struct {
	Need, Resource int32
	Quantity, Lot  int64
}

func (e *LotError) Error() string {
	return fmt.Sprintf("need %d and resource %d carry %d, less than the smallest lot of %d", e.Need, e.Resource, e.Quantity, e.Lot)
}

func (g *Graph) terms() charges.Terms {
	terms := charges.Terms{Lots: g.Lots}
	for _, open := range g.Open {
		if edge, found := g.Edge(open.Need, open.Resource); found {
			terms.Known = append(terms.Known, matching.EdgeFlow{Edge: edge, Need: open.Need, Quantity: open.Quantity})
		}
	}
	return terms
}

// Solve finds an allocation of the graph that pays its trips and keeps its lots, with bound and prices.
func (g *Graph) Solve(ctx context.Context, o matching.Options) (*matching.Solution, error) {
	return charges.SolveTerms(ctx, &g.Problem, g.terms(), o)
}

// Verify checks a solution with the independent checker (see matching.Verify), and its lots.
func (g *Graph) Verify(s *matching.Solution) error {
	if err := matching.Verify(&g.Problem, s); err != nil || g.Lots == nil {
		return err
	}
	for _, f := range s.Flow {
		if lot := g.Lots[f.Edge]; f.Quantity < lot {
			return &LotError{f.Need, g.Edges[f.Edge].Resource, f.Quantity, lot}
		}
	}
	return nil
}
