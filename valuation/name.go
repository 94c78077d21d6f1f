package valuation

import (
	"fmt"
	"math"
)

// Name is a parameter's name, in files, inputs and reports alike.
type Name string

// The parameters. Those of the taxonomy (weight, price, factors) can be overridden per match like the others.
const (
	UnitKg           Name = "unit_kg"
	PricePerUnit     Name = "price_per_unit"
	Condition        Name = "condition"
	Displacement     Name = "displacement"
	Willingness      Name = "willingness"
	DisposalShare    Name = "disposal_share"
	ProductionFactor Name = "production_factor"
	DisposalFactor   Name = "disposal_factor"
	TipFee           Name = "tip_fee"
	HaulFee          Name = "haul_fee"
	StorageDays      Name = "storage_days"
	StorageRate      Name = "storage_rate"
	SalvagePrice     Name = "salvage_price"
	SalvageChance    Name = "salvage_chance"
	Hours            Name = "hours"
	HoursPerUnit     Name = "hours_per_unit"
	Wage             Name = "wage"
	Fringe           Name = "fringe"
	DistanceKm       Name = "distance_km"
	Detour           Name = "detour"
	EmptyShare       Name = "empty_share"
	CostPerMile      Name = "cost_per_mile"
	VehicleKgPerMile Name = "vehicle_kg_per_mile"
	HandlingHours    Name = "handling_hours"
	HandlingWage     Name = "handling_wage"
	AdminCost        Name = "admin_cost"
	PlatformCost     Name = "platform_cost"
	SocialCostCO2    Name = "social_cost_co2"
	Deadweight       Name = "deadweight"
	Moved            Name = "moved"
	Attribution      Name = "attribution"
	Success          Name = "success"
	FailedTripShare  Name = "failed_trip_share"
	FailedCost       Name = "failed_attempt_cost"
	Years            Name = "years"
	Dropoff          Name = "dropoff"
	DiscountRate     Name = "discount_rate"
	QuantityInferred Name = "quantity_inferred"
	MealKg           Name = "meal_kg"

	// quantity and annuity are factors of the formulas, not parameters: what the match states, and the present value
	// of what serves its receiver for years.
	quantity Name = "quantity"
	annuity  Name = "annuity"
)

// domain is what values a parameter may take.
type domain int

const (
	nonNegative domain = iota
	share              // 0 to 1
	positive
	ratio     // 1 or more
	wholeYear // 1, 2, ... 100
)

// spec says how a parameter is written and drawn.
type spec struct {
	name     Name
	unit     string // as figures state it; of money, what it is per
	money    bool
	domain   domain
	dim      dimension
	perClass bool // one draw for each class even where all share one figure
	source   origin
}

// origin says where a parameter's figure comes from.
type origin int

const (
	fromFile     origin = iota // parameters/*.yaml
	fromTaxonomy               // per category
	stated                     // only ever stated per match
	derived                    // computed while resolving a match
)

