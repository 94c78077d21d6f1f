package candidates

import (
	"context"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/fairness"
)

// Asks is the floor in the snapshot's indices.
func (f *Floor) Asks(s *Snapshot, least int64) fairness.Floor {
	covered, counts := make([]bool, len(s.Needs)), make([]bool, len(s.Resources))
	for i := range s.Needs {
		covered[i] = f.Covers(s.Needs[i].Ward)
	}
	for r := range s.Resources {
		counts[r] = f.Counts(s.Resources[r].Leaf)
	}
	return fairness.Floor{
		Name: f.Title(), Least: max(least, 0),
		Group: func(need int32) bool { return covered[need] }, Counts: func(resource int32) bool { return counts[resource] },
	}
}

// Plain is the problem of a graph without the bonuses of the snapshot's floors: what an allocation is worth to the city.
func (c *Index) Plain(g *Graph) *matching.Problem {
	p := g.Problem
	if len(c.snapshot.Floors) == 0 {
		return &p
	}
	p.Edges = make([]matching.Edge, len(g.Edges))
	for i := range g.NeedQuantity {
		for k := g.RowStart[i]; k < g.RowStart[i+1]; k++ {
			e := g.Edges[k]
			p.Edges[k] = matching.Edge{Resource: e.Resource, Value: e.Value - c.Bonus(int32(i), e.Resource)}
		}
	}
	return &p
}

// Settle changes a solution of the graph so that the floors of the snapshot are kept by as little as they ask for (see
// fairness.Settle); rough will do with any that keeps them, and tried is what was tried before, or nil. Prices
// and bound stay; the value is again that with bonuses.
// Shards know nothing of one another and a floor does, so this is a step of its own once their solutions are joined.
func (c *Index) Settle(ctx context.Context, g *Graph, s *matching.Solution, rough bool, tried *fairness.Tried) error {
	if len(c.snapshot.Floors) == 0 {
		return nil
	}
	in := fairness.Settling{Problem: c.Plain(g), Terms: g.terms(), Rough: rough, Tried: tried}
	for k := range c.snapshot.Floors {
		f := &c.snapshot.Floors[k]
		in.Floors = append(in.Floors, f.Asks(c.snapshot, f.Least-f.Agreed(c.snapshot)))
		in.Bonuses = append(in.Bonuses, f.Bonus)
	}
	if err := fairness.Settle(ctx, in, s); err != nil {
		return err
	}
	s.Value = 0
	for _, f := range s.Flow {
		s.Value += f.Quantity*g.Edges[f.Edge].Value - g.Charges[f.Edge]
	}
	s.Optimal = s.Value == s.Bound
	return nil
}
