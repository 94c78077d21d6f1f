package findings_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/findings"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/charges"
	"github.com/city-resource-graph/crg/report"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// listing is a listing of food some hundred metres east of the centre.
func listing(side city.Side, id string, quantity int64, east float64, ward string) candidates.Listing {
	l := candidates.Listing{Left: quantity, HolderKind: city.Organisation, Listing: city.Listing{
		ID: city.ListingID(id), City: "test", Side: side, Holder: city.ParticipantID("holder-" + id), Leaf: "food.produce",
		Title: "Produce", Quantity: city.Quantity{Amount: quantity, Unit: city.Kilogram, Quality: city.Declared},
		Point: &city.Point{Lon: -77 + east/1000, Lat: 38.9}, LocationQuality: city.Exact, Ward: ward, State: city.ListingOpen,
		Origin: city.Generated, Windows: []city.Window{{Start: now, End: now.Add(48 * time.Hour)}},
	}}
	if side == city.ResourceSide {
		l.Resource = &city.ResourceTerms{RadiusMetres: 20_000, Divisible: true, MinimumLot: 1, Condition: 1, UsableChance: 1}
	} else {
		l.Need = &city.NeedTerms{MaxDistanceMetres: 20_000, Urgency: city.Normal}
	}
	return l
}

// solved is a small city: two resources, three needs of which one is out of everybody's reach.
func solved(t *testing.T, floors ...candidates.Floor) *findings.Solved {
	t.Helper()
	snapshot := &candidates.Snapshot{
		Version: candidates.SnapshotVersion, City: "test", Run: "r1", Now: now, Plane: city.Plane{Centre: city.Point{Lon: -77, Lat: 38.9}},
		Currency: "USD", PriceYear: 2025, Scoring: candidates.NeutralScoring(),
		UnitValues: []candidates.UnitValue{{
			Leaf: "food.produce", Fixed: 40, WithCondition: 200, Charge: candidates.TripCharge{FixedMinor: 500, MilliMinorPerKm: 100_000},
		}},
		Resources: []candidates.Listing{
			listing(city.ResourceSide, "r1", 100, 0, "1"), listing(city.ResourceSide, "r2", 50, 40, "2"),
		},
		Needs: []candidates.Listing{
			listing(city.NeedSide, "n1", 80, 1, "1"), listing(city.NeedSide, "n2", 100, 41, "2"), listing(city.NeedSide, "n3", 10, 900, "2"),
		},
		Floors: floors,
	}
	snapshot.Canonicalise()
	graph, err := candidates.Generate(t.Context(), snapshot, candidates.Options{})
	require.NoError(t, err)
	solution, err := charges.Solve(t.Context(), &graph.Problem, matching.Options{})
	require.NoError(t, err)
	return findings.New(snapshot, graph, solution, []findings.Ward{
		{ID: "1", Population: 100, MedianIncome: 9_000_000},
		{ID: "2", Population: 100, MedianIncome: 5_000_000},
		{ID: "3", Population: 100, MedianIncome: 4_000_000},
		{ID: "4", Population: 100, MedianIncome: 8_000_000},
	})
}

func TestDescribeAccountsForEverything(t *testing.T) {
	t.Parallel()
	s := solved(t)
	r := &report.Report{}
	require.NoError(t, s.Describe(t.Context(), r))

	require.Len(t, r.Listings.ByLeaf, 1)
	leaf := r.Listings.ByLeaf[0]
	require.Equal(t, int64(2), leaf.Resources)
	require.Equal(t, int64(150), leaf.Offered)
	require.Equal(t, int64(190), leaf.Asked)
	require.Equal(t, int64(len(s.Solution.Flow)), leaf.Proposals)
	require.Equal(t, int64(150), leaf.Allocated, "all that is offered finds a taker")

	var kilograms int64
	for _, ward := range r.Fairness.ByWard {
		kilograms += ward.FoodKg
	}
	require.Equal(t, leaf.Allocated, kilograms, "the wards add up to the whole")
	require.Equal(t, []string{"3"}, r.Fairness.Focus, "the quarter with the lowest income")

	require.Len(t, r.Unserved, 1)
	require.Equal(t, "distance", r.Unserved[0].Reason, "n3 is 80 km away")
	require.Len(t, r.Map, 5)
	require.Len(t, r.Examples, len(s.Solution.Flow))
	require.NotEmpty(t, r.Scarcity)
}

func TestNoSimpleRuleBeatsTheBound(t *testing.T) {
	t.Parallel()
	s := solved(t)
	require.LessOrEqual(t, s.Greedy(), s.Solution.Bound)
	require.LessOrEqual(t, s.FirstCome(), s.Solution.Bound)
	require.Positive(t, s.FirstCome())
}

