package valuation

import (
	"math"

	"github.com/city-resource-graph/crg/city"
)

// Summary is the valuation of a portfolio: what is stored, reported and compared. Amounts are minor units.
type Summary struct {
	Method          string
	ParameterHash   string
	Formulas        string
	TaxonomyVersion string
	Currency        city.Currency
	PriceYear       int
	Draws           int
	Seed            uint64

	Results []Result // in the caller's order
	Total   Total
	Groups  map[Dimension][]Group // each dimension's groups add up to the total; sorted by key
	Parties []PartyAccount        // sorted by participant, then side
	Swings  []Swing               // what the range comes from, largest first; the first five are the tornado
}

// Dimension is a way to split a total.
type Dimension string

// Dimensions.
const (
	ByClass        Dimension = "class"
	ByCategory     Dimension = "category"
	ByOrigin       Dimension = "origin"
	ByQuality      Dimension = "quality"
	ByWard         Dimension = "ward"
	ByGiverKind    Dimension = "giver_kind"
	ByReceiverKind Dimension = "receiver_kind"
	ByPeriod       Dimension = "period"
	ByRun          Dimension = "run"
)

// Dimensions lists them in report order.
func Dimensions() []Dimension {
	return []Dimension{ByClass, ByCategory, ByOrigin, ByQuality, ByWard, ByGiverKind, ByReceiverKind, ByPeriod, ByRun}
}

// key is the match's group in a dimension.
func (d Dimension) key(m Match) string {
	switch d {
	case ByClass:
		return string(m.Category.Class())
	case ByCategory:
		return string(m.Category)
	case ByOrigin:
		return string(m.Origin)
	case ByQuality:
		return string(m.Quality)
	case ByWard:
		return m.Ward
	case ByGiverKind:
		return string(m.GiverKind)
	case ByReceiverKind:
		return string(m.ReceiverKind)
	case ByPeriod:
		return m.Period
	default:
		return m.Run
	}
}

// Total is a sum over matches with the range of its NSV.
type Total struct {
	Matches int

	Receiver, Donor, Time, Environment, Logistics, Platform int64
	NSV, Gross, Expected, Attributed                        int64
	OpportunityCost, NSVFull                                int64
	Counted                                                 Counted
	Accounts                                                Accounts
	Equity                                                  []EquityView
	IncomeKnown                                             int // matches whose receiver's income, or its area's, is known

	CO2eTonnes, Kg, Meals, Hours float64

	// Estimated is the share of the value (by absolute NSV) that rests on inferred quantities, 0 to 1.
	Estimated float64

	Range         Range      // of the NSV
	ExpectedRange Range      // of the expected NSV; of the whole portfolio only
	CO2eRange     FloatRange // tonnes; of the whole portfolio only
	KgRange       FloatRange // of the whole portfolio only
	Return        Return     // of the whole portfolio only

	absolute, inferred float64
	magnitude          float64 // bounds every sum of money in it, in minor units
}

// Range is percentiles of an amount in minor units.
type Range struct {
	Known         bool // false for groups beyond the first few hundred, which are summed without a range
	P5, P50, P95  int64
	ProbabilityUp float64 // share of draws above zero: P(NSV > 0)
}

// FloatRange is percentiles of a physical quantity.
type FloatRange struct{ P5, P50, P95 float64 }

// Return is the social return on investment: counted benefits per unit of cost (logistics and platform). It may be
// compared between valuations of one method version only.
type Return struct {
	Known   bool // false when nothing was spent
	Central float64
	FloatRange
}

// Group is a total of one dimension's key.
type Group struct {
	Key string
	Total
}

// PartyAccount is what one participant gained on one side of its matches, at the central values.
type PartyAccount struct {
	Participant city.ParticipantID
	Side        city.Party // giver or receiver
	Kind        city.Kind
	Matches     int
	Account     int64 // minor units
	Kg          float64
}

// Swing is what one uncertain figure does to the total NSV when it goes from its 5th to its 95th percentile while all
// others stay central.
type Swing struct {
	Draw             string // such as "displacement/food" or "rule/dc.restaurant.kg_week@1"
	Low, High        float64
	Unit             string
	Currency         city.Currency
	PriceYear        int
	Source           string
	Evidence         city.Evidence
	NSVLow, NSVHigh  int64
	AbsoluteMovement int64
}

func (t *Total) add(r Result) {
	t.Matches++
	t.Receiver += r.Receiver
	t.Donor += r.Donor
	t.Time += r.Time
	t.Environment += r.Environment
	t.Logistics += r.Logistics
	t.Platform += r.Platform
	t.NSV += r.NSV
	t.Gross += r.Gross
	t.Expected += r.Expected
	t.Attributed += r.Attributed
	t.OpportunityCost += r.OpportunityCost
	t.NSVFull += r.NSVFull
	t.Counted.add(r.Counted)
	t.Accounts.add(r.Accounts)
	t.CO2eTonnes += r.CO2eTonnes
	t.Kg += r.Kg
	t.Meals += r.Meals
	t.Hours += r.Hours
	if r.Match.ReceiverIncome > 0 {
		t.IncomeKnown++
	}
	if t.Equity == nil {
		t.Equity = make([]EquityView, len(r.Equity))
	}
	for i, view := range r.Equity {
		t.Equity[i].Elasticity = view.Elasticity
		t.Equity[i].NSV += view.NSV
	}
	t.magnitude += r.magnitude()
	weight := math.Abs(float64(r.NSV))
	t.absolute += weight
	if r.Match.Quality == city.Inferred {
		t.inferred += weight
	}
}

func (t *Total) finish() {
	if t.absolute > 0 {
		t.Estimated = t.inferred / t.absolute
	}
}
