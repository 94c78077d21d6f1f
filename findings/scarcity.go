package findings

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
	"github.com/city-resource-graph/crg/matching/live"
	"github.com/city-resource-graph/crg/report"
)

// wardLines is how many lines of single wards follow those of the whole city: the dearest.
const wardLines = 12

// group is a category on one side, in one ward or (empty) in all.
type group struct {
	leaf city.Leaf
	unit city.Unit
	side city.Side
	ward string
}

// sums adds up the prices of a group's listings.
type sums struct{ low, high, count int64 }

// Scarcity says what one more unit would be worth on average over a category's listings, as an interval: prices of an
// optimum are not unique. They are those of the linear relaxation, whose value is the run's bound.
func (s *Solved) Scarcity(ctx context.Context) ([]report.Scarcity, error) {
	relaxed, err := matching.Solve(ctx, &s.Graph.Problem, matching.Options{})
	if err != nil {
		return nil, fmt.Errorf("prices: %w", err)
	}
	optimum, err := live.New(ctx, &s.Graph.Problem, relaxed)
	if err != nil {
		return nil, fmt.Errorf("prices: %w", err)
	}
	needs, resources := optimum.Intervals()
	groups := map[group]*sums{}
	addPrices(groups, city.NeedSide, s.Snapshot.Needs, needs)
	addPrices(groups, city.ResourceSide, s.Snapshot.Resources, resources)
	return s.priceLines(groups), nil
}

func addPrices(groups map[group]*sums, side city.Side, listings []candidates.Listing, prices []live.Interval) {
	for i := range listings {
		l := &listings[i]
		if l.Left == 0 {
			continue
		}
		for _, ward := range []string{"", l.Ward} {
			key := group{l.Leaf, l.Quantity.Unit, side, ward}
			if groups[key] == nil {
				groups[key] = &sums{}
			}
			groups[key].low += prices[i].Low
			groups[key].high += prices[i].High
			groups[key].count++
			if l.Ward == "" {
				break
			}
		}
	}
}

func (s *Solved) priceLines(groups map[group]*sums) []report.Scarcity {
	keys := make([]group, 0, len(groups))
	for key := range groups {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b group) int {
		return cmp.Or(
			cmp.Compare(min(len(a.ward), 1), min(len(b.ward), 1)), // the whole city first
			cmp.Compare(groups[b].high/groups[b].count, groups[a].high/groups[a].count),
			cmp.Compare(a.leaf, b.leaf), cmp.Compare(a.side, b.side), cmp.Compare(a.ward, b.ward))
	})
	var lines []report.Scarcity
	inWards := 0
	for _, key := range keys {
		ward := "all"
		if key.ward != "" {
			if inWards++; inWards > wardLines {
				break
			}
			ward = key.ward
		}
		sum := groups[key]
		lines = append(lines, report.Scarcity{
			Leaf: string(key.leaf), Unit: string(key.unit), Side: string(key.side), Ward: ward,
			Low: s.money(sum.low / sum.count), High: s.money(sum.high / sum.count), Count: sum.count,
		})
	}
	return lines
}
