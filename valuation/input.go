package valuation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/city"
)

// Input is what crg value reads: matches with overrides, in one currency.
type Input struct {
	Currency city.Currency
	// PriceYear is the year of the money that the matches state; 0 = the method's. Another year is joined by the index.
	PriceYear int
	Rules     []city.Rule
	Matches   []Match
}

// ErrInput marks the caller's mistakes; the message names path, value and what would be right.
var ErrInput = errors.New("input refused")

func refuse(path string, err error) error { return fmt.Errorf("%w: %s: %w", ErrInput, path, err) }

// byteOrderMark begins what some editors save as UTF-8; it is no part of the document.
var byteOrderMark = []byte("\xef\xbb\xbf")

// ReadInput reads and checks an input document against the method that will value it. Nothing in it is ever ignored: an
// unknown or repeated field, an unknown category, a missing quantity, a repeated id, another currency are errors.
func ReadInput(p *Parameters, content []byte) (Input, error) {
	fields, err := readObject(bytes.TrimPrefix(content, byteOrderMark))
	if err != nil {
		return Input{}, refuse("input", err)
	}
	input := Input{}
	var rows, rules []json.RawMessage
	for _, field := range fields {
		switch field.name {
		case "currency":
			err = field.text(&input.Currency)
		case "price_year":
			input.PriceYear, err = field.year()
		case "rules":
			if string(field.value) != "null" { // as inputs without rules were stored once
				rules, err = readList(field.value)
			}
		case "matches":
			rows, err = readList(field.value)
		default:
			err = errors.New("unknown field: want currency, price_year, rules, matches")
		}
		if err != nil {
			return Input{}, refuse(field.name, err)
		}
	}
	if rows == nil {
		return Input{}, refuse("matches", errors.New("missing: want a list of matches"))
	}
	factor, err := p.inputFactor(input)
	if err != nil {
		return Input{}, err
	}
	if err := input.readRules(rules); err != nil {
		return Input{}, err
	}
	if err := input.readMatches(p, rows, factor); err != nil {
		return Input{}, err
	}
	return input, nil
}

// inputFactor takes stated money to the method's price year.
func (p *Parameters) inputFactor(input Input) (float64, error) {
	switch {
	case input.Currency == "":
		return 0, refuse("currency", fmt.Errorf("missing: want %s, the method's currency", p.Currency))
	case input.Currency != p.Currency:
		return 0, refuse("currency", fmt.Errorf("%q: want %s, the method's currency; %w", input.Currency, p.Currency, ErrNoIndex))
	case input.PriceYear == 0 || input.PriceYear == p.PriceYear:
		return 1, nil
	}
	factor, err := p.index.Factor(input.Currency, input.PriceYear, p.PriceYear)
	if err != nil {
		return 0, refuse("price_year", fmt.Errorf("%d: want %d or a year of the price index; %w", input.PriceYear, p.PriceYear, err))
	}
	return factor, nil
}

func (input *Input) readMatches(p *Parameters, rows []json.RawMessage, factor float64) error {
	seen := make(map[string]int, len(rows))
	rules := make(map[city.RuleID]bool, len(input.Rules))
	for _, rule := range input.Rules {
		rules[rule.ID] = true
	}
	input.Matches = make([]Match, len(rows))
	faults := make([]error, len(rows))
	onAllCores(len(rows), func(i int) { input.Matches[i], faults[i] = readMatch(rows[i]) })
	var scratch resolved
	for i := range input.Matches {
		path := func() string { return fmt.Sprintf("matches[%d]", i) }
		match := &input.Matches[i]
		if faults[i] != nil {
			return refuse(path(), faults[i])
		}
		if first, twice := seen[match.ID]; twice {
			return refuse(path()+".id", fmt.Errorf("%q: already the id of matches[%d]: ids must differ", match.ID, first))
		}
		seen[match.ID] = i
		for _, rule := range []city.RuleID{match.GiverRule, match.ReceiverRule} {
			if rule != "" && !rules[rule] {
				return refuse(path(), fmt.Errorf("rule %q: not among the input's rules", rule))
			}
		}
		match.inflate(factor)
		if err := p.resolveInto(&scratch, *match); err != nil {
			return refuse(path(), err)
		}
	}
	return nil
}

// inflate takes the match's money to the method's price year.
func (m *Match) inflate(factor float64) {
	if factor == 1 {
		return
	}
	for name, value := range m.Overrides {
		if specs[specIndex[name]].money {
			m.Overrides[name] = value * factor
		}
	}
	m.PricePaid *= factor
	m.PlatformFee *= factor
}
