package city

import (
	"fmt"
	"time"
)

// Side says whether a listing offers or asks.
type Side string

// Sides of a listing.
const (
	ResourceSide Side = "resource"
	NeedSide     Side = "need"
)

// Window is a span of time, end excluded.
type Window struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Validate refuses a window that ends before it starts.
func (w Window) Validate() error {
	if w.Start.Before(w.End) {
		return nil
	}
	return fmt.Errorf("window %s to %s: the end must come after the start", w.Start.Format(time.RFC3339), w.End.Format(time.RFC3339))
}

// Overlap is the common part of two windows; false when there is none.
func (w Window) Overlap(v Window) (Window, bool) {
	if v.Start.After(w.Start) {
		w.Start = v.Start
	}
	if v.End.Before(w.End) {
		w.End = v.End
	}
	return w, w.Start.Before(w.End)
}

// Urgency orders needs; tier 1 is the most urgent.
type Urgency int

// Urgency tiers.
const (
	Critical Urgency = 1
	High     Urgency = 2
	Normal   Urgency = 3
)

// Listing is what resource and need have in common. Quantities are whole numbers of the leaf's unit.
type Listing struct {
	ID              ListingID       `json:"id"`
	City            ID              `json:"city"`
	Side            Side            `json:"side"`
	Holder          ParticipantID   `json:"holder"`
	Leaf            Leaf            `json:"leaf"`
	Title           string          `json:"title,omitempty"`
	Quantity        Quantity        `json:"quantity"`
	Point           *Point          `json:"point,omitempty"`
	LocationQuality LocationQuality `json:"location_quality"`
	Ward            string          `json:"ward,omitempty"`
	Windows         []Window        `json:"windows,omitempty"` // availability of a resource, receiving hours of a need
	Temperature     Temperature     `json:"temperature,omitempty"`
	Attributes      map[string]any  `json:"attributes,omitempty"` // typed attributes of a resource: bool, number or text
	State           ListingState    `json:"state"`
	Origin          Origin          `json:"origin"`
	Source          string          `json:"source,omitempty"`
	SourceKey       string          `json:"source_key,omitempty"`

	Resource *ResourceTerms `json:"resource,omitempty"` // set when Side is ResourceSide
	Need     *NeedTerms     `json:"need,omitempty"`     // set when Side is NeedSide
}

// ResourceTerms is what only a resource states.
type ResourceTerms struct {
	RadiusMetres   int        `json:"radius_metres"` // how far the holder serves; 0 = anywhere in the city
	Divisible      bool       `json:"divisible"`
	MinimumLot     int64      `json:"minimum_lot"` // least quantity of one match; 1 = any
	PerishBy       *time.Time `json:"perish_by,omitempty"`
	Condition      float64    `json:"condition"`        // remaining share of a new item's worth, 0 to 1
	CostPerUnit    int64      `json:"cost_per_unit"`    // asked, minor units
	UsableChance   float64    `json:"usable_chance"`    // share of unconfirmed listings that turn out usable; 1 = known
	ReceiverKinds  []Kind     `json:"receiver_kinds"`   // who may take it; empty = anyone
	ConfirmByAsker bool       `json:"confirm_by_asker"` // the holder is asked before it opens
}

// NeedTerms is what only a need states.
type NeedTerms struct {
	Substitutes       []Leaf       `json:"substitutes"` // accepted besides the listing's own leaf
	MaxDistanceMetres int          `json:"max_distance_metres"`
	Urgency           Urgency      `json:"urgency"`
	Constraints       []Constraint `json:"constraints"`
	BudgetPerUnit     int64        `json:"budget_per_unit"`       // minor units; the most that it pays
	StorageCapacity   int64        `json:"storage_capacity"`      // units; 0 = not stated
	Indivisible       bool         `json:"indivisible,omitempty"` // all of it from one resource, or nothing
	MinimumLot        int64        `json:"minimum_lot,omitempty"` // least quantity of one match; 0, 1 = any
}

// Constraint is a hard condition over a resource's typed attributes, such as refrigerated = true or lift_kg >= 500.
type Constraint struct {
	Attribute string `json:"attribute"`
	Operator  string `json:"operator"` // =, !=, >=, <=
	Value     any    `json:"value"`
}

// Validate refuses what no run could compare: one such constraint would stop the run of a whole city.
func (c Constraint) Validate() error {
	if err := oneOf("operator", c.Operator, "=", "!=", ">=", "<="); err != nil {
		return err
	}
	switch c.Value.(type) {
	case float64:
		return nil
	case bool, string:
		if c.Operator == "=" || c.Operator == "!=" {
			return nil
		}
		return fmt.Errorf("%v: %s needs a number", c.Value, c.Operator)
	}
	return fmt.Errorf("%v: want true or false, a number or a text", c.Value)
}

// MaxUnitPrice is the most, in minor units, that one unit may cost or be worth: it keeps every product of a run's score
// inside 64 bits.
const MaxUnitPrice int64 = 500_000_000

// AreaIncomeAttribute is the attribute that carries the median income of the smallest area known around a need, such as
// its census tract, in currency units a year.
const AreaIncomeAttribute = "area_income"

// AreaIncome is the median income of the area around a listing; 0 where it is not known.
func (l Listing) AreaIncome() float64 {
	income, _ := l.Attributes[AreaIncomeAttribute].(float64)
	return income
}
