package profile

import (
	"strings"

	"github.com/city-resource-graph/crg/city"
)

// Rule derives a quantity that no source states: a figure with its range, or a product of figures with a source each.
type Rule struct {
	Position Position
	Unit     string   `yaml:"unit"`
	Low      float64  `yaml:"low"`
	Central  float64  `yaml:"central"`
	High     float64  `yaml:"high"`
	Source   string   `yaml:"source"`
	Evidence string   `yaml:"evidence"`
	Product  []Factor `yaml:"product"`
}

// Factor is one figure of a product. Without low and high it is a constant.
type Factor struct {
	Position Position
	What     string   `yaml:"what"`
	Low      *float64 `yaml:"low"`
	Central  float64  `yaml:"central"`
	High     *float64 `yaml:"high"`
	Divide   bool     `yaml:"divide"` // its low makes the product high
	Source   string   `yaml:"source"`
	Evidence string   `yaml:"evidence"`
}

// weakest orders evidence; a product is known no better than its weakest factor.
var weakest = map[string]int{"verified": 1, "known": 2, "assumption": 3}

// Resolve multiplies out a product.
func (r Rule) Resolve(id city.RuleID) (city.Rule, error) {
	rule := city.Rule{ID: id, Low: r.Low, Central: r.Central, High: r.High, Unit: r.Unit, Source: r.Source, Evidence: r.Evidence}
	if len(r.Product) > 0 {
		if r.Central != 0 || r.Source != "" {
			return city.Rule{}, r.Position.Errorf("rule %s: want either a figure or a product, not both", id)
		}
		rule.Low, rule.Central, rule.High = 1, 1, 1
		sources := make([]string, 0, len(r.Product))
		for _, factor := range r.Product {
			if err := factor.check(); err != nil {
				return city.Rule{}, err
			}
			factor.apply(&rule)
			sources = append(sources, factor.What+": "+factor.Source)
			if weakest[factor.Evidence] > weakest[rule.Evidence] {
				rule.Evidence = factor.Evidence
			}
		}
		rule.Source = strings.Join(sources, "; ")
	}
	if rule.Unit == "" {
		return city.Rule{}, r.Position.Errorf("rule %s: want a unit such as kg per room and week", id)
	}
	if err := rule.Validate(); err != nil {
		return city.Rule{}, r.Position.Errorf("%w", err)
	}
	return rule, nil
}

func (f Factor) check() error {
	switch {
	case f.What == "" || f.Source == "":
		return f.Position.Errorf("a factor without what it is or its source")
	case weakest[f.Evidence] == 0:
		return f.Position.Errorf("evidence %q of factor %q: want verified, known or assumption", f.Evidence, f.What)
	case (f.Low == nil) != (f.High == nil):
		return f.Position.Errorf("factor %q: want both low and high, or neither", f.What)
	case f.Central <= 0 || (f.Low != nil && (*f.Low <= 0 || *f.Low > f.Central || f.Central > *f.High)):
		return f.Position.Errorf("factor %q: want 0 < low <= central <= high", f.What)
	}
	return nil
}

func (f Factor) apply(rule *city.Rule) {
	low, high := f.Central, f.Central
	if f.Low != nil {
		low, high = *f.Low, *f.High
	}
	if f.Divide {
		rule.Low, rule.Central, rule.High = rule.Low/high, rule.Central/f.Central, rule.High/low
		return
	}
	rule.Low, rule.Central, rule.High = rule.Low*low, rule.Central*f.Central, rule.High*high
}
