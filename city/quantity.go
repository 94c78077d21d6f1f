package city

import "fmt"

// Unit is what a category's quantity counts. Quantities are whole numbers of it.
type Unit string

// The units in use.
const (
	Kilogram    Unit = "kg"
	Piece       Unit = "piece"
	Hour        Unit = "hour"
	Litre       Unit = "litre"
	SquareMetre Unit = "m2"
	Trip        Unit = "trip"
	Lot         Unit = "lot" // one lot of unstated size
)

// MaxQuantity bounds one listing (the engine sums up to 2^40 units without overflow).
const MaxQuantity int64 = 1 << 40

// Grams is a weight.
type Grams int64

// Kilograms is the weight in kg, for display only.
func (g Grams) Kilograms() float64 { return float64(g) / 1000 }

// Quality says what a quantity or place rests on.
type Quality string

// Qualities, best first.
const (
	Measured Quality = "measured" // weighed or counted
	Declared Quality = "declared" // the holder said so
	Inferred Quality = "inferred" // a rule says so
)

// Validate refuses an unknown quality.
func (q Quality) Validate() error {
	return oneOf("quality", q, Measured, Declared, Inferred)
}

// Origin says who claims that a listing, decision or hand-over exists. Totals are split by it everywhere.
type Origin string

// Origins. A real name never carries a simulated refusal or no-show.
const (
	Observed  Origin = "observed"  // the source says so
	Modelled  Origin = "modelled"  // a derivation rule says so
	Generated Origin = "generated" // made by the city generator
	Simulated Origin = "simulated" // a decision or hand-over that a demo made up
)

// Validate refuses an unknown origin.
func (o Origin) Validate() error {
	return oneOf("origin", o, Observed, Modelled, Generated, Simulated)
}

// RuleID names a derivation rule and its version, such as "dc.restaurant.kg_week@1".
type RuleID string

// Rule derives a quantity that no source states. Its error is common to all listings that it derived: one draw per
// rule in a Monte Carlo run, not one per listing.
type Rule struct {
	ID       RuleID  `json:"id" yaml:"id"`
	Low      float64 `json:"low" yaml:"low"`
	Central  float64 `json:"central" yaml:"central"`
	High     float64 `json:"high" yaml:"high"`
	Unit     string  `json:"unit" yaml:"unit"`
	Source   string  `json:"source" yaml:"source"`
	Evidence string  `json:"evidence" yaml:"evidence"` // verified, known or assumption
}

// Validate refuses a rule without a source or whose range is not ordered.
func (r Rule) Validate() error {
	switch {
	case r.ID == "":
		return fmt.Errorf("rule without an id")
	case r.Source == "":
		return fmt.Errorf("rule %s: no source", r.ID)
	case !(0 <= r.Low && r.Low <= r.Central && r.Central <= r.High): // not a number must fail, too
		return fmt.Errorf("rule %s: want 0 <= low <= central <= high, got %v, %v, %v", r.ID, r.Low, r.Central, r.High)
	}
	return oneOf("evidence of rule "+string(r.ID), r.Evidence, "verified", "known", "assumption")
}

// Quantity is an amount of a category's unit and what it rests on.
type Quantity struct {
	Amount  int64   `json:"amount"`
	Unit    Unit    `json:"unit"`
	Quality Quality `json:"quality"`
	Rule    RuleID  `json:"rule,omitempty"` // set when Quality is Inferred
}

// oneOf is the one way this package refuses a word outside a closed list.
func oneOf[T ~string](field string, value T, allowed ...T) error {
	for _, word := range allowed {
		if value == word {
			return nil
		}
	}
	return fmt.Errorf("%s %q: want one of %v", field, string(value), allowed)
}
