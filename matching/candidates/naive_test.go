package candidates_test

import (
	"math"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// naive judges a pair straight from the words of the listings, with clocks and floating point: what the grid and its
// bit masks must agree with. The second result is the score per unit, the third the trip charge.
func naive(s *candidates.Snapshot, r, n *candidates.Listing) (candidates.Filter, int64, int64, bool) {
	distance := s.Plane.Distance(*r.Point, *n.Point)
	travel := time.Duration(float64(s.Travel.SecondsPerKm)*math.Round(distance)/1000) * time.Second
	arrival, meet := naiveArrival(s.Now, r.Windows, n.Windows, travel)
	wanted := n.Left
	if n.Need.StorageCapacity > 0 {
		wanted = min(wanted, n.Need.StorageCapacity)
	}
	most := min(wanted, r.Left)
	lot := naiveLot(r)
	score := naiveScore(s, r, n)
	rate := s.UnitValues[0].Charge // the same for every leaf
	charge := rate.FixedMinor + int64(math.Round(float64(rate.MilliMinorPerKm)*math.Round(distance)/1e6))
	switch {
	case r.Leaf != n.Leaf && !slices.Contains(n.Need.Substitutes, r.Leaf):
		return candidates.FilterLeaf, 0, 0, false
	case r.Left == 0:
		return candidates.FilterQuantity, 0, 0, false
	case r.LocationQuality == city.Default || n.LocationQuality == city.Default:
		return candidates.FilterPlace, 0, 0, false
	case distance > float64(n.Need.MaxDistanceMetres):
		return candidates.FilterDistance, 0, 0, false
	case r.Resource.RadiusMetres > 0 && distance > float64(r.Resource.RadiusMetres):
		return candidates.FilterRadius, 0, 0, false
	case len(r.Resource.ReceiverKinds) > 0 && !slices.Contains(r.Resource.ReceiverKinds, n.HolderKind):
		return candidates.FilterReceiver, 0, 0, false
	case !naiveTemperature(r.Temperature, n.Temperature):
		return candidates.FilterTemperature, 0, 0, false
	case !naiveConstraints(r.Attributes, n.Need.Constraints):
		return candidates.FilterConstraint, 0, 0, false
	case !meet:
		return candidates.FilterWindow, 0, 0, false
	case r.Resource.PerishBy != nil && arrival.After(*r.Resource.PerishBy):
		return candidates.FilterPerish, 0, 0, false
	case lot > most:
		return candidates.FilterLot, 0, 0, false
	case naiveLotOfNeed(n) > most:
		return candidates.FilterShort, 0, 0, false
	case r.Resource.CostPerUnit > n.Need.BudgetPerUnit:
		return candidates.FilterBudget, 0, 0, false
	case score*most <= charge:
		return candidates.FilterWorth, 0, 0, false
	}
	return 0, score, charge, true
}

func naiveLot(r *candidates.Listing) int64 {
	if !r.Resource.Divisible {
		return max(r.Left, r.Resource.MinimumLot, 1)
	}
	return max(r.Resource.MinimumLot, 1)
}

func naiveLotOfNeed(n *candidates.Listing) int64 {
	switch {
	case !n.Need.Indivisible:
		return n.Need.MinimumLot
	case n.Need.StorageCapacity > 0:
		return max(n.Need.MinimumLot, min(n.Left, n.Need.StorageCapacity))
	}
	return max(n.Need.MinimumLot, n.Left)
}

func naiveArrival(now time.Time, giver, receiver []city.Window, travel time.Duration) (time.Time, bool) {
	forever := []city.Window{{Start: now, End: now.AddDate(10, 0, 0)}}
	if len(giver) == 0 {
		giver = forever
	}
	if len(receiver) == 0 {
		receiver = forever
	}
	best, found := time.Time{}, false
	for _, g := range giver {
		if g.Start.Before(now) {
			g.Start = now
		}
		if !g.Start.Before(g.End) {
			continue
		}
		for _, r := range receiver {
			meet, ok := city.Window{Start: g.Start.Add(travel), End: g.End.Add(travel)}.Overlap(r)
			if ok && (!found || meet.Start.Before(best)) {
				best, found = meet.Start, true
			}
		}
	}
	return best, found
}

func naiveScore(s *candidates.Snapshot, r, n *candidates.Listing) int64 {
	weight := []float64{s.Scoring.Urgency.Critical, s.Scoring.Urgency.High, s.Scoring.Urgency.Normal}[n.Need.Urgency-1]
	for _, v := range s.UnitValues {
		if v.Leaf == r.Leaf {
			worth := float64(v.Fixed) + math.Floor(float64(v.WithCondition)*r.Resource.Condition+0.5)
			weighted := math.Floor(worth*weight + 0.5)
			return int64(math.Floor((weighted-float64(r.Resource.CostPerUnit))*s.Scoring.Success["default"]+0.5+1e-9)) + naiveFloors(s, r, n)
		}
	}
	return 0
}

func naiveFloors(s *candidates.Snapshot, r, n *candidates.Listing) int64 {
	bonus := int64(0)
	for _, f := range s.Floors {
		if slices.Contains(f.Wards, n.Ward) && slices.Contains(f.Leaves, r.Leaf) {
			bonus += f.Bonus
		}
	}
	return bonus
}

func naiveTemperature(has, takes city.Temperature) bool {
	order := []city.Temperature{city.Ambient, city.Chilled, city.Frozen}
	return takes == "" || slices.Index(order, has) <= slices.Index(order, takes)
}

func naiveConstraints(attributes map[string]any, constraints []city.Constraint) bool {
	for _, c := range constraints {
		switch want := c.Value.(type) {
		case float64:
			if have, ok := attributes[c.Attribute].(float64); !ok || have < want {
				return false
			}
		case bool:
			if have, ok := attributes[c.Attribute].(bool); !ok || have != want {
				return false
			}
		}
	}
	return true
}
