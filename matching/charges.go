package matching

// Amortised returns the linear relaxation of a problem with charges: each charge is spread over the largest quantity
// that its pair can carry, and rounded down, so that no allocation is worth less in the relaxation than in truth. The
// relaxation shares all slices but Edges with the problem.
func (p *Problem) Amortised() *Problem {
	if p.Charges == nil {
		return p
	}
	q := *p
	q.Charges = nil
	q.Edges = make([]Edge, len(p.Edges))
	for i, wanted := range p.NeedQuantity {
		for k := p.RowStart[i]; k < p.RowStart[i+1]; k++ {
			e := p.Edges[k]
			if most := min(wanted, p.ResourceQuantity[e.Resource]); most > 0 {
				e.Value -= p.Charges[k] / most
			}
			q.Edges[k] = e
		}
	}
	return &q
}

// dropUnpaid turns a solution of the relaxation into an allocation of the problem with charges: it leaves out the
// pairs that lose money on their trip and counts what the others are worth.
func dropUnpaid(p *Problem, s *Solution) {
	kept := s.Flow[:0]
	s.Value = 0
	for _, f := range s.Flow {
		if net := f.Quantity*p.Edges[f.Edge].Value - p.Charges[f.Edge]; net > 0 {
			kept = append(kept, f)
			s.Value += net
		}
	}
	s.Flow = kept
	s.Optimal = s.Value == s.Bound
}
