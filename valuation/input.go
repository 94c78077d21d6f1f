package valuation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

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

// ReadInput reads and checks an input document against the method that will value it. Nothing in it is ever ignored: an
// unknown or repeated field, an unknown category, a missing quantity, a repeated id, another currency are errors.
func ReadInput(p *Parameters, content []byte) (Input, error) {
	fields, err := readObject(content)
	if err != nil {
		return Input{}, refuse("input", err)
	}
	input := Input{}
	var rows []json.RawMessage
	for _, field := range fields {
		switch field.name {
		case "currency":
			err = field.text(&input.Currency)
		case "price_year":
			if json.Unmarshal(field.value, &input.PriceYear) != nil {
				err = fmt.Errorf("%s: want a year such as %d", field.value, p.PriceYear)
			}
		case "rules":
			input.Rules, err = readRules(field.value)
		case "matches":
			if json.Unmarshal(field.value, &rows) != nil {
				err = errors.New("want a list of matches")
			}
		default:
			err = fmt.Errorf("unknown field: want currency, price_year, rules, matches")
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
	return input, input.readMatches(p, rows, factor)
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
	input.Matches = make([]Match, 0, len(rows))
	for i, row := range rows {
		path := fmt.Sprintf("matches[%d]", i)
		match, err := readMatch(row)
		if err != nil {
			return refuse(path, err)
		}
		if first, twice := seen[match.ID]; twice {
			return refuse(path+".id", fmt.Errorf("%q: already the id of matches[%d]: ids must differ", match.ID, first))
		}
		seen[match.ID] = i
		for _, rule := range []city.RuleID{match.GiverRule, match.ReceiverRule} {
			if rule != "" && !rules[rule] {
				return refuse(path, fmt.Errorf("rule %q: not among the input's rules", rule))
			}
		}
		match.inflate(factor)
		if _, err := p.resolve(match); err != nil {
			return refuse(path, err)
		}
		input.Matches = append(input.Matches, match)
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

// field is one member of a JSON object, in the document's order.
type field struct {
	name  string
	value json.RawMessage
}

// readObject reads a JSON object and refuses a repeated name, which the standard decoder would let win silently.
func readObject(content []byte) ([]field, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	token, err := decoder.Token()
	if err != nil {
		return nil, describeJSON(content, err)
	}
	if token != json.Delim('{') {
		return nil, fmt.Errorf("%.40s: want a JSON object", strings.TrimSpace(string(content)))
	}
	var fields []field
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, describeJSON(content, err)
		}
		name, isText := token.(string)
		if !isText {
			return nil, fmt.Errorf("%v: want a field name", token)
		}
		read := field{name: name}
		if err := decoder.Decode(&read.value); err != nil {
			return nil, describeJSON(content, err)
		}
		if seen[read.name] {
			return nil, fmt.Errorf("field %q is given twice", read.name)
		}
		seen[read.name] = true
		fields = append(fields, read)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, describeJSON(content, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object: want one document")
	}
	return fields, nil
}

// describeJSON says in which line a document stops being JSON.
func describeJSON(content []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line := 1 + bytes.Count(content[:min(int(syntax.Offset), len(content))], []byte("\n"))
		return fmt.Errorf("line %d: not JSON: %w", line, err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("not JSON: the document ends too early")
	}
	return err
}

// text reads a string into any string type.
func (f field) text(into any) error {
	if len(f.value) == 0 || f.value[0] != '"' {
		return fmt.Errorf("%s: want text in quotes", f.value)
	}
	return json.Unmarshal(f.value, into)
}

// number reads a finite number; text such as "NaN" is none.
func (f field) number() (float64, error) {
	number, err := strconv.ParseFloat(string(f.value), 64)
	if err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
		return 0, fmt.Errorf("%s: want a finite number", f.value)
	}
	return number, nil
}
