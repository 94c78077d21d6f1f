package valuation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// textFields and numberFields are the fields of a match that are no parameters.
func (m *Match) textFields() map[string]any {
	return map[string]any{
		"id": &m.ID, "category": &m.Category, "quality": &m.Quality, "origin": &m.Origin,
		"giver_rule": &m.GiverRule, "receiver_rule": &m.ReceiverRule, "limit": &m.Limit,
		"logistics_by": &m.LogisticsBy, "income_basis": &m.IncomeBasis,
		"run": &m.Run, "period": &m.Period, "ward": &m.Ward, "giver": &m.Giver, "receiver": &m.Receiver,
		"giver_kind": &m.GiverKind, "receiver_kind": &m.ReceiverKind,
	}
}

func (m *Match) numberFields() map[string]*float64 {
	return map[string]*float64{
		"quantity": &m.Quantity, "price_paid": &m.PricePaid, "platform_fee": &m.PlatformFee, "receiver_income": &m.ReceiverIncome,
	}
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
	texts, numbers := match.textFields(), match.numberFields()
	given := map[string]bool{}
	for _, f := range fields {
		given[f.name] = true
		if target, ok := texts[f.name]; ok {
			if err := f.text(target); err != nil {
				return Match{}, fmt.Errorf("%s %w", f.name, err)
			}
			continue
		}
		i, isParameter := specIndex[Name(f.name)]
		target, isNumber := numbers[f.name]
		if !isNumber && (!isParameter || !specs[i].overridable()) {
			return Match{}, unknownName(f.name)
		}
		number, err := f.number()
		if err != nil {
			return Match{}, fmt.Errorf("%s %w", f.name, err)
		}
		if isNumber {
			*target = number
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
	for name, value := range m.textFields() {
		if encoded, err := json.Marshal(value); err != nil {
			return nil, fmt.Errorf("encode %s: %w", name, err)
		} else if !bytes.Equal(encoded, []byte(`""`)) {
			members[name] = json.RawMessage(encoded)
		}
	}
	for name, value := range m.numberFields() {
		if *value != 0 {
			members[name] = *value
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
