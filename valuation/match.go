package valuation

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/city-resource-graph/crg/city"
)

// Match is one allocated or handed-over quantity to be valued.
type Match struct {
	ID       string
	Category city.Leaf // a leaf, or a class by its name alone where no more is known
	Quantity float64   // in the category's unit; a weighed quantity may have a fraction

	// Overrides replace parameters for this match: certain values, in currency units at the method's price year, not
	// indexed. distance_km, hours and storage_days are facts of the match that only ever come this way.
	Overrides map[Name]float64

	Quality city.Quality // what the quantity rests on; empty = declared
	Origin  city.Origin  // who claims that the match exists; empty = observed

	// The derivation rules of the two sides, where a rule inferred the quantity. Limit says which side's listing is
	// used up by the match, and so whose error matters; empty = both: then the smaller of the two draws counts, for no
	// more can be handed over than either side has.
	GiverRule    city.RuleID
	ReceiverRule city.RuleID
	Limit        city.Party // giver or receiver

	// Transfers between the parties, totals of the match in currency units. They cancel in the NSV.
	PricePaid   float64    // receiver to giver
	PlatformFee float64    // receiver to platform
	LogisticsBy city.Party // who pays the trip; empty = the city

	// ReceiverIncome is the yearly income of the households served, in the currency and price year of the method's
	// reference income; 0 = not known. IncomeBasis says what it is: "receiver" or "area".
	ReceiverIncome float64
	IncomeBasis    string

	// Where totals are split.
	Run, Period, Ward       string
	Giver, Receiver         city.ParticipantID
	GiverKind, ReceiverKind city.Kind
}

// withDefaults fills what an empty field means.
func (m Match) withDefaults() Match {
	if m.Quality == "" {
		m.Quality = city.Declared
	}
	if m.Origin == "" {
		m.Origin = city.Observed
	}
	if m.LogisticsBy == "" {
		m.LogisticsBy = city.CityHall
	}
	return m
}

// check refuses what cannot be valued. Errors name the field, the value and what would be right.
func (m Match) check() error {
	if math.IsNaN(m.Quantity) || m.Quantity < 0 || m.Quantity > float64(city.MaxQuantity) {
		return fmt.Errorf("quantity %v: want a number from 0 to %d", m.Quantity, city.MaxQuantity)
	}
	if err := m.Quality.Validate(); err != nil {
		return err
	}
	if err := m.Origin.Validate(); err != nil {
		return err
	}
	if err := m.LogisticsBy.Validate(); err != nil {
		return fmt.Errorf("logistics_by: %w", err)
	}
	for _, side := range []struct {
		name string
		kind city.Kind
	}{{"giver_kind", m.GiverKind}, {"receiver_kind", m.ReceiverKind}} {
		if side.kind == "" {
			continue
		}
		if err := side.kind.Validate(); err != nil {
			return fmt.Errorf("%s: %w", side.name, err)
		}
	}
	if m.IncomeBasis != "" && m.IncomeBasis != "receiver" && m.IncomeBasis != "area" {
		return fmt.Errorf("income_basis %q: want receiver or area", m.IncomeBasis)
	}
	if m.Limit != "" && m.Limit != city.Giver && m.Limit != city.Receiver {
		return fmt.Errorf("limit %q: want giver or receiver, or leave it out for both", m.Limit)
	}
	for _, amount := range []struct {
		name  string
		value float64
	}{{"price_paid", m.PricePaid}, {"platform_fee", m.PlatformFee}, {"receiver_income", m.ReceiverIncome}} {
		if !(amount.value >= 0) || math.IsInf(amount.value, 0) {
			return fmt.Errorf("%s %v: want 0 or more", amount.name, amount.value)
		}
	}
	return m.checkOverrides()
}

// checkOverrides refuses the first wrong one in the order of names: the same mistakes have the same message every time.
func (m Match) checkOverrides() error {
	if len(m.Overrides) == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(m.Overrides)) {
		i, ok := specIndex[name]
		if !ok || !specs[i].overridable() {
			return unknownName(string(name))
		}
		if err := specs[i].check(m.Overrides[name]); err != nil {
			return fmt.Errorf("%s %w", name, err)
		}
	}
	return nil
}
