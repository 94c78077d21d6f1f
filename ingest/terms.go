package ingest

import (
	"math"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/convert"
	"github.com/city-resource-graph/crg/ingest/profile"
)

// resourceTerms fills in what only a resource states.
func (m *mapper) resourceTerms(r *reading, entry *listing, l *city.Listing) (*city.ResourceTerms, *rejection) {
	radius, rejected := m.number(r, entry.RadiusKM, 0, 0, 1000)
	if rejected != nil {
		return nil, rejected
	}
	perish, rejected := m.number(r, entry.PerishHours, 0, 0, 24*3660)
	if rejected != nil {
		return nil, rejected
	}
	condition, rejected := m.number(r, entry.Condition, 1, 0, 1)
	if rejected != nil {
		return nil, rejected
	}
	lot, rejected := m.number(r, entry.MinimumLot, 1, 1, float64(l.Quantity.Amount))
	if rejected != nil {
		return nil, rejected
	}
	cost, rejected := m.money(r, entry.CostPerUnit)
	if rejected != nil {
		return nil, rejected
	}
	terms := &city.ResourceTerms{
		RadiusMetres: int(math.Round(radius * 1000)), Divisible: m.divisible(r, entry),
		MinimumLot: int64(lot), Condition: condition, CostPerUnit: cost, UsableChance: 1, ConfirmByAsker: entry.AskFirst,
	}
	if perish > 0 {
		by := m.lastWindow(l.Windows).Add(time.Duration(perish * float64(time.Hour)))
		terms.PerishBy = &by
	}
	if entry.Usable != "" {
		terms.UsableChance = m.city.rules[city.RuleID(entry.Usable)].Central
	}
	return terms, nil
}

// divisible is what a listing is unless it says otherwise.
func (m *mapper) divisible(r *reading, entry *listing) bool {
	text := m.text(r, entry.Divisible)
	return text != "no" && text != "false"
}

// lastWindow is the end of the last window; what perishes does so some time after it was last to be had.
func (m *mapper) lastWindow(windows []city.Window) time.Time {
	if len(windows) == 0 {
		return m.city.horizon().End
	}
	return windows[len(windows)-1].End
}

// needTerms fills in what only a need states.
func (m *mapper) needTerms(r *reading, entry *listing, l *city.Listing) (*city.NeedTerms, *rejection) {
	distance, rejected := m.number(r, entry.MaxDistanceKM, 0, 0, 1000)
	if rejected != nil {
		return nil, rejected
	}
	urgency, rejected := m.number(r, entry.Urgency, float64(city.Normal), float64(city.Critical), float64(city.Normal))
	if rejected != nil {
		return nil, rejected
	}
	storage, rejected := m.number(r, entry.Storage, 0, 0, float64(city.MaxQuantity))
	if rejected != nil {
		return nil, rejected
	}
	budget, rejected := m.money(r, entry.BudgetPerUnit)
	if rejected != nil {
		return nil, rejected
	}
	lot, rejected := m.number(r, entry.MinimumLot, 1, 1, float64(l.Quantity.Amount))
	if rejected != nil {
		return nil, rejected
	}
	terms := &city.NeedTerms{
		MaxDistanceMetres: int(math.Round(distance * 1000)), Urgency: city.Urgency(urgency), BudgetPerUnit: budget,
		StorageCapacity: int64(storage), Indivisible: !m.divisible(r, entry),
	}
	if lot > 1 {
		terms.MinimumLot = int64(lot)
	}
	for _, leaf := range entry.Substitutes {
		if city.Leaf(leaf) != l.Leaf {
			terms.Substitutes = append(terms.Substitutes, city.Leaf(leaf))
		}
	}
	for _, constraint := range entry.Require {
		value := m.value(r, constraint.Value)
		if value == nil {
			continue
		}
		required := city.Constraint{Attribute: constraint.Attribute, Operator: constraint.Operator, Value: value}
		if err := required.Validate(); err != nil {
			return nil, reject(m.column(constraint.Value), m.text(r, constraint.Value), "%v", err)
		}
		terms.Constraints = append(terms.Constraints, required)
	}
	return terms, nil
}

// attributes are the typed attributes of a listing; missing ones are left out.
func (m *mapper) attributes(r *reading, spec map[string]profile.Ref) map[string]any {
	if len(spec) == 0 {
		return nil
	}
	attributes := map[string]any{}
	for name, ref := range spec {
		if value := m.value(r, ref); value != nil {
			attributes[name] = value
		}
	}
	return attributes
}

// value is a reference as bool, number or text; nil when it is a missing field.
func (m *mapper) value(r *reading, ref profile.Ref) any {
	if ref.Field == "" {
		return constant(ref.Constant)
	}
	value := r.values[m.index[ref.Field]]
	switch value.Kind {
	case convert.Missing:
		return nil
	case convert.Number:
		return value.Number
	case convert.Flag:
		return value.Text == "yes"
	}
	return value.Text
}

func constant(text string) any {
	switch text {
	case "true", "yes":
		return true
	case "false", "no":
		return false
	}
	if value, err := number(text); err == nil {
		return value
	}
	return text
}

// number is a reference as a number within bounds.
func (m *mapper) number(r *reading, ref profile.Ref, otherwise, low, high float64) (float64, *rejection) {
	text := m.text(r, ref)
	if text == "" {
		return otherwise, nil
	}
	value, err := number(text)
	if err != nil || value < low || value > high {
		return 0, reject(m.column(ref), text, "want a number from %s to %s", plain(low), plain(high))
	}
	return value, nil
}

func number(text string) (float64, error) {
	decimal, err := convert.Named("decimal")
	if err != nil {
		return 0, err
	}
	value, err := decimal(text, convert.Locale{})
	return value.Number, err
}

// money is a reference in currency units as minor units, from 0.
func (m *mapper) money(r *reading, ref profile.Ref) (int64, *rejection) {
	text := m.text(r, ref)
	if text == "" {
		return 0, nil
	}
	minor, err := city.ParseMinor(text, m.city.Currency)
	if err != nil || minor < 0 || minor > city.MaxUnitPrice {
		return 0, reject(m.column(ref), text, "want an amount from 0 to %s, such as 12.50", city.FormatMinor(city.MaxUnitPrice, m.city.Currency))
	}
	return minor, nil
}

// text is a reference as text; "" when it is a missing field.
func (m *mapper) text(r *reading, ref profile.Ref) string {
	if ref.Field == "" {
		return ref.Constant
	}
	return r.values[m.index[ref.Field]].Text
}

// column names what a reference stands for, in messages.
func (m *mapper) column(ref profile.Ref) string {
	if ref.Field == "" {
		return ""
	}
	return m.Fields[ref.Field].Column
}

// named is the text of a field that may not be given.
func (m *mapper) named(r *reading, name string) string {
	if name == "" {
		return ""
	}
	return r.values[m.index[name]].Text
}
