package activities

import (
	"context"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/postgres"
)

// scope is what the run looks at; the same scope means that one run follows the other.
func (in RunRef) scope() postgres.Scope {
	leaves := slices.Clone(in.Leaves)
	slices.Sort(leaves)
	return postgres.Scope{Ward: in.Ward, Leaves: slices.Compact(leaves)}
}

// enter puts a listing with what is left of it into a snapshot, unless it is none of the run's.
func (in RunRef) enter(s *candidates.Snapshot, l postgres.Listing) {
	entry := candidates.Listing{Listing: l.Listing, Left: l.Remaining()}
	switch {
	case l.Side == city.NeedSide:
		s.Needs = append(s.Needs, entry)
	case len(in.Leaves) == 0 || slices.Contains(in.Leaves, l.Leaf):
		s.Resources = append(s.Resources, entry)
	}
}

// pinHoldings gives the quantities that matches hold back to their listings and pins the matches instead: those that
// somebody has agreed to as they are, open proposals as favoured. A match with a side outside the snapshot is none of
// the run's: it goes on holding.
func pinHoldings(s *candidates.Snapshot, holdings []postgres.Holding) {
	there := placesOf(s)
	for _, h := range holdings {
		resource, need := there[h.Resource], there[h.Need]
		if resource == nil || need == nil {
			continue
		}
		resource.Left += h.Quantity
		need.Left += h.Quantity
		pin := candidates.Pin{
			Resource: h.Resource, Need: h.Need, Kind: candidates.PinProposed, Quantity: h.Quantity, Match: h.Match,
		}
		if h.Agreed {
			pin.Kind = candidates.PinFixed
		}
		s.Pins = append(s.Pins, pin)
	}
}

// placesOf finds the listings of a snapshot by their ids.
func placesOf(s *candidates.Snapshot) map[city.ListingID]*candidates.Listing {
	there := make(map[city.ListingID]*candidates.Listing, len(s.Resources)+len(s.Needs))
	for _, list := range [][]candidates.Listing{s.Resources, s.Needs} {
		for i := range list {
			there[list[i].ID] = &list[i]
		}
	}
	return there
}

// dropEmpty leaves out the listings of which nothing is left.
func dropEmpty(_ context.Context, s *candidates.Snapshot) error {
	empty := func(l candidates.Listing) bool { return l.Left <= 0 }
	s.Resources, s.Needs = slices.DeleteFunc(s.Resources, empty), slices.DeleteFunc(s.Needs, empty)
	return nil
}
