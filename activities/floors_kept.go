package activities

import (
	"fmt"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// KeptFloor is a floor in a certificate: with which bonus it is kept, and what its needs get. Units include what was agreed
// to before the run.
type KeptFloor struct {
	candidates.Floor
	Agreed  int64 `json:"agreed"`
	Reached int64 `json:"reached"`
}

// NetProof is what a run with floors comes to without their bonuses, in minor units.
type NetProof struct {
	Value   int64 `json:"value"`
	Bound   int64 `json:"bound"` // the certificate's, less bonus x what the run has to bring for each floor
	Gap     int64 `json:"gap"`
	Optimal bool  `json:"optimal"`
}

// given is what a solution gives to each floor, agreed matches left out.
func (i *instance) given(s *matching.Solution) []int64 {
	units := make([]int64, len(i.snapshot.Floors))
	for _, flow := range s.Flow {
		need, resource := &i.snapshot.Needs[flow.Need], &i.snapshot.Resources[i.graph.Edges[flow.Edge].Resource]
		for k := range units {
			if i.snapshot.Floors[k].For(need, resource) {
				units[k] += flow.Quantity
			}
		}
	}
	return units
}

func (i *instance) kept(s *matching.Solution) []KeptFloor {
	var kept []KeptFloor
	for k, units := range i.given(s) {
		floor := i.snapshot.Floors[k]
		agreed := floor.Agreed(i.snapshot)
		kept = append(kept, KeptFloor{Floor: floor, Agreed: agreed, Reached: agreed + units})
	}
	return kept
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

// net takes the floors' bonuses out of a proof. The bound falls by the bonuses that every allocation collects which keeps
// the floors (Lagrangian duality), the value by those that this one does.
func (i *instance) net(s *matching.Solution) NetProof {
	net := NetProof{Value: s.Value, Bound: s.Bound}
	for _, f := range i.kept(s) {
		net.Value -= f.Bonus * (f.Reached - f.Agreed)
		net.Bound -= f.Bonus * max(f.Least-f.Agreed, 0)
	}
	net.Gap = net.Bound - net.Value
	net.Optimal = net.Gap == 0
	return net
}

// fairness says how a run with floors did; nil for any other.
func (i *instance) fairness(priced *PricedFloors, s *matching.Solution) *Fairness {
	if priced == nil {
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
