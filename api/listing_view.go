package api

import (
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// listingFor is a listing as the wire has it; the place of a private holder is rounded to the block.
func listingFor(l postgres.Listing, currency city.Currency, private bool) wire.Listing {
	answer := wire.Listing{
		ID: string(l.ID), City: string(l.City), Side: wire.Side(l.Side), Holder: string(l.Holder), Leaf: string(l.Leaf),
		Title: l.Title, Quantity: l.Quantity.Amount, Unit: wire.Unit(l.Quantity.Unit), Quality: wire.Quality(l.Quantity.Quality),
		Rule: string(l.Quantity.Rule), Held: l.Held, Committed: l.Committed, Point: pointOf(l.Point),
		LocationQuality: wire.LocationQuality(l.LocationQuality), Ward: l.Ward, Temperature: wire.Temperature(l.Temperature),
		Attributes: l.Attributes, State: wire.ListingState(l.State), Origin: wire.Origin(l.Origin), Source: l.Source,
		ExpiresAt: timeOf(l.ExpiresAt), UpdatedAt: l.UpdatedAt,
	}
	for _, window := range l.Windows {
		answer.Windows = append(answer.Windows, wire.Window{Start: window.Start, End: window.End})
	}
	if private {
		answer.Point, answer.LocationQuality = blockOf(answer.Point, answer.LocationQuality)
	}
	if l.Resource != nil {
		answer.Resource = resourceTermsOf(*l.Resource, currency)
	}
	if l.Need != nil {
		answer.Need = needTermsOf(*l.Need, currency)
	}
	return answer
}

func resourceTermsOf(t city.ResourceTerms, currency city.Currency) *wire.ResourceTerms {
	kinds := make([]wire.Kind, len(t.ReceiverKinds))
	for i, kind := range t.ReceiverKinds {
		kinds[i] = wire.Kind(kind)
	}
	return &wire.ResourceTerms{
		RadiusMetres: t.RadiusMetres, Divisible: &t.Divisible, MinimumLot: max(t.MinimumLot, 1), PerishBy: timeOf(t.PerishBy),
		Condition: &t.Condition, CostPerUnit: city.FormatMinor(t.CostPerUnit, currency), UsableChance: &t.UsableChance,
		ReceiverKinds: kinds, ConfirmByAsker: t.ConfirmByAsker,
	}
}

func needTermsOf(t city.NeedTerms, currency city.Currency) *wire.NeedTerms {
	divisible := !t.Indivisible
	answer := &wire.NeedTerms{
		MaxDistanceMetres: t.MaxDistanceMetres, Urgency: int(t.Urgency), StorageCapacity: t.StorageCapacity,
		BudgetPerUnit: city.FormatMinor(t.BudgetPerUnit, currency), Divisible: &divisible, MinimumLot: max(t.MinimumLot, 1),
	}
	for _, leaf := range t.Substitutes {
		answer.Substitutes = append(answer.Substitutes, string(leaf))
	}
	for _, c := range t.Constraints {
		answer.Constraints = append(answer.Constraints, wire.Constraint{
			Attribute: c.Attribute, Operator: wire.ConstraintOperator(c.Operator), Value: c.Value,
		})
	}
	return answer
}
