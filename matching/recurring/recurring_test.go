package recurring_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/recurring"
)

// week is a town's snapshot of one week: most listings are there every week, a few only in one.
func week(number int) *candidates.Snapshot {
	s := &candidates.Snapshot{
		Version: candidates.SnapshotVersion, City: "town", Now: time.Date(2016, 8, 8, 9, 0, 0, 0, time.UTC), Currency: "USD",
		Plane: city.Plane{Centre: city.Point{Lon: -77.03, Lat: 38.9}}, Scoring: candidates.NeutralScoring(),
		UnitValues: []candidates.UnitValue{{Leaf: "food.bread", Fixed: 250, Charge: candidates.TripCharge{FixedMinor: 200, MilliMinorPerKm: 90_000}}},
	}
	r := rand.New(rand.NewPCG(7, 7))
	for k := range 240 {
		at := city.Point{Lon: -77.03 + r.NormFloat64()/40, Lat: 38.9 + r.NormFloat64()/50}
		quantity, cost := 2+r.Int64N(30), r.Int64N(20)
		only := r.IntN(20)
		l := city.Listing{Leaf: "food.bread", Point: &at, LocationQuality: city.Exact}
		if only < 3 && only != number {
			continue
		}
		if k%2 == 0 {
			l.ID, l.Side = city.ListingID(fmt.Sprintf("r.%03d", k)), city.ResourceSide
			l.Resource = &city.ResourceTerms{Divisible: true, Condition: 1, RadiusMetres: 4000, CostPerUnit: cost}
			s.Resources = append(s.Resources, candidates.Listing{Listing: l, Left: quantity})
		} else {
			l.ID, l.Side = city.ListingID(fmt.Sprintf("n.%03d", k)), city.NeedSide
			l.Need = &city.NeedTerms{Urgency: city.Normal, BudgetPerUnit: 100}
			s.Needs = append(s.Needs, candidates.Listing{Listing: l, Left: quantity})
		}
	}
	s.Canonicalise()
	return s
}

func graph(t *testing.T, s *candidates.Snapshot) *candidates.Graph {
	t.Helper()
	g, err := candidates.Generate(context.Background(), s, candidates.Options{})
	require.NoError(t, err)
	return g
}

// The next run reaches the same optimum from the memory as from nothing, through the bytes of a store.
func TestWarmEqualsCold(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	first := week(0)
	before, err := matching.Solve(ctx, &graph(t, first).Problem, matching.Options{})
	require.NoError(t, err)
	data, err := recurring.Remember(first, before.Basis).MarshalBinary()
	require.NoError(t, err)
	var memory recurring.Memory
	require.NoError(t, memory.UnmarshalBinary(data))

	next := week(1)
	g := graph(t, next)
	basis, err := memory.Basis(next)
	require.NoError(t, err)
	warm, err := matching.Solve(ctx, &g.Problem, matching.Options{Warm: basis})
	require.NoError(t, err)
	cold, err := matching.Solve(ctx, &g.Problem, matching.Options{})
	require.NoError(t, err)
	require.Equal(t, cold.Bound, warm.Bound)
	require.NoError(t, g.Verify(warm))

	next.City = "elsewhere"
	_, err = memory.Basis(next)
	require.ErrorIs(t, err, recurring.ErrForeign)
	for _, at := range []int{0, 20, len(data) / 2, len(data) - 1} {
		damaged := append([]byte(nil), data...)
		damaged[at] ^= 1
		require.ErrorIs(t, new(recurring.Memory).UnmarshalBinary(damaged), recurring.ErrDamaged)
		require.ErrorIs(t, new(recurring.Memory).UnmarshalBinary(data[:at]), recurring.ErrDamaged)
	}
}

// Stability drops fewer proposals, at a price that is told.
func TestFrontier(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	first := week(0)
	g := graph(t, first)
	solution, err := g.Solve(ctx, matching.Options{})
	require.NoError(t, err)
	open := recurring.Pairs(first, g, solution)
	require.Equal(t, recurring.Churn{Kept: len(open)}, recurring.Compare(open, open))

	points, err := recurring.Frontier(ctx, week(1), open, []float64{0.05, 0.5})
	require.NoError(t, err)
	require.Len(t, points, 3)
	require.Zero(t, points[0].Loss)
	require.Less(t, points[1].Churn.Dropped, points[0].Churn.Dropped)
	require.LessOrEqual(t, points[2].Churn.Dropped, points[1].Churn.Dropped)
	require.Less(t, float64(points[1].Loss), 0.02*float64(points[0].Value))
}

func TestKeepReturnsWhatIsGone(t *testing.T) {
	t.Parallel()
	s := week(0)
	here := recurring.Pair{Resource: s.Resources[0].ID, Need: s.Needs[0].ID, Quantity: 1}
	gone := recurring.Keep(s, []recurring.Pair{here, {Resource: "r.none", Need: s.Needs[0].ID, Quantity: 2}})
	require.Equal(t, city.ListingID("r.none"), gone[0].Resource)
	require.Len(t, s.Pins, 1)
	_, err := candidates.Generate(context.Background(), s, candidates.Options{})
	require.NoError(t, err)
}
