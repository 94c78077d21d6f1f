package valuation

import (
	"fmt"
	"math"

	"github.com/city-resource-graph/crg/city"
)

// input is one factor's value for one match and, when it is uncertain, the parameter to draw it from.
type input struct {
	value float64
	draw  *parameter // nil for what is certain
}

// resolved is a match with every factor of the formulas filled in.
type resolved struct {
	match    Match
	category city.Category
	inputs   [64]input // by place in specs
}

// resolve checks a match and fills in its factors: override over leaf over class over default.
func (p *Parameters) resolve(m Match) (*resolved, error) {
	r := &resolved{}
	return r, p.resolveInto(r, m)
}

// resolveInto is resolve into memory that was used before.
func (p *Parameters) resolveInto(r *resolved, m Match) error {
	m = m.withDefaults()
	entry, err := p.Taxonomy.Category(m.Category)
	if err != nil {
		return err
	}
	if err := m.check(); err != nil {
		return err
	}
	*r = resolved{match: m, category: entry}
	for i, figure := range p.tables[m.Category] {
		if figure == nil {
			continue
		}
		r.inputs[i].value = figure.figure.Central
		if figure.figure.Low != figure.figure.High {
			r.inputs[i].draw = figure
		}
	}
	for name, value := range m.Overrides {
		r.inputs[specIndex[name]] = input{value: value}
	}
	if _, stated := m.Overrides[Hours]; stated {
		r.inputs[specIndex[HoursPerUnit]] = input{} // hours are counted once: as stated, else by the unit
	}
	r.inputs[specIndex[quantity]].value = m.Quantity
	r.inputs[specIndex[annuity]].value = presentValue(r.value(Years), r.value(Dropoff), r.value(DiscountRate))
	return nil
}

// presentValue is what a yearly benefit of 1 is worth over some years: the sum of (1 - dropoff)^t / (1 + rate)^t from the
// year of the match on.
func presentValue(years, dropoff, rate float64) float64 {
	if years <= 1 {
		return 1
	}
	total, factor := 0.0, 1.0
	for range int(years) {
		total += factor
		factor *= (1 - dropoff) / (1 + rate)
	}
	return total
}

func (r *resolved) value(name Name) float64 { return r.inputs[specIndex[name]].value }

// eval is a term at the central values.
func (r *resolved) eval(t term) float64 {
	product := t.constant()
	for _, a := range t.atoms {
		product *= a.how.apply(r.inputs[a.place].value)
	}
	return product
}

func (r *resolved) sum(terms []term) float64 {
	total := 0.0
	for _, t := range terms {
		total += float64(r.eval(t)) // the conversion forbids fusing, which differs between processors
	}
	return total
}

// additionality is the share of the benefits that would not have happened anyway.
func (r *resolved) additionality() float64 {
	share := 1.0
	for _, a := range additionality {
		share *= a.how.apply(r.inputs[a.place].value)
	}
	return share
}

// failedCost is what an attempt costs that finds nothing: stated, else a share of the trip.
func (r *resolved) failedCost() float64 {
	if stated, ok := r.match.Overrides[FailedCost]; ok {
		return stated
	}
	return -r.sum(failedTerms)
}

// scale is the number of minor units in a currency unit.
func (p *Parameters) scale() float64 { return math.Pow10(p.Currency.Digits()) }

// unknownName is the error for a parameter name that is none, with the nearest one that is.
func unknownName(name string) error {
	if near := city.Nearest(name, InputFields()); near != "" {
		return fmt.Errorf("unknown field %q: did you mean %q?", name, near)
	}
	return fmt.Errorf("unknown field %q: want one of the fields in docs/valuation.md", name)
}
