package reporting

import (
	"fmt"
	"math"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/findings"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/valuation"
)

// Expected says of each proposed pair what a valuation has to know before anything was handed over, from the run's files
// alone.
func Expected(s *findings.Solved) []valuation.Match {
	incomes := map[string]float64{}
	for _, ward := range s.Wards {
		incomes[ward.ID] = float64(ward.MedianIncome) / math.Pow10(s.Snapshot.Currency.Digits())
	}
	pairs := s.Pairs()
	matches := make([]valuation.Match, 0, len(pairs))
	for i, p := range pairs {
		m := valuation.Match{
			ID: fmt.Sprintf("%s:%s:%d", s.Snapshot.Run, p.Resource.Leaf, i+1), Category: p.Resource.Leaf,
			Quantity: float64(p.Quantity), Quality: p.Resource.Quantity.Quality, Origin: p.Resource.Origin,
			GiverRule: p.Resource.Quantity.Rule, ReceiverRule: p.Need.Quantity.Rule, Limit: limit(p),
			Giver: p.Resource.Holder, Receiver: p.Need.Holder, GiverKind: p.Resource.HolderKind, ReceiverKind: p.Need.HolderKind,
			Run: string(s.Snapshot.Run), Ward: p.Need.Ward, Overrides: map[valuation.Name]float64{},
		}
		if p.Resource.Resource != nil {
			m.Overrides[valuation.Condition] = p.Resource.Resource.Condition
			m.PricePaid = float64(p.Resource.Resource.CostPerUnit*p.Quantity) / math.Pow10(s.Snapshot.Currency.Digits())
		}
		if p.Resource.Point != nil && p.Need.Point != nil {
			m.Overrides[valuation.DistanceKm] = s.Snapshot.Plane.Distance(*p.Resource.Point, *p.Need.Point) / 1000
		}
		if income := p.Need.AreaIncome(); income > 0 {
			m.ReceiverIncome, m.IncomeBasis = income, "area"
		} else if income := incomes[p.Need.Ward]; income > 0 {
			m.ReceiverIncome, m.IncomeBasis = income, "area"
		}
		matches = append(matches, m)
	}
	return matches
}

// limit is the side whose listing the pair uses up, and whose error therefore matters.
func limit(p findings.Pair) city.Party {
	full := func(l *candidates.Listing) bool { return p.Quantity >= l.Left }
	switch {
	case full(p.Resource) && !full(p.Need):
		return city.Giver
	case full(p.Need) && !full(p.Resource):
		return city.Receiver
	}
	return ""
}
