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

// sums adds up the prices of a group's listings, and knows the one with the highest.
type sums struct {
	low, high, count int64
	top              int64
	at               int32
}

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
	return s.priceLines(groups, optimum)
}

// mostMore bounds the search for how many more units keep their price.
const mostMore = 1000

// validFor is how many more units of a listing are each worth what the first one is, give or take a minor unit of rounding
// where trips are spread. What a unit adds never grows, so that those are the first ones.
func validFor(optimum *live.Live, side city.Side, at int32, quantity int64) (int64, error) {
	gain := func(more int64) (int64, error) {
		change := live.ResourceQuantity(at, quantity+more)
		if side == city.NeedSide {
			change = live.NeedQuantity(at, quantity+more)
		}
		outcome, err := optimum.Ask(change)
		return outcome.Gain(), err
	}
	first, err := gain(1)
	if err != nil || first <= 0 {
		return 0, err
	}
	low, high := int64(1), int64(mostMore)
	for low < high {
		middle := low + (high-low+1)/2
		total, err := gain(middle)
		if err != nil {
			return 0, err
		}
		if total >= middle*(first-1) {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low, nil
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
			if prices[i].High > groups[key].top {
				groups[key].top, groups[key].at = prices[i].High, int32(i) //nolint:gosec // a problem has fewer than 2^31 listings
			}
			if l.Ward == "" {
				break
			}
		}
	}
}

func (s *Solved) priceLines(groups map[group]*sums, optimum *live.Live) ([]report.Scarcity, error) {
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
	wards := map[string]bool{}
	for _, key := range keys {
		wards[key.ward] = true
	}
	for _, key := range keys {
		ward := "all"
		if key.ward != "" {
			if inWards++; inWards > wardLines || len(wards) <= 2 { // the city, and one ward that is all of it
				break
			}
			ward = key.ward
		}
		sum := groups[key]
		quantity := s.Graph.ResourceQuantity
		if key.side == city.NeedSide {
			quantity = s.Graph.NeedQuantity
		}
		holds := int64(0)
		if sum.top > 0 {
			var err error
			if holds, err = validFor(optimum, key.side, sum.at, quantity[sum.at]); err != nil {
				return nil, fmt.Errorf("prices: %w", err)
			}
		}
		lines = append(lines, report.Scarcity{
			Leaf: string(key.leaf), Unit: string(key.unit), Side: string(key.side), Ward: ward,
			Low: s.money(sum.low / sum.count), High: s.money(sum.high / sum.count), Count: sum.count,
			Most: s.money(sum.top), ValidFor: holds,
		})
	}
	return lines, nil
}
