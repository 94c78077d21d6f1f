package certificate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching/certificate"
)

// ordered is three needs of two tiers and two resources. Need 1 comes first and takes what is worth less to it than to need
// 0, which then has 2 of resource 0 and 1 of resource 1. Need 2 is tied with it for resource 1.
func ordered() (*certificate.Instance[edge], []int, []certificate.Flow, []certificate.Stage) {
	in := &certificate.Instance[edge]{
		NeedQuantity:     []int64{4, 2, 1},
		ResourceQuantity: []int64{4, 1},
		RowStart:         []int32{0, 2, 3, 4},
		Edges:            []edge{{0, 10}, {1, 7}, {0, 6}, {1, 7}},
	}
	flows := []certificate.Flow{{0, 2}, {1, 1}, {2, 2}}
	return in, []int{5, 2, 5}, flows, []certificate.Stage{
		{Tier: 2, Value: 12, Bound: 12, NeedPrice: []int64{0, 6, 0}, ResourcePrice: []int64{0, 0}},
		{Tier: 5, Value: 27, Bound: 27, NeedPrice: []int64{0, 18, 0}, ResourcePrice: []int64{10, 7}, Bonus: 28},
	}
}

func TestCheckOrderAcceptsWhatIsBestTierByTier(t *testing.T) {
	t.Parallel()
	in, tier, flows, stages := ordered()
	require.NoError(t, certificate.CheckOrder(in, tier, flows, stages))
	in.Charges = make([]int64, 4) // nothing
	require.NoError(t, certificate.CheckOrder(in, tier, flows, stages))
}

// With charges a stage is a problem of what is left, and may have a gap.
func TestCheckOrderAcceptsAnHonestGapWithCharges(t *testing.T) {
	t.Parallel()
	in, tier, flows, stages := ordered()
	in.Charges = []int64{3, 0, 5, 0}
	stages[0] = certificate.Stage{Tier: 2, Value: 7, Bound: 8, NeedPrice: []int64{0, 4, 0}, ResourcePrice: []int64{0, 0}}
	// Of resource 0, 2 are left: a charge of 3 is spread over 2 units, which makes 9 of 10.
	stages[1] = certificate.Stage{Tier: 5, Value: 24, Bound: 25, NeedPrice: []int64{0, 0, 0}, ResourcePrice: []int64{9, 7}}
	require.NoError(t, certificate.CheckOrder(in, tier, flows, stages))
	stages[1].ResourcePrice = []int64{8, 9}
	err := certificate.CheckOrder(in, tier, flows, stages)
	require.EqualError(t, err, "tier 5: edge 0 (need 0, resource 0) is worth 9, more than its prices 0 + 8")
	in.ResourceQuantity[0] = 3
	require.EqualError(t, certificate.CheckOrder(in, tier, flows, stages), "resource 0 is used 4 times, want at most 3")
}

func TestCheckOrderNamesTheViolation(t *testing.T) {
	t.Parallel()
	type parts struct {
		in     *certificate.Instance[edge]
		tier   []int
		flows  []certificate.Flow
		stages []certificate.Stage
	}
	for name, c := range map[string]struct {
		spoil func(*parts)
		says  string
	}{
		"a stage too few":  {func(p *parts) { p.stages = p.stages[:1] }, "1 tiers, want 2"},
		"a tier too few":   {func(p *parts) { p.tier = []int{2, 5} }, "2 needs with a tier, want 3"},
		"another tier":     {func(p *parts) { p.stages[1].Tier = 4 }, "4 as the tier that comes next, want 5"},
		"out of order":     {func(p *parts) { p.stages[0], p.stages[1] = p.stages[1], p.stages[0] }, "5 as the tier that comes next, want 2"},
		"a price too few":  {func(p *parts) { p.stages[1].NeedPrice = []int64{0, 18} }, "2 need prices, want 3"},
		"a price too low":  {func(p *parts) { p.stages[1].ResourcePrice[0]-- }, "tier 5: edge 0 (need 0, resource 0) is worth 10, more"},
		"a price too high": {func(p *parts) { p.stages[1].ResourcePrice[1]++ }, "tier 5: bound is claimed to be 27, but is 28"},
		"a price below 0":  {func(p *parts) { p.stages[0].NeedPrice[0] = -1 }, "tier 2: price of need 0 is -1"},
		"a value":          {func(p *parts) { p.stages[0].Value, p.stages[0].Bound = 13, 13 }, "tier 2: value is claimed to be 13, but is 12"},
		"a bound":          {func(p *parts) { p.stages[1].Bound = 28 }, "tier 5: optimality is claimed with a gap of 1"},
		"a worse allocation": {func(p *parts) {
			p.flows = []certificate.Flow{{0, 3}, {2, 1}, {3, 1}}
			p.stages[0].Value, p.stages[0].Bound = 6, 6
		}, "tier 2: bound is claimed to be 6, but is 12"},
		// Prices that are none of the stage: need 1 would not have to be served any more.
		"no bonus":   {func(p *parts) { p.stages[1].Bonus = 0 }, "tier 5: bound is claimed to be 27, but is 83"},
		"bonus huge": {func(p *parts) { p.stages[1].Bonus = 1 << 41 }, "tier 5: the bonus is 2199023255552, want 0 to 1099511627776"},
		"bonuses that no sum holds": {func(p *parts) {
			const all = 1 << 40
			p.in.NeedQuantity[1], p.in.ResourceQuantity[0], p.flows = all, all, []certificate.Flow{{1, 1}, {2, all}}
			p.stages[0].Value, p.stages[0].Bound = 6*all, 6*all
			p.stages[1].Value, p.stages[1].Bound, p.stages[1].Bonus = 7, 7, all
		}, "tier 5: the bonus is 1099511627776, want 0 to 1099511627776, and all of them below 2^63"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, tier, flows, stages := ordered()
			p := &parts{in, tier, flows, stages}
			c.spoil(p)
			require.ErrorContains(t, certificate.CheckOrder(p.in, p.tier, p.flows, p.stages), c.says)
		})
	}
}

// What counts is not what the earlier tier gets but that it gets the most: the same sum by other edges is caught as well.
func TestCheckOrderSeesAnEarlierTierServedByWhatALaterOneNeeds(t *testing.T) {
	t.Parallel()
	in := &certificate.Instance[edge]{ // need 0 is served alike by both; need 1 by resource 0 alone
		NeedQuantity: []int64{1, 1}, ResourceQuantity: []int64{1, 1}, RowStart: []int32{0, 2, 3}, Edges: []edge{{0, 5}, {1, 5}, {0, 9}},
	}
	stages := []certificate.Stage{
		{Tier: 1, Value: 5, Bound: 5, NeedPrice: []int64{5, 0}, ResourcePrice: []int64{0, 0}},
		{Tier: 2, Value: 9, Bound: 9, NeedPrice: []int64{10, 9}, ResourcePrice: []int64{0, 0}, Bonus: 10},
	}
	require.NoError(t, certificate.CheckOrder(in, []int{1, 2}, []certificate.Flow{{1, 1}, {2, 1}}, stages))
	stages[1].Value, stages[1].Bound = 0, 0
	require.ErrorContains(t, certificate.CheckOrder(in, []int{1, 2}, []certificate.Flow{{0, 1}}, stages), "tier 2: bound is claimed to be 0, but is 9")
}
