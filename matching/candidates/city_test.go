package candidates_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching/candidates"
)

var now = time.Date(2016, 8, 8, 9, 0, 0, 0, time.UTC)

// town describes a random snapshot that uses every filter.
type town struct {
	needs, resources int
	leaves           int
	metres           float64 // width of the town
	plain            bool    // no attributes, kinds, lots, costs: speed tests
	floors           bool    // two wards have bonuses, one of them on one leaf more
	seed             uint64
}

func (t town) leaf(k int) city.Leaf { return city.Leaf(fmt.Sprintf("food.leaf-%02d", k)) }

func (t town) snapshot() *candidates.Snapshot {
	r := rand.New(rand.NewPCG(t.seed, 17))
	s := &candidates.Snapshot{
		Version: candidates.SnapshotVersion, City: "town", Now: now, Currency: "USD", PriceYear: 2016,
		Plane: city.Plane{Centre: city.Point{Lon: -77.03, Lat: 38.9}}, Scoring: candidates.NeutralScoring(),
		Travel: candidates.Travel{SecondsPerKm: 156},
	}
	s.Scoring.MaxAffinity = 100
	s.Scoring.Success = map[string]float64{"default": 0.9}
	charge := candidates.TripCharge{FixedMinor: 750, MilliMinorPerKm: 113_097}
	for k := range t.leaves {
		s.UnitValues = append(s.UnitValues, candidates.UnitValue{Leaf: t.leaf(k), Fixed: 40 + 5*int64(k), WithCondition: 150, Charge: charge})
	}
	zipf := rand.NewZipf(r, 1.3, 3, uint64(max(t.leaves, 1)-1))
	for k := range t.resources {
		s.Resources = append(s.Resources, t.resource(r, k, int(zipf.Uint64())))
	}
	for k := range t.needs {
		s.Needs = append(s.Needs, t.need(r, k, int(zipf.Uint64())))
	}
	if t.floors {
		s.Floors = []candidates.Floor{
			{Floor: city.Floor{Wards: []string{"1", "2"}}, Leaves: []city.Leaf{t.leaf(0), t.leaf(1)}, Bonus: 90},
			{Floor: city.Floor{Wards: []string{"2"}}, Leaves: []city.Leaf{t.leaf(0)}, Bonus: 25},
			{Floor: city.Floor{Wards: []string{"3"}}, Leaves: []city.Leaf{"goods.furniture"}, Bonus: 1000},
		}
	}
	s.Canonicalise()
	return s
}

func (t town) point(r *rand.Rand) *city.Point {
	clusters := 12
	c := rand.New(rand.NewPCG(t.seed, uint64(r.IntN(clusters))))
	x, y := (c.Float64()-0.5)*t.metres+r.NormFloat64()*t.metres/20, (c.Float64()-0.5)*t.metres+r.NormFloat64()*t.metres/20
	return &city.Point{Lon: -77.03 + x/86_500, Lat: 38.9 + y/111_195}
}

func (t town) windows(r *rand.Rand) []city.Window {
	var windows []city.Window
	for day := range 7 {
		if r.IntN(3) > 0 {
			start := now.Add(time.Duration(24*day-2+r.IntN(8)) * time.Hour)
			windows = append(windows, city.Window{Start: start, End: start.Add(time.Duration(1+r.IntN(6)) * time.Hour)})
		}
	}
	return windows
}

func (t town) resource(r *rand.Rand, k, leaf int) candidates.Listing {
	quantity := 1 + r.Int64N(60)
	l := city.Listing{
		ID: city.ListingID(fmt.Sprintf("r.%07d", k)), City: "town", Side: city.ResourceSide,
		Holder: city.ParticipantID(fmt.Sprintf("giver.%d", k/3)), Leaf: t.leaf(leaf), Point: t.point(r),
		LocationQuality: city.Exact, Windows: t.windows(r), Temperature: city.Ambient, State: city.ListingOpen,
		Quantity: city.Quantity{Amount: quantity, Unit: city.Kilogram},
		Resource: &city.ResourceTerms{RadiusMetres: 1000 + r.IntN(5000), Divisible: true, MinimumLot: 1, Condition: 1},
	}
	if !t.plain {
		perish := now.Add(time.Duration(r.IntN(72)) * time.Hour)
		l.Resource.PerishBy = &perish
		l.Resource.Condition = float64(1+r.IntN(10)) / 10
		l.Resource.CostPerUnit = max(0, r.Int64N(60)-40)
		l.Resource.MinimumLot = 1 + r.Int64N(5)
		l.Resource.Divisible = r.IntN(10) > 0
		l.Temperature = []city.Temperature{city.Ambient, city.Chilled, city.Frozen}[r.IntN(3)]
		l.Attributes = map[string]any{"refrigerated": r.IntN(2) == 0, "lift_kg": float64(r.IntN(800))}
		if r.IntN(3) == 0 {
			l.Resource.ReceiverKinds = []city.Kind{city.Organisation, city.Agency}
		}
		if r.IntN(20) == 0 {
			l.LocationQuality = city.Default
		}
		if r.IntN(20) == 0 {
			l.Resource.RadiusMetres = 0
		}
		if r.IntN(15) == 0 {
			l.Windows = nil
		}
	}
	return candidates.Listing{Listing: l, Left: quantity - min(quantity, r.Int64N(3))}
}

func (t town) need(r *rand.Rand, k, leaf int) candidates.Listing {
	quantity := 1 + r.Int64N(80)
	l := city.Listing{
		ID: city.ListingID(fmt.Sprintf("n.%07d", k)), City: "town", Side: city.NeedSide,
		Holder: city.ParticipantID(fmt.Sprintf("taker.%d", k/2)), Leaf: t.leaf(leaf), Point: t.point(r),
		LocationQuality: city.Exact, Windows: t.windows(r), State: city.ListingOpen, Ward: fmt.Sprint(1 + r.IntN(8)),
		Quantity: city.Quantity{Amount: quantity, Unit: city.Kilogram},
		Need:     &city.NeedTerms{MaxDistanceMetres: 2000 + r.IntN(6000), Urgency: city.Urgency(1 + r.IntN(3))},
	}
	if !t.plain {
		l.Need.BudgetPerUnit = r.Int64N(20)
		l.Need.Substitutes = []city.Leaf{t.leaf(r.IntN(t.leaves))}
		l.Temperature = []city.Temperature{city.Ambient, city.Chilled, city.Frozen, ""}[r.IntN(4)]
		if r.IntN(4) == 0 {
			l.Need.Constraints = []city.Constraint{{Attribute: "lift_kg", Operator: ">=", Value: float64(r.IntN(500))}}
		}
		if r.IntN(5) == 0 {
			l.Need.Constraints = append(l.Need.Constraints, city.Constraint{Attribute: "refrigerated", Operator: "=", Value: true})
		}
		if r.IntN(10) == 0 {
			l.Need.StorageCapacity = 10
		}
		l.Need.Indivisible = r.IntN(8) == 0
		l.Need.MinimumLot = r.Int64N(4)
	}
	kind := []city.Kind{city.Organisation, city.Agency, city.Business, city.Person}[r.IntN(4)]
	return candidates.Listing{Listing: l, Left: quantity, HolderKind: kind}
}
