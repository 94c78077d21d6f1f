package activities

import (
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// Scope is what a valuation covers.
type Scope string

// Scopes.
const (
	ScopeRun   Scope = "run"
	ScopeMatch Scope = "match"
)

// Moment says whether a value is expected or was realised.
type Moment = postgres.Moment

// Moments.
const (
	ExAnte = postgres.ExAnte
	ExPost = postgres.ExPost
)

// ValuationRef names what is valued. It is the input of the workflow EconomicValuation.
type ValuationRef struct {
	City   city.ID `json:"city"`
	Scope  Scope   `json:"scope"`
	ID     string  `json:"id"` // of the run or match
	Moment Moment  `json:"moment"`
	Method string  `json:"method,omitempty"` // version of the method; empty = the one in force

	Parameters *Ref   `json:"parameters,omitempty"` // parameter file of a method that is not shipped
	Author     string `json:"author,omitempty"`     // who asked for it; empty = the product itself
}

// FrozenValuation refers to the inputs of a valuation: matches and parameters of one method version.
type FrozenValuation struct {
	ValuationRef
	Inputs           Ref    `json:"inputs"`
	Record           string `json:"record"` // id under which the record will be appended
	Method           string `json:"method"`
	ParametersSHA256 string `json:"parameters_sha256"`
	Formulas         string `json:"formulas"`
	Seed             int64  `json:"seed"`
	Matches          int64  `json:"matches"`
}

// ComputedValuation refers to the line items and totals of a valuation, reconciled to the cent.
type ComputedValuation struct {
	FrozenValuation
	Result Ref             `json:"result"`
	Totals ValuationResult `json:"totals"`
}

// ValuationResult is net social value and its range, in minor units.
type ValuationResult struct {
	Record    string        `json:"record,omitempty"`
	Currency  city.Currency `json:"currency,omitempty"`
	PriceYear int           `json:"price_year,omitempty"`
	Method    string        `json:"method,omitempty"`
	Formulas  string        `json:"formulas,omitempty"`
	Matches   int64         `json:"matches"`
	NSVMinor  int64         `json:"nsv_minor"`
	P5Minor   int64         `json:"p5_minor"`
	P50Minor  int64         `json:"p50_minor"`
	P95Minor  int64         `json:"p95_minor"`
}

// MatchWorth is the realised value of one match.
type MatchWorth struct {
	Record   string        `json:"record"`
	NSVMinor int64         `json:"nsv_minor"`
	Currency city.Currency `json:"currency"`
}

// String is the value with its range, such as "34051.20 USD (P5 28110.00 to P95 41250.75)".
func (r ValuationResult) String() string {
	return fmt.Sprintf("%s %s (P5 %s to P95 %s)", city.FormatMinor(r.NSVMinor, r.Currency), r.Currency,
		city.FormatMinor(r.P5Minor, r.Currency), city.FormatMinor(r.P95Minor, r.Currency))
}
