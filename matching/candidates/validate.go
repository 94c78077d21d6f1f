package candidates

import (
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
)

// Limits that keep every product of the score inside 64 bits.
const (
	maxUnitValue = int64(500_000_000)   // minor units per unit
	maxWeight    = int64(1_000_000_000) // millionths: a weight of 1,000
	million      = int64(1_000_000)
)

// Validate names the first thing in the snapshot that a run could not be trusted with: listings out of order or twice,
// a leaf without a unit value, a pin on an unknown listing, fixed pins that exceed a quantity.
func (s *Snapshot) Validate() error {
	if err := s.Scoring.Validate(); err != nil {
		return err
	}
	if err := s.Travel.validate(); err != nil {
		return err
	}
	if s.Scoring.Currency != "" && s.Scoring.Currency != s.Currency {
		return fmt.Errorf("scoring %s is in %s, the snapshot in %s", s.Scoring.ID, s.Scoring.Currency, s.Currency)
	}
	leaves, err := s.unitValues()
	if err != nil {
		return err
	}
	for i := range s.Wards {
		if w := s.Wards[i]; w.Millionth < 0 || w.Millionth > maxWeight {
			return fmt.Errorf("ward %s: weight %d millionths, want 0..%d", w.Ward, w.Millionth, maxWeight)
		}
	}
	if err := validateSide(s.Resources, city.ResourceSide); err != nil {
		return err
	}
	for i := range s.Resources {
		if _, known := leaves[s.Resources[i].Leaf]; !known {
			return fmt.Errorf("resource %s: no unit value for leaf %s in the snapshot", s.Resources[i].ID, s.Resources[i].Leaf)
		}
	}
	return validateSide(s.Needs, city.NeedSide)
}

func (s *Snapshot) unitValues() (map[city.Leaf]UnitValue, error) {
	leaves := make(map[city.Leaf]UnitValue, len(s.UnitValues))
	for _, v := range s.UnitValues {
		if _, twice := leaves[v.Leaf]; twice {
			return nil, fmt.Errorf("unit value of %s: given twice", v.Leaf)
		}
		if v.Fixed > maxUnitValue || v.Fixed < -maxUnitValue || v.WithCondition < 0 || v.WithCondition > maxUnitValue {
			return nil, fmt.Errorf("unit value of %s: %d + %d minor units, want at most %d each", v.Leaf, v.Fixed, v.WithCondition, maxUnitValue)
		}
		if c := v.Charge; c.FixedMinor < 0 || c.FixedMinor > maxUnitValue || c.MilliMinorPerKm < 0 || c.MilliMinorPerKm > maxUnitValue {
			return nil, fmt.Errorf("trip charge of %s: %d and %d per km, want 0..%d", v.Leaf, c.FixedMinor, c.MilliMinorPerKm, maxUnitValue)
		}
		leaves[v.Leaf] = v
	}
	return leaves, nil
}

func (t Travel) validate() error {
	if t.SecondsPerKm < 0 || t.HandlingSeconds < 0 || t.MaxDistanceMetres < 0 {
		return fmt.Errorf("travel: seconds_per_km, handling_seconds and max_distance_metres must not be negative")
	}
	return nil
}

func validateSide(listings []Listing, side city.Side) error {
	for i := range listings {
		l := &listings[i]
		switch {
		case l.ID == "":
			return fmt.Errorf("%s %d: no id", side, i)
		case i > 0 && listings[i-1].ID >= l.ID:
			return fmt.Errorf("%s %s: follows %s; want ascending ids, each once", side, l.ID, listings[i-1].ID)
		case l.Side != side:
			return fmt.Errorf("%s %s: is listed as %q", side, l.ID, l.Side)
		case side == city.ResourceSide && l.Resource == nil, side == city.NeedSide && l.Need == nil:
			return fmt.Errorf("%s %s: its terms are missing", side, l.ID)
		case l.Left < 0 || l.Left > matching.MaxMagnitude:
			return fmt.Errorf("%s %s: left %d, want 0..%d", side, l.ID, l.Left, matching.MaxMagnitude)
		}
		if l.Point != nil {
			if err := l.Point.Validate(); err != nil {
				return fmt.Errorf("%s %s: %w", side, l.ID, err)
			}
		}
		for _, w := range l.Windows {
			if err := w.Validate(); err != nil {
				return fmt.Errorf("%s %s: %w", side, l.ID, err)
			}
		}
		if side == city.ResourceSide {
			if cost := l.Resource.CostPerUnit; cost < 0 || cost > maxUnitValue {
				return fmt.Errorf("resource %s: cost_per_unit %d, want 0..%d", l.ID, cost, maxUnitValue)
			}
		}
	}
	return nil
}
