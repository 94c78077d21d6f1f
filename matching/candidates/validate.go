package candidates

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
)

// Limits that keep every product of the score inside 64 bits.
const (
	maxUnitValue = city.MaxUnitPrice    // minor units per unit
	maxWeight    = int64(1_000_000_000) // millionths: a weight of 1,000
	million      = int64(1_000_000)

	// MaxBonus is the most that all floors together may add to a score.
	MaxBonus = maxUnitValue
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
	if err := s.validateFloors(); err != nil {
		return err
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

// validateSide names the first listing of a side that is wrong.
func validateSide(listings []Listing, side city.Side) error {
	errs := make([]error, (len(listings)+chunkListings-1)/chunkListings)
	inChunks(len(listings), chunkListings, func(from, to int) {
		for i := from; i < to && errs[from/chunkListings] == nil; i++ {
			before := city.ListingID("")
			if i > 0 {
				before = listings[i-1].ID
			}
			if err := listings[i].validate(side, before); err != nil {
				errs[from/chunkListings] = fmt.Errorf("%s %s: %w", side, cmp.Or(string(listings[i].ID), fmt.Sprint(i)), err)
			}
		}
	})
	return cmp.Or(errs...)
}

// validate looks at a listing of one side that stands after the one of another id.
func (l *Listing) validate(side city.Side, before city.ListingID) error {
	switch {
	case l.ID == "":
		return errors.New("no id")
	case before >= l.ID:
		return fmt.Errorf("follows %s; want ascending ids, each once", before)
	case l.Side != side:
		return fmt.Errorf("is listed as %q", l.Side)
	case side == city.ResourceSide && l.Resource == nil, side == city.NeedSide && l.Need == nil:
		return errors.New("its terms are missing")
	case l.Left < 0 || l.Left > matching.MaxMagnitude:
		return fmt.Errorf("left %d, want 0..%d", l.Left, matching.MaxMagnitude)
	}
	if l.Point != nil {
		if err := l.Point.Validate(); err != nil {
			return err
		}
	}
	for _, w := range l.Windows {
		if err := w.Validate(); err != nil {
			return err
		}
	}
	if side == city.ResourceSide && (l.Resource.CostPerUnit < 0 || l.Resource.CostPerUnit > maxUnitValue) {
		return fmt.Errorf("cost_per_unit %d, want 0..%d", l.Resource.CostPerUnit, maxUnitValue)
	}
	return nil
}
