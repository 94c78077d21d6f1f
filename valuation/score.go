package valuation

import "github.com/city-resource-graph/crg/city"

// Score splits a match's expected NSV into a part for each unit and a part for the trip, whatever the quantity:
// expected = PerUnit x quantity - PerTrip. They are what the matching score and the trip charge are made of; with
// neutral weights the run's objective is the expected NSV.
type Score struct {
	PerUnit float64 // minor units per unit of quantity, not yet rounded
	PerTrip float64 // minor units per pair, not yet rounded; below 0 when fixed benefits (stated hours) exceed the trip
}

// UnitMinor rounds PerUnit to the nearest minor unit, ties away from zero.
func (s Score) UnitMinor() int64 { return roundHalfAway(s.PerUnit) }

// TripMinor rounds PerTrip likewise.
func (s Score) TripMinor() int64 { return roundHalfAway(s.PerTrip) }

// ScoreOf computes the score of a pair from all that is known of it; its quantity does not matter.
func ScoreOf(p *Parameters, m Match) (Score, error) {
	rates, err := ratesOf(p, m)
	if err != nil {
		return Score{}, err
	}
	r, err := p.resolve(m)
	if err != nil {
		return Score{}, err
	}
	return Score{
		PerUnit: rates.PerUnit + r.value(Condition)*rates.PerUnitAsNew,
		PerTrip: rates.PerTrip + r.value(DistanceKm)*rates.PerKm,
	}, nil
}

// UnitValue is the expected worth of one unit of a category in its usual condition, in minor units.
func UnitValue(p *Parameters, leaf city.Leaf) (float64, error) {
	score, err := ScoreOf(p, Match{Category: leaf})
	return score.PerUnit, err
}

// TripCharge is what one pair costs whatever its quantity, in minor units: logistics, the trip's emissions, platform,
// and the share of failed attempts.
func TripCharge(p *Parameters, leaf city.Leaf, distanceKm float64) (float64, error) {
	score, err := ScoreOf(p, Match{Category: leaf, Overrides: map[Name]float64{DistanceKm: distanceKm}})
	return score.PerTrip, err
}
