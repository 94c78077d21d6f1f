package valuation

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// textFields and numberFields are the fields of a match that are no parameters.
var textFields = map[string]func(*Match) any{
	"id":            func(m *Match) any { return &m.ID },
	"category":      func(m *Match) any { return &m.Category },
	"quality":       func(m *Match) any { return &m.Quality },
	"origin":        func(m *Match) any { return &m.Origin },
	"giver_rule":    func(m *Match) any { return &m.GiverRule },
	"receiver_rule": func(m *Match) any { return &m.ReceiverRule },
	"limit":         func(m *Match) any { return &m.Limit },
	"logistics_by":  func(m *Match) any { return &m.LogisticsBy },
	"income_basis":  func(m *Match) any { return &m.IncomeBasis },
	"run":           func(m *Match) any { return &m.Run },
	"period":        func(m *Match) any { return &m.Period },
	"ward":          func(m *Match) any { return &m.Ward },
	"giver":         func(m *Match) any { return &m.Giver },
	"receiver":      func(m *Match) any { return &m.Receiver },
	"giver_kind":    func(m *Match) any { return &m.GiverKind },
	"receiver_kind": func(m *Match) any { return &m.ReceiverKind },
}

var numberFields = map[string]func(*Match) *float64{
	"quantity":        func(m *Match) *float64 { return &m.Quantity },
	"price_paid":      func(m *Match) *float64 { return &m.PricePaid },
	"platform_fee":    func(m *Match) *float64 { return &m.PlatformFee },
	"receiver_income": func(m *Match) *float64 { return &m.ReceiverIncome },
}

// InputFields lists all fields that a match of an input document may have.
func InputFields() []string {
	fields := []string{
		"id", "category", "quantity", "quality", "origin", "giver_rule", "receiver_rule", "limit", "price_paid", "platform_fee",
		"logistics_by", "receiver_income", "income_basis", "run", "period", "ward", "giver", "receiver", "giver_kind", "receiver_kind",
	}
	for _, name := range Names() {
		fields = append(fields, string(name))
	}
	return fields
}

// readMatch reads one match of an input document.
func readMatch(content []byte) (Match, error) {
	fields, err := readObject(content)
	if err != nil {
		return Match{}, err
	}
	match := Match{Overrides: map[Name]float64{}}
	given := map[string]bool{}
	for _, f := range fields {
		given[f.name] = true
		if target, ok := textFields[f.name]; ok {
			if err := f.text(target(&match)); err != nil {
				return Match{}, fmt.Errorf("%s %w", f.name, err)
			}
			continue
		}
		i, isParameter := specIndex[Name(f.name)]
		target, isNumber := numberFields[f.name]
		if !isNumber && (!isParameter || !specs[i].overridable()) {
			return Match{}, unknownName(f.name)
		}
		number, err := f.number()
		if err != nil {
			return Match{}, fmt.Errorf("%s %w", f.name, err)
		}
		if isNumber {
			*target(&match) = number
		} else {
			match.Overrides[Name(f.name)] = number
		}
	}
	for _, required := range []string{"id", "category", "quantity"} {
		if !given[required] {
			return Match{}, fmt.Errorf("%s missing", required)
		}
	}
	if match.ID == "" {
		return Match{}, errors.New(`id "": want a name that no other match has`)
	}
	return match, nil
}

// MarshalJSON writes a match in the form that ReadInput reads: one flat object, empty fields left out.
func (m Match) MarshalJSON() ([]byte, error) {
	members := map[string]any{"quantity": m.Quantity}
	for name, field := range textFields {
		if text := field(&m); reflect.ValueOf(text).Elem().Len() > 0 {
			members[name] = text
		}
	}
	for name, field := range numberFields {
		if number := *field(&m); number != 0 {
			members[name] = number
		}
	}
	for name, value := range m.Overrides {
		members[string(name)] = value
	}
	return json.Marshal(members)
}

// UnmarshalJSON reads the form that MarshalJSON writes, as strictly as ReadInput.
func (m *Match) UnmarshalJSON(content []byte) error {
	match, err := readMatch(content)
	if err != nil {
		return err
	}
	*m = match
	return nil
}
