package report

import (
	"encoding/json"
	"strconv"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

// Document is a valuation as JSON: money in currency units with the currency's decimals, tonnes with six.
type Document struct {
	Head
	Matches []MatchRow `json:"matches"`
	Rest
}

// Head is how a valuation came about.
type Head struct {
	Method        string        `json:"method"`
	ParameterHash string        `json:"parameters_sha256"`
	Formulas      string        `json:"formulas"` // version of the formulas
	InputHash     string        `json:"input_sha256,omitempty"`
	Taxonomy      string        `json:"taxonomy"`
	Currency      city.Currency `json:"currency"`
	PriceYear     int           `json:"price_year"`
	PriceIndex    string        `json:"price_index"` // its source; empty = figures were taken as published
	Draws         int           `json:"draws"`
	Seed          uint64        `json:"seed"`
}

// Rest is what follows the matches.
type Rest struct {
	Total      TotalRow                        `json:"total"`
	By         map[valuation.Dimension][]Group `json:"by"`
	Parties    []Party                         `json:"parties,omitempty"`
	Tornado    []Swing                         `json:"tornado"`
	Parameters map[string]Parameter            `json:"parameters"` // what the factors of the line items refer to
}

// Items are the six items in currency units, before additionality; costs are positive.
type Items struct {
	Receiver    json.Number `json:"receiver"`
	Donor       json.Number `json:"donor"`
	Time        json.Number `json:"time"`
	Environment json.Number `json:"environment"`
	Logistics   json.Number `json:"logistics"`
	Platform    json.Number `json:"platform"`
}

// Accounts are whose money the NSV is; they add up to it.
type Accounts struct {
	Giver       json.Number `json:"giver"`
	Receiver    json.Number `json:"receiver"`
	City        json.Number `json:"city"`
	Environment json.Number `json:"environment"`
	Platform    json.Number `json:"platform"`
}

// Worth is what matches and totals have in common.
type Worth struct {
	Items
	NSV             json.Number `json:"nsv"`
	Gross           json.Number `json:"gross"`
	Expected        json.Number `json:"expected"`
	Attributed      json.Number `json:"attributed"`
	OpportunityCost json.Number `json:"opportunity_cost"`
	NSVFull         json.Number `json:"nsv_full_opportunity_cost"`
	Counted         Items       `json:"counted"` // as they enter the NSV: after additionality, costs negative
	Accounts        Accounts    `json:"accounts"`
	Equity          []Equity    `json:"equity"`
	CO2eTonnes      json.Number `json:"co2e_t"`
	Kg              float64     `json:"kg"`
	Meals           float64     `json:"meals"`
	Hours           float64     `json:"hours"`
}

// Equity is the NSV with the receivers' part weighted by income.
type Equity struct {
	Elasticity float64     `json:"elasticity"`
	Weight     float64     `json:"weight,omitempty"`
	NSV        json.Number `json:"nsv"`
}

// MatchRow is one match.
type MatchRow struct {
	ID            string       `json:"id"`
	Category      city.Leaf    `json:"category"`
	Quantity      float64      `json:"quantity"`
	Unit          city.Unit    `json:"unit"`
	Quality       city.Quality `json:"quality"`
	Origin        city.Origin  `json:"origin"`
	Additionality float64      `json:"additionality"`
	Worth
	LineItems []LineItem `json:"items"`
}

// LineItem is one item with what it was computed from.
type LineItem struct {
	Item    valuation.Item            `json:"item"`
	Formula string                    `json:"formula"`
	Amount  json.Number               `json:"amount"`
	Counted json.Number               `json:"counted"`
	Quality city.Quality              `json:"quality"`
	Factors map[valuation.Name]Factor `json:"factors,omitempty"`
}

// Factor is a number in a line item: one of the document's parameters at its central value, or stated with the match.
type Factor struct {
	Parameter string   `json:"parameter,omitempty"` // key of the document's parameters
	Value     *float64 `json:"value,omitempty"`     // stated
	Unit      string   `json:"unit,omitempty"`      // of a stated value
}

// Parameter is a figure with its range and source, at the method's price year when it is money.
type Parameter struct {
	Low       float64       `json:"low"`
	Central   float64       `json:"central"`
	High      float64       `json:"high"`
	Unit      string        `json:"unit"`
	Currency  city.Currency `json:"currency,omitempty"`
	PriceYear int           `json:"price_year,omitempty"`
	Source    string        `json:"source"`
	Evidence  city.Evidence `json:"evidence"`
	Note      string        `json:"note,omitempty"`
}

// Range is the 5th, 50th and 95th percentile of the NSV.
type Range struct {
	P5          json.Number `json:"nsv_p5"`
	P50         json.Number `json:"nsv_p50"`
	P95         json.Number `json:"nsv_p95"`
	Probability float64     `json:"probability_nsv_positive"`
}

// Group is one key of a dimension.
type Group struct {
	Key       string  `json:"key"`
	Matches   int     `json:"matches"`
	*Range            // left out where there are too many groups for ranges
	Estimated float64 `json:"estimated_share"`
	Worth
}

// TotalRow is the sum of all matches.
type TotalRow struct {
	Matches int `json:"matches"`
	Range
	ExpectedP5  json.Number `json:"expected_p5"`
	ExpectedP50 json.Number `json:"expected_p50"`
	ExpectedP95 json.Number `json:"expected_p95"`
	CO2eP5      json.Number `json:"co2e_t_p5"`
	CO2eP50     json.Number `json:"co2e_t_p50"`
	CO2eP95     json.Number `json:"co2e_t_p95"`
	Estimated   float64     `json:"estimated_share"` // of the value that rests on inferred quantities
	IncomeKnown int         `json:"matches_with_known_income"`
	Return      *Return     `json:"social_return,omitempty"` // left out when nothing was spent
	Worth
}

// Return is counted benefits per unit of cost. Compare it between valuations of one method only.
type Return struct {
	Ratio float64 `json:"ratio"`
	P5    float64 `json:"p5"`
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
}

// Party is one participant's account.
type Party struct {
	Participant city.ParticipantID `json:"participant"`
	Side        city.Party         `json:"side"`
	Kind        city.Kind          `json:"kind,omitempty"`
	Matches     int                `json:"matches"`
	Account     json.Number        `json:"account"`
	Kg          float64            `json:"kg"`
}

// Swing is one bar of the tornado.
type Swing struct {
	Parameter string        `json:"parameter"`
	Low       float64       `json:"low"`
	High      float64       `json:"high"`
	Unit      string        `json:"unit"`
	NSVLow    json.Number   `json:"nsv_at_low"`
	NSVHigh   json.Number   `json:"nsv_at_high"`
	Evidence  city.Evidence `json:"evidence"`
	Source    string        `json:"source"`
}

// amount writes minor units in currency units.
func amount(minor int64, currency city.Currency) json.Number {
	return json.Number(city.FormatMinor(minor, currency))
}

// tonnes writes with six decimals: grams.
func tonnes(t float64) json.Number {
	return json.Number(strconv.FormatFloat(round(t, 6)+0, 'f', 6, 64)) // + 0: no minus zero
}
