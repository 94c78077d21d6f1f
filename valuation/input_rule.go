package valuation

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/city"
)

// readRules reads derivation rules as strictly as matches: an unknown, repeated or missing field is refused by its path.
func (input *Input) readRules(rows []json.RawMessage) error {
	seen := map[city.RuleID]bool{}
	for i, row := range rows {
		rule, err := readRule(row)
		if err == nil {
			err = checkRule(rule)
		}
		if err == nil && seen[rule.ID] {
			err = fmt.Errorf("rule %s is given twice", rule.ID)
		}
		if err != nil {
			return refuse(fmt.Sprintf("rules[%d]", i), err)
		}
		seen[rule.ID] = true
		input.Rules = append(input.Rules, rule)
	}
	return nil
}

func readRule(content []byte) (city.Rule, error) {
	fields, err := readObject(content)
	if err != nil {
		return city.Rule{}, err
	}
	var rule city.Rule
	texts := map[string]any{"id": &rule.ID, "unit": &rule.Unit, "source": &rule.Source, "evidence": &rule.Evidence}
	numbers := map[string]*float64{"low": &rule.Low, "central": &rule.Central, "high": &rule.High}
	for _, f := range fields {
		switch text, number := texts[f.name], numbers[f.name]; {
		case text != nil:
			err = f.text(text)
		case number != nil:
			*number, err = f.number()
		default:
			err = errors.New("unknown field: want id, low, central, high, unit, source, evidence")
		}
		if err != nil {
			return city.Rule{}, fmt.Errorf("%s %w", f.name, err)
		}
		delete(numbers, f.name)
	}
	for _, required := range []string{"low", "central", "high"} {
		if numbers[required] != nil {
			return city.Rule{}, fmt.Errorf("%s missing", required)
		}
	}
	return rule, nil
}
