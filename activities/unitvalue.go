package activities

import (
	"fmt"
	"math"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/valuation"
)

// UnitValue is what the engine has to know of a category's worth, rounded to whole minor units. It is the one place
// where valuation and matching meet: neither knows the other.
func UnitValue(p *valuation.Parameters, leaf city.Leaf) (candidates.UnitValue, error) {
	rates, err := valuation.RatesOf(p, leaf)
	if err != nil {
		return candidates.UnitValue{}, fmt.Errorf("%w: worth of a unit of %s: %w", errInvalid, leaf, err)
	}
	minor := func(x float64) int64 { return int64(math.Round(x)) }
	return candidates.UnitValue{
		Leaf: leaf, Fixed: minor(rates.PerUnit), WithCondition: minor(rates.PerUnitAsNew),
		Charge: candidates.TripCharge{FixedMinor: minor(rates.PerTrip), MilliMinorPerKm: minor(1000 * rates.PerKm)},
	}, nil
}

// majorUnit is one minor unit in currency units.
func majorUnit(currency city.Currency) float64 { return math.Pow10(-currency.Digits()) }
