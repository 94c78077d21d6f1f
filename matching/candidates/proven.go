package candidates

import (
	"context"
	"fmt"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/charges"
)

// Proof says how the result came to hold for the full graph.
type Proof struct {
	Rounds  int  `json:"rounds"`  // solves, the first one included
	Added   int  `json:"added"`   // pairs priced in that had been cut off
	Covered bool `json:"covered"` // the rounds ran out: need prices were raised to their bounds instead, at a gap
}

// maxRounds ends the widening. Each round adds only pairs that the prices call for, and few rounds are ever needed; but
// a deadline must not be the only end of a loop.
const maxRounds = 20

// SolveProven solves the graph of a snapshot, prices in what was cut off until the prices hold for the full graph, and
// returns the graph that it ended with. Until then trip charges count in their spread form; then package charges finds
// the allocation that pays them.
func SolveProven(ctx context.Context, c *Index, g *Graph, o matching.Options) (*Graph, *matching.Solution, Proof, error) {
	proof := Proof{}
	for {
		proof.Rounds++
		s, err := matching.Solve(ctx, &g.Problem, o)
		if err != nil {
			return nil, nil, proof, fmt.Errorf("solve proven: %w", err)
		}
		if s.Stopped || proof.Rounds >= maxRounds {
			g.CoverCut(s)
			proof.Covered = true
			return g, s, proof, charges.ImproveTerms(ctx, &g.Problem, g.terms(), s, o.Workers)
		}
		wider, added, err := c.Widen(ctx, g, s, widenBy)
		if err != nil {
			return nil, nil, proof, fmt.Errorf("solve proven: %w", err)
		}
		if added == 0 {
			return g, s, proof, charges.ImproveTerms(ctx, &g.Problem, g.terms(), s, o.Workers)
		}
		g, proof.Added = wider, proof.Added+added
		o.Warm = s.Basis
	}
}

// widenBy is how many pairs a round adds to a need at most.
const widenBy = 16
