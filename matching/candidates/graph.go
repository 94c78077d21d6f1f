package candidates

import (
	"github.com/city-resource-graph/crg/matching"
)

// Graph is the compatibility graph of a snapshot. Need i and resource r of the problem are Needs[i] and Resources[r] of
// the snapshot; rows are ascending by resource.
type Graph struct {
	matching.Problem

	// CutBound bounds, for each need, what one unit of any pair that was left out could be worth after its spread trip
	// charge; 0 where nothing was cut off. A need price of at least this proves that nothing was lost.
	CutBound []int64

	// Fixed are the approved pairs. Their quantities are not part of the problem any more.
	Fixed []Fixed

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
