package ingest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/city-resource-graph/crg/city"
)

// stated reads a whole listing as this program exports it. Who holds it, where it is and where it comes from are the row's;
// all else is checked as if a person had written it.
func (m *mapper) stated(r *reading, row *Row, entry *listing) (city.Listing, *rejection) {
	value := r.values[m.index[entry.Stated]]
	column := m.Fields[entry.Stated].Column
	in := json.NewDecoder(strings.NewReader(value.Text))
	in.DisallowUnknownFields()
	var l city.Listing
	if err := in.Decode(&l); err != nil {
		return l, reject(column, value.Text, "not a listing as an export writes it: %v", err)
	}
	if err := m.checkStated(&l); err != nil {
		return l, reject(column, value.Text, "%v", err)
	}
	l.ID, l.City, l.Source, l.SourceKey = m.listingID(row, l.Leaf), m.city.ID, m.ID, row.Key
	l.Point, l.Ward, l.State = r.point, r.ward, city.ListingOpen
	if l.Resource != nil && l.Resource.ConfirmByAsker {
		l.State = city.ListingUnconfirmed
	}
	return l, nil
}

func (m *mapper) checkStated(l *city.Listing) error {
	category, err := m.city.taxonomy.Category(l.Leaf)
	if err != nil || category.IsClass() {
		return fmt.Errorf("category %q: want a leaf such as food.grocery-mixed", l.Leaf)
	}
	if l.Quantity.Unit != category.Unit {
		return fmt.Errorf("unit %q of %s: want %s", l.Quantity.Unit, l.Leaf, category.Unit)
	}
	if l.Quantity.Amount < 1 || l.Quantity.Amount > city.MaxQuantity {
		return fmt.Errorf("quantity %d: want 1 to %d", l.Quantity.Amount, city.MaxQuantity)
	}
	if (l.Side == city.ResourceSide) != (l.Resource != nil) || (l.Side == city.NeedSide) != (l.Need != nil) {
		return fmt.Errorf("side %q: want resource or need, and the terms of that side", l.Side)
	}
	for _, err := range []error{l.Quantity.Quality.Validate(), l.LocationQuality.Validate(), l.Temperature.Validate(), l.Origin.Validate()} {
		if err != nil {
			return err
		}
	}
	for _, window := range l.Windows {
		if err := window.Validate(); err != nil {
			return err
		}
	}
	for name, value := range l.Attributes {
		if err := (city.Constraint{Attribute: name, Operator: "=", Value: value}).Validate(); err != nil {
			return fmt.Errorf("attribute %s: %w", name, err)
		}
	}
	if l.Resource != nil {
		return checkResource(l)
	}
	for _, leaf := range l.Need.Substitutes {
		if _, err := m.city.taxonomy.Category(leaf); err != nil {
			return err
		}
	}
	for _, constraint := range l.Need.Constraints {
		if err := constraint.Validate(); err != nil {
			return fmt.Errorf("constraint on %s: %w", constraint.Attribute, err)
		}
	}
	if l.Need.BudgetPerUnit > city.MaxUnitPrice {
		return fmt.Errorf("budget_per_unit %d: want at most %d", l.Need.BudgetPerUnit, city.MaxUnitPrice)
	}
	if l.Need.Urgency < city.Critical || l.Need.Urgency > city.Normal || l.Need.MaxDistanceMetres < 0 || l.Need.BudgetPerUnit < 0 || l.Need.StorageCapacity < 0 {
		return fmt.Errorf("need: want an urgency of 1 to 3, and distance, budget and storage of 0 or more")
	}
	return nil
}

func checkResource(l *city.Listing) error {
	t := l.Resource
	if t.MinimumLot < 1 || t.MinimumLot > l.Quantity.Amount {
		return fmt.Errorf("minimum_lot %d: want 1 to the quantity", t.MinimumLot)
	}
	if t.CostPerUnit > city.MaxUnitPrice {
		return fmt.Errorf("cost_per_unit %d: want at most %d", t.CostPerUnit, city.MaxUnitPrice)
	}
	if t.Condition < 0 || t.Condition > 1 || t.UsableChance < 0 || t.UsableChance > 1 || t.CostPerUnit < 0 || t.RadiusMetres < 0 {
		return fmt.Errorf("resource: want condition and usable_chance of 0 to 1, and cost and radius of 0 or more")
	}
	for _, kind := range t.ReceiverKinds {
		if err := kind.Validate(); err != nil {
			return err
		}
	}
	return nil
}
