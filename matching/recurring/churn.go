package recurring

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// Pair is a proposed quantity between two listings.
type Pair struct {
	Resource city.ListingID
	Need     city.ListingID
	Quantity int64
}

// Pairs lists what a solution proposes.
func Pairs(s *candidates.Snapshot, g *candidates.Graph, solution *matching.Solution) []Pair {
	pairs := make([]Pair, len(solution.Flow))
	for k, f := range solution.Flow {
		pairs[k] = Pair{s.Resources[g.Edges[f.Edge].Resource].ID, s.Needs[f.Need].ID, f.Quantity}
	}
	return pairs
}

// Keep pins open proposals, so that they gain the stability share of the scoring configuration. Those whose listings
// are not in the snapshot any more are returned: they have fallen away for good.
func Keep(s *candidates.Snapshot, open []Pair) (gone []Pair) {
	resources, needs := ids(s.Resources), ids(s.Needs)
	for _, p := range open {
		if !resources[p.Resource] || !needs[p.Need] {
			gone = append(gone, p)
			continue
		}
		s.Pins = append(s.Pins, candidates.Pin{Resource: p.Resource, Need: p.Need, Kind: candidates.PinProposed})
	}
	s.Canonicalise()
	return gone
}

func ids(listings []candidates.Listing) map[city.ListingID]bool {
	set := make(map[city.ListingID]bool, len(listings))
	for k := range listings {
		set[listings[k].ID] = true
	}
	return set
}

// Churn compares two allocations pair by pair.
type Churn struct {
	Kept    int `json:"kept"`    // pairs with the same quantity
	Changed int `json:"changed"` // pairs with another quantity
	Dropped int `json:"dropped"` // pairs of the first that the second has not
	Added   int `json:"added"`
}

// Compare counts the churn from one allocation to the next.
func Compare(before, after []Pair) Churn {
	type key struct{ resource, need city.ListingID }
	old := make(map[key]int64, len(before))
	for _, p := range before {
		old[key{p.Resource, p.Need}] += p.Quantity
	}
	c := Churn{}
	for _, p := range after {
		k := key{p.Resource, p.Need}
		switch quantity, had := old[k]; {
		case !had:
			c.Added++
		case quantity == p.Quantity:
			c.Kept++
		default:
			c.Changed++
		}
		delete(old, k)
	}
	c.Dropped = len(old)
	return c
}

// Point is one trade between stability and value.
type Point struct {
	Stability float64 `json:"stability"` // share of its score that an open proposal gains
	Churn     Churn   `json:"churn"`
	Value     int64   `json:"value"` // of the allocation, without the bonus
	Loss      int64   `json:"loss"`  // against no stability at all
}

// Frontier solves the snapshot for several stability shares, ascending, and reports churn and price of each. The first
// point is always that without stability. The snapshot's pins of open proposals are replaced by the given ones.
func Frontier(ctx context.Context, s *candidates.Snapshot, open []Pair, shares []float64) ([]Point, error) {
	base := *s
	base.Pins = slices.DeleteFunc(slices.Clone(s.Pins), func(p candidates.Pin) bool { return p.Kind == candidates.PinProposed })
	plain, err := candidates.NewIndex(&base)
	if err != nil {
		return nil, fmt.Errorf("stability frontier: %w", err)
	}
	points := make([]Point, 0, len(shares)+1)
	for _, share := range append([]float64{0}, shares...) {
		kept := base
		kept.Pins = slices.Clone(base.Pins)
		Keep(&kept, open)
		kept.Scoring.Stability = share
		g, err := candidates.Generate(ctx, &kept, candidates.Options{})
		if err != nil {
			return nil, fmt.Errorf("stability frontier: %w", err)
		}
		solution, err := g.Solve(ctx, matching.Options{})
		if err != nil {
			return nil, fmt.Errorf("stability frontier: %w", err)
		}
		p := Point{Stability: share, Churn: Compare(open, Pairs(&kept, g, solution)), Value: plainValue(plain, g, solution)}
		if len(points) > 0 {
			p.Loss = points[0].Value - p.Value
		}
		points = append(points, p)
	}
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Compare(a.Stability, b.Stability) })
	return points, nil
}

// plainValue is what an allocation is worth without the bonus of open proposals.
func plainValue(plain *candidates.Index, g *candidates.Graph, solution *matching.Solution) int64 {
	value := int64(0)
	for _, f := range solution.Flow {
		if _, parts, _ := plain.Pair(f.Need, g.Edges[f.Edge].Resource); parts != nil {
			value += f.Quantity*parts.Score - parts.Charge
		}
	}
	return value
}

// Price is what keeping open proposals cost a solution that was found with their bonus. Amounts are minor units.
type Price struct {
	Bonus  int64 // part of the solution's value, and of its bound, that is the bonus
	Cost   int64 // value found without the bonus, less the solution's; below 0 where the second search found less
	AtMost int64 // bound without the bonus, less the solution's value: no allocation loses more, proven
	Free   Churn // what the search without the bonus would have done to the open proposals
}

// PriceOf solves the snapshot once more, without the bonus and from the solution's basis, and compares.
func PriceOf(ctx context.Context, s *candidates.Snapshot, open []Pair, g *candidates.Graph, solution *matching.Solution) (Price, error) {
	base := *s
	base.Pins = slices.DeleteFunc(slices.Clone(s.Pins), func(p candidates.Pin) bool { return p.Kind == candidates.PinProposed })
	plain, err := candidates.NewIndex(&base)
	if err != nil {
		return Price{}, fmt.Errorf("price of stability: %w", err)
	}
	free, err := plain.Generate(ctx, candidates.Options{})
	if err != nil {
		return Price{}, fmt.Errorf("price of stability: %w", err)
	}
	free, best, _, err := candidates.SolveProven(ctx, plain, free, matching.Options{Warm: solution.Basis})
	if err != nil {
		return Price{}, fmt.Errorf("price of stability: %w", err)
	}
	value := plainValue(plain, g, solution)
	return Price{
		Bonus: solution.Value - value, Cost: best.Value - value, AtMost: best.Bound - value,
		Free: Compare(open, Pairs(&base, free, best)),
	}, nil
}
