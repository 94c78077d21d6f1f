package valuation

import (
	"maps"

	"github.com/city-resource-graph/crg/city"
)

// Rates splits a category's expected NSV so that any quantity, condition and distance can be scored without coming back
// here: expected = quantity x (PerUnit + condition x PerUnitAsNew) - PerTrip - km x PerKm. Minor units, not rounded.
type Rates struct {
	PerUnit      float64 // whatever its condition: avoided disposal, emissions, time
	PerUnitAsNew float64 // at condition 1
	PerTrip      float64 // handling, administration, platform
	PerKm        float64 // straight line; detour, empty way back and vehicle emissions are inside
}

// RatesOf computes the rates of a category, with success, additionality and the cost of failed attempts inside.
func RatesOf(p *Parameters, leaf city.Leaf) (Rates, error) { return ratesOf(p, Match{Category: leaf}) }

func ratesOf(p *Parameters, m Match) (Rates, error) {
	m.Quantity = 1
	m.Overrides = maps.Clone(m.Overrides)
	if m.Overrides == nil {
		m.Overrides = map[Name]float64{}
	}
	m.Overrides[Condition], m.Overrides[DistanceKm] = 1, 1
	r, err := p.resolve(m)
	if err != nil {
		return Rates{}, err
	}
	share, success := r.additionality(), r.value(Success)
	var rates Rates
	for _, t := range terms {
		amount := r.eval(t) * success * p.scale()
		if !t.item.IsCost() {
			amount *= share
		}
		rates.book(t, amount)
	}
	if stated, ok := r.match.Overrides[FailedCost]; ok {
		rates.PerTrip += (1 - success) * stated * p.scale()
		return rates, nil
	}
	for _, t := range failedTerms {
		rates.book(t, r.eval(t)*(1-success)*p.scale())
	}
	return rates, nil
}

// book adds a term's contribution to the expected NSV to the rate that it scales with.
func (r *Rates) book(t term, amount float64) {
	switch {
	case t.has(Condition):
		r.PerUnitAsNew += amount
	case t.has(quantity):
		r.PerUnit += amount
	case t.has(DistanceKm):
		r.PerKm -= amount
	default:
		r.PerTrip -= amount
	}
}

// ChanceOfSuccess is the stated chance, 0 to 1, that a match of a category is handed over.
func (p *Parameters) ChanceOfSuccess(leaf city.Leaf) (float64, error) {
	r, err := p.resolve(Match{ID: "any", Category: leaf, Quantity: 1})
	if err != nil {
		return 0, err
	}
	return r.value(Success), nil
}