// specs lists every parameter in the order in which files and reports show them.
var specs = []spec{
	{name: UnitKg, unit: "kg per unit", dim: dimension{kg: 1, unit: -1}, source: fromTaxonomy},
	{name: PricePerUnit, unit: "per unit", money: true, dim: dimension{money: 1, unit: -1}, source: fromTaxonomy},
	{name: Condition, unit: "share", domain: share},
	{name: Displacement, unit: "share", domain: share, perClass: true},
	{name: Willingness, unit: "share", domain: share},
	{name: DisposalShare, unit: "share", domain: share},
	{name: ProductionFactor, unit: "t CO2e per short ton", dim: dimension{tonneCO2: 1, shortTon: -1}, source: fromTaxonomy},
	{name: DisposalFactor, unit: "t CO2e per short ton", dim: dimension{tonneCO2: 1, shortTon: -1}, source: fromTaxonomy},
	{name: TipFee, unit: "per short ton", money: true, dim: dimension{money: 1, shortTon: -1}},
	{name: HaulFee, unit: "per short ton", money: true, dim: dimension{money: 1, shortTon: -1}},
	{name: StorageDays, unit: "day", dim: dimension{day: 1}},
	{name: StorageRate, unit: "per day", money: true, dim: dimension{money: 1, day: -1}},
	{name: SalvagePrice, unit: "per unit", money: true, dim: dimension{money: 1, unit: -1}},
	{name: SalvageChance, unit: "share", domain: share},
	{name: Hours, unit: "hour", dim: dimension{hour: 1}},
	{name: HoursPerUnit, unit: "hour per unit", dim: dimension{hour: 1, unit: -1}},
	{name: Wage, unit: "per hour", money: true, dim: dimension{money: 1, hour: -1}},
	{name: Fringe, unit: "share", domain: share},
	{name: DistanceKm, unit: "km", dim: dimension{km: 1}},
	{name: Detour, unit: "road km per km", domain: ratio},
	{name: EmptyShare, unit: "share", domain: share},
	{name: CostPerMile, unit: "per mile", money: true, dim: dimension{money: 1, mile: -1}},
	{name: VehicleKgPerMile, unit: "kg CO2 per mile", dim: dimension{kgCO2: 1, mile: -1}},
	{name: HandlingHours, unit: "hour", dim: dimension{hour: 1}},
	{name: HandlingWage, unit: "per hour", money: true, dim: dimension{money: 1, hour: -1}},
	{name: AdminCost, unit: "per match", money: true, dim: dimension{money: 1}},
	{name: PlatformCost, unit: "per match", money: true, dim: dimension{money: 1}},
	{name: SocialCostCO2, unit: "per t CO2e", money: true, dim: dimension{money: 1, tonneCO2: -1}},
	{name: Deadweight, unit: "share", domain: share},
	{name: Moved, unit: "share", domain: share},
	{name: Attribution, unit: "share", domain: share},
	{name: Success, unit: "share", domain: share},
	{name: FailedTripShare, unit: "share", domain: share},
	{name: FailedCost, unit: "per match", money: true, dim: dimension{money: 1}, source: stated},
	{name: Years, unit: "year", domain: wholeYear},
	{name: Dropoff, unit: "share", domain: share},
	{name: DiscountRate, unit: "share", domain: share},
	{name: QuantityInferred, unit: "share", domain: positive},
	{name: MealKg, unit: "kg per meal", domain: positive, dim: dimension{kg: 1}},
	{name: quantity, unit: "unit", dim: dimension{unit: 1}, source: derived},
	{name: annuity, unit: "year", source: derived},
}

var specIndex = func() map[Name]int {
	index := make(map[Name]int, len(specs))
	for i, s := range specs {
		index[s.name] = i
	}
	return index
}()

// Names lists all parameters that a match may override, in report order.
func Names() []Name {
	names := make([]Name, 0, len(specs))
	for _, s := range specs {
		if s.overridable() {
			names = append(names, s.name)
		}
	}
	return names
}

// overridable says whether a match may state the parameter.
func (s spec) overridable() bool {
	return s.source != derived && s.name != QuantityInferred && s.name != MealKg
}

// largestFigure bounds every parameter, far above any that means something, so that no product of them is infinite.
const largestFigure = 1e12

// check refuses a value outside the parameter's domain.
func (s spec) check(value float64) error {
	switch {
	case math.IsNaN(value) || math.IsInf(value, 0):
		return fmt.Errorf("%v: want a finite number", value)
	case value > largestFigure:
		return fmt.Errorf("%v: want at most %g", value, float64(largestFigure))
	case s.domain == share && (value < 0 || value > 1):
		return fmt.Errorf("%v: want a share from 0 to 1", value)
	case s.domain == ratio && value < 1:
		return fmt.Errorf("%v: want 1 or more", value)
	case s.domain == positive && value <= 0:
		return fmt.Errorf("%v: want more than 0", value)
	case s.domain == wholeYear && (value < 1 || value > 100 || value != math.Trunc(value)):
		return fmt.Errorf("%v: want whole years from 1 to 100", value)
	case value < 0 && (s.name == ProductionFactor || s.name == DisposalFactor):
		return fmt.Errorf("%v: want 0 or more: emissions caused per short ton, not saved", value)
	case value < 0:
		return fmt.Errorf("%v: want 0 or more", value)
	}
	return nil
}
