package valuation

// Item is a line of a valuation.
type Item string

// The items. Benefits are scaled by additionality; costs never are.
const (
	Receiver    Item = "receiver"    // what the goods are worth to who gets them
	Donor       Item = "donor"       // disposal and storage that the giver is spared, less a sale forgone
	Time        Item = "time"        // people's hours as the resource
	Environment Item = "environment" // avoided emissions less those of the trip
	Logistics   Item = "logistics"   // cost of the trip
	Platform    Item = "platform"    // cost of running the platform
)

// Items lists the items in report order.
func Items() []Item { return []Item{Receiver, Donor, Time, Environment, Logistics, Platform} }

// IsCost says whether the item is subtracted.
func (i Item) IsCost() bool { return i == Logistics || i == Platform }

// transform is what a formula does with a factor before it multiplies.
type transform int

const (
	asIs       transform = iota
	complement           // 1 - x
	increment            // 1 + x
)

func (t transform) apply(x float64) float64 {
	switch t {
	case complement:
		return 1 - x
	case increment:
		return 1 + x
	default:
		return x
	}
}

// atom is one factor of a term.
type atom struct {
	name  Name
	how   transform
	place int // in specs
}

// term is a product of factors, a summand of one item. Terms are the only place where the formulas stand; the central
// value, the Monte Carlo run, the score and the explanation all read them. Numbers are those of docs/valuation.md.
type term struct {
	item    Item
	sign    float64
	convert []conversion
	atoms   []atom
}

func is(name Name) atom    { return atom{name, asIs, specIndex[name]} }
func not(name Name) atom   { return atom{name, complement, specIndex[name]} }
func plus1(name Name) atom { return atom{name, increment, specIndex[name]} }

// mass is the weight of the match in short tons, as factors.
var mass = []conversion{kgToShortTon}

// miles is the way driven, as factors: straight line x detour x (1 + share driven empty), for cost and emissions alike.
var miles = []atom{is(DistanceKm), is(Detour), plus1(EmptyShare)}

var terms = []term{
	// 1. Receiver: q p k (d + (1 - d) o), the rest of the demand valued at its average willingness to pay. This alone lasts
	// for years (9): what is given is spared from disposal, emitted and driven once.
	{Receiver, +1, nil, []atom{is(quantity), is(PricePerUnit), is(Condition), is(Displacement), is(annuity)}},
	{Receiver, +1, nil, []atom{is(quantity), is(PricePerUnit), is(Condition), not(Displacement), is(Willingness), is(annuity)}},
	// 2. Donor: s w (tip + haul) + days x rate - q x salvage price x chance of sale.
	{Donor, +1, mass, []atom{is(quantity), is(UnitKg), is(DisposalShare), is(TipFee)}},
	{Donor, +1, mass, []atom{is(quantity), is(UnitKg), is(DisposalShare), is(HaulFee)}},
	{Donor, +1, nil, []atom{is(StorageDays), is(StorageRate)}},
	{Donor, -1, nil, []atom{is(quantity), is(SalvagePrice), is(SalvageChance)}},
	// 3. Time: hours x wage x (1 + fringe), stated for the match or counted by the unit; never both (see resolve).
	{Time, +1, nil, []atom{is(Hours), is(Wage), plus1(Fringe)}},
	{Time, +1, nil, []atom{is(quantity), is(HoursPerUnit), is(Wage), plus1(Fringe)}},
	// 6. Environment: (d w EF production + s w EF disposal - miles x EF vehicle) x social cost.
	{Environment, +1, mass, []atom{is(quantity), is(UnitKg), is(Displacement), is(ProductionFactor), is(SocialCostCO2)}},
	{Environment, +1, mass, []atom{is(quantity), is(UnitKg), is(DisposalShare), is(DisposalFactor), is(SocialCostCO2)}},
	{Environment, -1, []conversion{kmToMile, kgToTonneCO2}, append(miles[:3:3], is(VehicleKgPerMile), is(SocialCostCO2))},
	// 5. Logistics: miles x cost per mile + handling hours x wage + admin.
	{Logistics, -1, []conversion{kmToMile}, append(miles[:3:3], is(CostPerMile))},
	{Logistics, -1, nil, []atom{is(HandlingHours), is(HandlingWage)}},
	{Logistics, -1, nil, []atom{is(AdminCost)}},
	{Platform, -1, nil, []atom{is(PlatformCost)}},
}

// additionality scales benefits: A = (1 - deadweight)(1 - moved).
var additionality = []atom{not(Deadweight), not(Moved)}

// failedTerms is the default cost of an attempt that found nothing: a share of the trip's cost and emissions.
var failedTerms = func() []term {
	var failed []term
	for _, t := range terms {
		if t.item == Logistics || t.isTripEmission() {
			failed = append(failed, t.with(is(FailedTripShare)))
		}
	}
	return failed
}()

// grossTerms is the figure that published reports call impact: price x quantity, full disposal fee, full avoided CO2,
// hours at their wage. It is shown only under the name gross.
var grossTerms = []term{
	{Receiver, +1, nil, []atom{is(quantity), is(PricePerUnit)}},
	{Donor, +1, mass, []atom{is(quantity), is(UnitKg), is(TipFee)}},
	{Donor, +1, mass, []atom{is(quantity), is(UnitKg), is(HaulFee)}},
	{Time, +1, nil, []atom{is(Hours), is(Wage), plus1(Fringe)}},
	{Time, +1, nil, []atom{is(quantity), is(HoursPerUnit), is(Wage), plus1(Fringe)}},
	{Environment, +1, mass, []atom{is(quantity), is(UnitKg), is(ProductionFactor), is(SocialCostCO2)}},
	{Environment, +1, mass, []atom{is(quantity), is(UnitKg), is(DisposalFactor), is(SocialCostCO2)}},
}

// emissionTerms is the environment in tonnes of CO2e instead of money.
var emissionTerms = func() []term {
	var emissions []term
	for _, t := range terms {
		if t.item == Environment {
			emissions = append(emissions, t.without(SocialCostCO2))
		}
	}
	return emissions
}()

// weightTerm is the match's weight in kilograms.
var weightTerm = term{"", +1, nil, []atom{is(quantity), is(UnitKg)}}

func (t term) isTripEmission() bool { return t.item == Environment && t.has(VehicleKgPerMile) }

func (t term) has(name Name) bool {
	for _, a := range t.atoms {
		if a.name == name {
			return true
		}
	}
	return false
}

// negative returns the term with the other sign.
func (t term) negative() term {
	t.sign = -t.sign
	return t
}

// with returns the term times further factors.
func (t term) with(atoms ...atom) term {
	t.atoms = append(t.atoms[:len(t.atoms):len(t.atoms)], atoms...)
	return t
}

// without returns the term with all factors but those named.
func (t term) without(names ...Name) term {
	var kept []atom
	for _, a := range t.atoms {
		if !containsName(names, a.name) {
			kept = append(kept, a)
		}
	}
	t.atoms = kept
	return t
}

func containsName(names []Name, name Name) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// constant is the product of the term's sign and conversions.
func (t term) constant() float64 {
	product := t.sign
	for _, c := range t.convert {
		product *= c.value
	}
	return product
}
