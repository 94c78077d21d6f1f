package candidates

// KeptFloor is a floor and what an allocation gives to it. Units include what was agreed to before the run.
type KeptFloor struct {
	Floor
	Agreed  int64 `json:"agreed"`
	Reached int64 `json:"reached"`
}

// Kept adds up what an allocation gives to each floor; nil where there are none.
func (s *Snapshot) Kept(flows []Flow) []KeptFloor {
	var kept []KeptFloor
	for k := range s.Floors {
		f := KeptFloor{Floor: s.Floors[k], Agreed: s.Floors[k].Agreed(s)}
		f.Reached = f.Agreed
		for _, flow := range flows {
			if f.For(&s.Needs[flow.Need], &s.Resources[flow.Resource]) {
				f.Reached += flow.Quantity
			}
		}
		kept = append(kept, f)
	}
	return kept
}

// Kept is Snapshot.Kept of the index's snapshot.
func (c *Index) Kept(flows []Flow) []KeptFloor { return c.snapshot.Kept(flows) }

// Counts says of pairs of the snapshot's indices whether their units count for a floor.
func (c *Index) Counts(f *Floor) func(need, resource int32) bool {
	return func(need, resource int32) bool {
		return f.For(&c.snapshot.Needs[need], &c.snapshot.Resources[resource])
	}
}

// NetProof is what a run with floors comes to without their bonuses, in minor units.
type NetProof struct {
	Value   int64 `json:"value"`
	Bound   int64 `json:"bound"` // no allocation that keeps the floors is worth more
	Gap     int64 `json:"gap"`
	Optimal bool  `json:"optimal"`
}

// Net takes the floors' bonuses out of a proof. The bound falls by the bonuses that every allocation collects which keeps
// the floors (Lagrangian duality), the value by those that this one does.
func Net(value, bound int64, kept []KeptFloor) NetProof {
	net := NetProof{Value: value, Bound: bound}
	for _, f := range kept {
		net.Value -= f.Bonus * (f.Reached - f.Agreed)
		net.Bound -= f.Bonus * max(f.Least-f.Agreed, 0)
	}
	net.Gap = net.Bound - net.Value
	net.Optimal = net.Gap == 0
	return net
}
