package report

// Valuation is what the confirmed matches were worth.
type Valuation struct {
	Currency    string            `json:"currency"`
	PriceYear   int               `json:"price_year"`
	Method      string            `json:"method"`
	NSV         string            `json:"nsv"` // central value
	NSVP5       string            `json:"nsv_p5"`
	NSVP50      string            `json:"nsv_p50"`
	NSVP95      string            `json:"nsv_p95"`
	Positive    float64           `json:"chance_positive"`
	ExAnteP50   string            `json:"ex_ante_p50"`
	Weighted    string            `json:"nsv_equity_weighted"`
	Elasticity  string            `json:"equity_elasticity"`
	Gross       string            `json:"gross"` // price times quantity, only ever labelled gross
	Attributed  string            `json:"attributed"`
	ByOrigin    map[string]string `json:"by_origin"`
	ByQuality   map[string]string `json:"by_quality"` // what the quantities rest on: measured, declared, inferred
	Accounts    []Line            `json:"accounts"`   // whose money it is; they add up to the NSV
	Equity      []Line            `json:"equity"`     // the NSV by elasticity
	Difference  *Difference       `json:"difference_to_expected,omitempty"`
	Estimated   float64           `json:"estimated_share"` // of NSV that rests on inferred quantities
	Physical    Physical          `json:"physical"`
	Calibration string            `json:"calibration"`
	Attempts    []Attempts        `json:"past_attempts,omitempty"` // what the city's own records say of such attempts
}

// Attempts holds the chance of success that the method states against real attempts of one kind. Brier scores: 0 is always
// sure and right, 0.25 a coin.
type Attempts struct {
	What         string  `json:"what"`
	Attempts     int     `json:"attempts"`
	Succeeded    float64 `json:"succeeded_share"`
	Stated       float64 `json:"stated_chance"`
	Brier        float64 `json:"brier"`
	BrierLearned float64 `json:"brier_learned"` // of chances learned from each attempt's forerunners
}

// Line is a named amount.
type Line struct {
	Name   string `json:"name"`
	Amount string `json:"amount"`
}

// Difference is why a valuation differs from an earlier one; the causes add up to the change.
type Difference struct {
	Before string `json:"before"`
	After  string `json:"after"`
	Change string `json:"change"`
	Causes []Line `json:"causes"`
}

// Physical units stand beside money and are never turned into money again.
type Physical struct {
	FoodKilograms float64 `json:"food_kg"`
	Meals         float64 `json:"meals"`
	Pieces        int64   `json:"pieces"`
	TonnesCO2e    float64 `json:"co2e_t"`
}
