package valuation

import (
	"errors"
	"fmt"
	"math"

	"go.yaml.in/yaml/v3"

	"github.com/city-resource-graph/crg/city"
)

// Equity is how the equity view weights what households receive: (reference income / their income)^elasticity, capped.
// The view stands beside the unweighted value and never replaces it.
type Equity struct {
	Elasticities []float64
	Source       string
	Cap          city.Figure
	Reference    city.Figure // income of a household that counts once, at the price year of the incomes it is compared with
}

// EquityView is the value of one match, or of many, at one elasticity.
type EquityView struct {
	Elasticity float64
	Weight     float64 // of one match; 0 in totals
	NSV        int64   // minor units
}

// Weight is the capped weight of a household with this yearly income, in the currency and price year of the reference.
// An unknown income (0) weighs 1.
func (e Equity) Weight(income, elasticity float64) float64 {
	if income <= 0 {
		return 1
	}
	return math.Min(math.Pow(e.Reference.Central/income, elasticity), e.Cap.Central)
}

// views weights the households' part, the receiver's account, and leaves the rest of the NSV as it is. What a receiver paid
// is in its account: a dollar that it gave away weighs what a dollar that it got weighs.
func (e Equity) views(nsv, household int64, income float64) []EquityView {
	views := make([]EquityView, len(e.Elasticities))
	for i, elasticity := range e.Elasticities {
		weight := e.Weight(income, elasticity)
		views[i] = EquityView{elasticity, weight, nsv + roundHalfAway((weight-1)*float64(household))}
	}
	return views
}

func readEquity(node *yaml.Node, sources map[string]string) (Equity, error) {
	fields, err := requiredFields(node, "equity", "elasticities", "elasticity_source", "weight_cap", "reference_income")
	if err != nil {
		return Equity{}, err
	}
	equity := Equity{Source: sources[fields["elasticity_source"].Value]}
	if equity.Source == "" {
		return Equity{}, fmt.Errorf("equity.elasticity_source %q: not among the file's sources", fields["elasticity_source"].Value)
	}
	if err := fields["elasticities"].Decode(&equity.Elasticities); err != nil {
		return Equity{}, fmt.Errorf("equity.elasticities: %w", err)
	}
	if len(equity.Elasticities) == 0 {
		return Equity{}, errors.New("equity.elasticities: none: want at least one from 0 to 4")
	}
	for i, node := range fields["elasticities"].Content { // null is decoded to nothing
		if node.Tag == "!!null" || !(equity.Elasticities[i] >= 0 && equity.Elasticities[i] <= 4) {
			return Equity{}, fmt.Errorf("equity.elasticities %s: want numbers from 0 to 4", node.Value)
		}
	}
	if equity.Cap, err = city.ReadFigure(fields["weight_cap"], "equity.weight_cap", sources); err != nil {
		return Equity{}, err
	}
	if equity.Cap.Unit != "ratio" {
		return Equity{}, fmt.Errorf(`equity.weight_cap.unit %q: want "ratio"`, equity.Cap.Unit)
	}
	if equity.Cap.Central < 1 {
		return Equity{}, fmt.Errorf("equity.weight_cap %v: want 1 or more", equity.Cap.Central)
	}
	equity.Reference, err = city.ReadFigure(fields["reference_income"], "equity.reference_income", sources)
	if err == nil && (!equity.Reference.IsMoney() || equity.Reference.Unit != "per year" || equity.Reference.Central <= 0) {
		err = errors.New(`equity.reference_income: want an amount of money above 0, unit "per year"`)
	}
	return equity, err
}
