package api

import (
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
)

func readWindows(stated []wire.Window) ([]city.Window, error) {
	windows := make([]city.Window, len(stated))
	for i, window := range stated {
		windows[i] = city.Window{Start: window.Start, End: window.End}
		if err := windows[i].Validate(); err != nil {
			return nil, invalidRequest.field(fmt.Sprintf("/windows/%d", i), "%v", err)
		}
	}
	return windows, nil
}

func readAttributes(attributes map[string]any) error {
	for name, value := range attributes {
		if !isScalar(value) {
			return invalidRequest.field("/attributes/"+name, "want true or false, a number or a text")
		}
	}
	return nil
}

func isScalar(value any) bool {
	switch value.(type) {
	case bool, float64, string:
		return true
	}
	return false
}

func readResourceTerms(t wire.ResourceTerms, quantity int64, currency city.Currency) (*city.ResourceTerms, error) {
	cost, err := unitPrice("/resource/cost_per_unit", t.CostPerUnit, currency)
	if err != nil {
		return nil, err
	}
	lot := max(t.MinimumLot, 1)
	if lot > quantity {
		return nil, refused.field("/resource/minimum_lot", "%d: want at most the quantity, %d", lot, quantity)
	}
	terms := &city.ResourceTerms{
		RadiusMetres: t.RadiusMetres, Divisible: valueOr(t.Divisible, true), MinimumLot: lot, PerishBy: optionalTime(t.PerishBy),
		Condition: valueOr(t.Condition, 1), CostPerUnit: cost, UsableChance: valueOr(t.UsableChance, 1),
		ReceiverKinds: []city.Kind{}, ConfirmByAsker: t.ConfirmByAsker,
	}
	for _, kind := range t.ReceiverKinds {
		terms.ReceiverKinds = append(terms.ReceiverKinds, city.Kind(kind))
	}
	return terms, nil
}

func valueOr[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}

func (s *server) readNeedTerms(t wire.NeedTerms, quantity city.Quantity, currency city.Currency) (*city.NeedTerms, error) {
	budget, err := unitPrice("/need/budget_per_unit", t.BudgetPerUnit, currency)
	if err != nil {
		return nil, err
	}
	terms := &city.NeedTerms{
		MaxDistanceMetres: t.MaxDistanceMetres, Urgency: city.Urgency(t.Urgency), BudgetPerUnit: budget,
		StorageCapacity: t.StorageCapacity, Substitutes: []city.Leaf{}, Constraints: []city.Constraint{},
		Indivisible: !valueOr(t.Divisible, true), MinimumLot: t.MinimumLot,
	}
	if lot := terms.MinimumLot; lot > quantity.Amount {
		return nil, refused.field("/need/minimum_lot", "%d: want at most the quantity, %d", lot, quantity.Amount)
	}
	if terms.Urgency == 0 {
		terms.Urgency = city.Normal
	}
	for i, leaf := range t.Substitutes {
		field := fmt.Sprintf("/need/substitutes/%d", i)
		category, err := s.category(field, city.Leaf(leaf))
		if err != nil {
			return nil, err
		}
		if category.Unit != quantity.Unit {
			return nil, refused.field(field, "%s is counted in %s, the need in %s", leaf, category.Unit, quantity.Unit)
		}
		if !slices.Contains(terms.Substitutes, category.Leaf) {
			terms.Substitutes = append(terms.Substitutes, category.Leaf)
		}
	}
	for i, c := range t.Constraints {
		constraint := city.Constraint{Attribute: c.Attribute, Operator: string(c.Operator), Value: c.Value}
		if err := constraint.Validate(); err != nil {
			return nil, invalidRequest.field(fmt.Sprintf("/need/constraints/%d/value", i), "%v", err)
		}
		terms.Constraints = append(terms.Constraints, constraint)
	}
	return terms, nil
}
