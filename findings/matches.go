package findings

import (
	"fmt"
	"math"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/valuation"
)

// Matches says of each proposed pair what a valuation has to know before anything was handed over.
func (s *Solved) Matches() []valuation.Match {
	incomes := map[string]float64{}
	for _, ward := range s.Wards {
		incomes[ward.ID] = float64(ward.MedianIncome) / math.Pow10(s.Snapshot.Currency.Digits())
	}
	matches := make([]valuation.Match, 0, len(s.Solution.Flow))
	for i, p := range s.pairs() {
		m := valuation.Match{
			ID: fmt.Sprintf("%s:%s:%d", s.Snapshot.Run, p.resource.Leaf, i+1), Category: p.resource.Leaf,
			Quantity: float64(p.quantity), Quality: p.resource.Quantity.Quality, Origin: p.resource.Origin,
			GiverRule: p.resource.Quantity.Rule, ReceiverRule: p.need.Quantity.Rule, Limit: limit(p),
			Giver: p.resource.Holder, Receiver: p.need.Holder, GiverKind: p.resource.HolderKind, ReceiverKind: p.need.HolderKind,
			Run: string(s.Snapshot.Run), Ward: p.need.Ward, Overrides: map[valuation.Name]float64{},
		}
		if p.resource.Resource != nil {
			m.Overrides[valuation.Condition] = p.resource.Resource.Condition
		}
		if p.resource.Point != nil && p.need.Point != nil {
			m.Overrides[valuation.DistanceKm] = s.Snapshot.Plane.Distance(*p.resource.Point, *p.need.Point) / 1000
		}
		if income := incomes[p.need.Ward]; income > 0 {
			m.ReceiverIncome, m.IncomeBasis = income, "area"
		}
		matches = append(matches, m)
	}
	return matches
}

// limit is the side whose listing the pair uses up, and whose error therefore matters.
func limit(p pair) city.Party {
	full := func(l *candidates.Listing) bool { return p.quantity >= l.Left }
	switch {
	case full(p.resource) && !full(p.need):
		return city.Giver
	case full(p.need) && !full(p.resource):
		return city.Receiver
	}
	return ""
}