func TestLoadRebuildsWhatWasSolved(t *testing.T) {
	t.Parallel()
	s := solved(t)
	prices := map[city.ListingID]int64{}
	for i, price := range s.Solution.NeedPrice {
		prices[s.Snapshot.Needs[i].ID] = price
	}
	for i, price := range s.Solution.ResourcePrice {
		prices[s.Snapshot.Resources[i].ID] = price
	}
	var flows []findings.Flow
	for _, p := range s.Pairs() {
		flows = append(flows, findings.Flow{Need: p.Need.ID, Resource: p.Resource.ID, Quantity: p.Quantity})
	}
	loaded, err := findings.Load(t.Context(), s.Snapshot, flows, prices, s.Wards)
	require.NoError(t, err)
	require.Equal(t, s.Solution.Flow, loaded.Solution.Flow)
	require.Equal(t, s.Solution.NeedPrice, loaded.Solution.NeedPrice)

	for _, wrong := range []findings.Flow{{Need: "n9", Resource: "r1"}, {Need: "n3", Resource: "r1", Quantity: 1}} {
		_, err = findings.Load(t.Context(), s.Snapshot, []findings.Flow{wrong}, prices, s.Wards)
		require.ErrorContains(t, err, fmt.Sprintf("%s and %s", wrong.Resource, wrong.Need))
	}
}

// Whoever does not live at a public address is shown on the block only.
func TestPrivatePlacesAreRounded(t *testing.T) {
	t.Parallel()
	s := solved(t)
	s.Snapshot.Needs[0].HolderKind = city.Person
	s.Snapshot.Needs[0].Point = &city.Point{Lon: -76.99912, Lat: 38.90049}
	s.Snapshot.Needs[1].LocationQuality = city.Default
	points := s.MapPoints()
	require.Len(t, points, 4, "a default coordinate is nobody's place")
	for _, p := range points {
		if p.Side == "need" {
			require.InDelta(t, -76.999, p.Lon, 1e-9)
			require.InDelta(t, 38.9, p.Lat, 1e-9)
			return
		}
	}
	t.Fatal("the need is missing")
}

// Whatever lies in one place, the same run has the same map.
func TestTheMapIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	s := solved(t)
	for i, leaf := range slices.Repeat([]city.Leaf{"food.produce", "goods.furniture", "space.hall"}, 10) {
		l := listing(city.NeedSide, fmt.Sprintf("more%d", i), 1, 1, "1")
		l.Leaf = leaf
		s.Snapshot.Needs = append(s.Snapshot.Needs, l)
	}
	first := s.MapPoints()
	require.True(t, slices.ContainsFunc(first, func(p report.MapPoint) bool { return p.Matched }))
	for range 50 {
		require.Equal(t, first, s.MapPoints())
	}
}

// 150 kg are offered and 180 kg wanted in reach: 30 more kg find a taker at what one is worth, and not one more. A price
// of nothing holds for as long as anybody looks.
func TestAPriceHoldsAsLongAsItsUnitsFindATaker(t *testing.T) {
	t.Parallel()
	s := solved(t)
	s.Snapshot.UnitValues[0].Charge = candidates.TripCharge{} // a kilogram is worth the same everywhere
	graph, err := candidates.Generate(t.Context(), s.Snapshot, candidates.Options{})
	require.NoError(t, err)
	solution, err := charges.Solve(t.Context(), &graph.Problem, matching.Options{})
	require.NoError(t, err)
	lines, err := findings.New(s.Snapshot, graph, solution, nil).Scarcity(t.Context())
	require.NoError(t, err)
	held := map[string]report.Scarcity{}
	for _, line := range lines {
		held[line.Side+" "+line.Ward] = line
	}
	for _, ward := range []string{"all", "1", "2"} {
		line := held["resource "+ward]
		require.Equal(t, "2.40", line.High, ward)
		require.Equal(t, "2.40", line.Most, ward)
		require.EqualValues(t, 30, line.ValidFor, ward)
	}
	require.Equal(t, "0.00", held["need all"].High)
	require.Zero(t, held["need all"].ValidFor)

	// Solved again with as many more, each is worth just that, and the next is worth nothing.
	worth := func(more int64) int64 {
		again := *s.Snapshot
		again.Resources = append([]candidates.Listing(nil), s.Snapshot.Resources...)
		again.Resources[0].Left += more
		again.Resources[0].Quantity.Amount += more
		graph, err := candidates.Generate(t.Context(), &again, candidates.Options{})
		require.NoError(t, err)
		relaxed, err := matching.Solve(t.Context(), &graph.Problem, matching.Options{})
		require.NoError(t, err)
		return relaxed.Value
	}
	require.Equal(t, worth(0)+30*240, worth(30))
	require.Equal(t, worth(30), worth(31))
}
