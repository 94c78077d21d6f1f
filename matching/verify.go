package matching

import "github.com/city-resource-graph/crg/matching/certificate"

// Verify checks a solution against its problem with the independent checker; the error is a *certificate.Violation
// that names what is wrong.
func Verify(p *Problem, s *Solution) error {
	flows := make([]certificate.Flow, len(s.Flow))
	for k, f := range s.Flow {
		flows[k] = certificate.Flow{Edge: f.Edge, Quantity: f.Quantity}
	}
	in := &certificate.Instance[Edge]{
		NeedQuantity: p.NeedQuantity, ResourceQuantity: p.ResourceQuantity,
		RowStart: p.RowStart, Edges: p.Edges, Charges: p.Charges,
	}
	return certificate.Check(in, &certificate.Claim{
		Flows: flows, NeedPrice: s.NeedPrice, ResourcePrice: s.ResourcePrice,
		Value: s.Value, Bound: s.Bound, Optimal: s.Optimal,
	})
}
