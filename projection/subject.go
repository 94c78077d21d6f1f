package projection

import (
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
)

// Subject is what the graph is to hold of a participant's rows.
func Subject(n postgres.Neighbourhood) graph.Subject {
	s := graph.Subject{
		City: n.City, ID: n.ID, Gone: n.State == city.ParticipantRejected, Kind: n.Kind, State: n.State, Name: n.Name, Ward: n.Ward,
		Point: n.Point, Address: n.AddressID, EmailDomain: n.EmailDomain, Operator: n.Operator, Vouches: n.Vouches,
	}
	for _, stock := range n.Stocks {
		one := graph.Stock{Leaf: stock.Leaf, Listings: stock.Listings, Left: stock.Left, Cold: stock.Cold}
		if stock.Side == city.NeedSide {
			s.Needs = append(s.Needs, one)
		} else {
			s.Offers = append(s.Offers, one)
		}
	}
	for _, d := range n.Deliveries { // by receiver and leaf
		if last := len(s.Deliveries) - 1; last < 0 || s.Deliveries[last].To != d.Receiver {
			s.Deliveries = append(s.Deliveries, graph.Delivery{To: d.Receiver})
		}
		one := &s.Deliveries[len(s.Deliveries)-1]
		one.Leaves = append(one.Leaves, d.Leaf)
		one.Count += d.Times
		one.Mass += mass(d.Leaf, d.Quantity)
		if d.Last.After(one.Last) {
			one.Last = d.Last
		}
	}
	return s
}

// mass is what a quantity of a leaf weighs by its central weight; nothing for what the taxonomy does not know.
func mass(leaf city.Leaf, quantity int64) city.Grams {
	category, err := city.DefaultTaxonomy().Category(leaf)
	if err != nil {
		return 0
	}
	return city.Grams(float64(quantity) * category.UnitKg.Central * 1000)
}

// subjects are those of ids; one without a row is gone.
func subjects(c city.ID, ids []city.ParticipantID, found []postgres.Neighbourhood) []graph.Subject {
	all := make([]graph.Subject, 0, len(ids))
	there := map[city.ParticipantID]bool{}
	for _, n := range found {
		all = append(all, Subject(n))
		there[n.ID] = true
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		if !there[id] {
			all = append(all, graph.Subject{City: c, ID: id, Gone: true})
		}
	}
	return all
}
