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
	m.Quantity = 1
	r, err := p.resolve(m)
	if err != nil {
		return Score{}, err
	}
	share, success := r.additionality(), r.value(Success)
	var score Score
	for _, t := range terms {
		amount := r.eval(t) * success * p.scale()
		if !t.item.IsCost() {
			amount *= share
		}
		if t.has(quantity) {
			score.PerUnit += amount
		} else {
			score.PerTrip -= amount
		}
	}
	score.PerTrip += (1 - success) * r.failedCost() * p.scale()
	return score, nil
}

// UnitValue is the expected worth of one unit of a category, in minor units: success x A x (receiver + donor + time +
// environment without the trip's emissions).
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
