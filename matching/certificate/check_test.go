package certificate_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching/certificate"
)

type edge struct {
	Resource int32
	Value    int64
}

// example is two needs and two resources. Best: need 0 takes 2 of resource 0 and 1 of resource 1, need 1 the other unit
// of resource 1, worth 2x10 + 1x7 + 1x4 = 31.
func example() (*certificate.Instance[edge], *certificate.Claim) {
	in := &certificate.Instance[edge]{
		NeedQuantity:     []int64{3, 2},
		ResourceQuantity: []int64{2, 2},
		RowStart:         []int32{0, 2, 4},
		Edges:            []edge{{0, 10}, {1, 7}, {0, 6}, {1, 4}},
	}
	return in, &certificate.Claim{
		Flows:         []certificate.Flow{{0, 2}, {1, 1}, {3, 1}},
		NeedPrice:     []int64{3, 0},
		ResourcePrice: []int64{7, 4},
		Value:         31, Bound: 31, Optimal: true,
	}
}

func TestCheckAcceptsTheOptimum(t *testing.T) {
	t.Parallel()
	in, claim := example()
	require.NoError(t, certificate.Check(in, claim))
}

func TestCheckAcceptsAnHonestGap(t *testing.T) {
	t.Parallel()
	in, claim := example()
	claim.Flows, claim.Value, claim.Optimal = claim.Flows[:2], 27, false
	require.NoError(t, certificate.Check(in, claim))
}

func TestCheckNamesTheViolation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*certificate.Instance[edge], *certificate.Claim)
		rule  certificate.Rule
		says  string
	}{
		"a row start too few": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.RowStart = in.RowStart[:2] },
			certificate.RuleShape, "2 row starts, want 3",
		},
		"no row starts": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.RowStart = nil },
			certificate.RuleShape, "0 row starts, want 3",
		},
		"rows that go back": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.RowStart[1] = 5 },
			certificate.RuleShape, "4 row starts, want 5",
		},
		"edges beyond the rows": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.Edges = append(in.Edges, edge{0, 1}) },
			certificate.RuleShape, "4 edges in rows, want 5",
		},
		"an unknown resource": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.Edges[2].Resource = 9 },
			certificate.RuleShape, "resource",
		},
		"an unknown resource that is used": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.Edges[0].Resource = -1 },
			certificate.RuleShape, "resource",
		},
		"charges of another length": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.Charges = []int64{1} },
			certificate.RuleShape, "1 charges, want 4",
		},
		"a negative charge": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.Charges = []int64{0, 0, -1, 0} },
			certificate.RulePrice, "price of charge 2 is -1, want >= 0",
		},
		"a price missing": {
			func(_ *certificate.Instance[edge], c *certificate.Claim) { c.NeedPrice = c.NeedPrice[:1] },
			certificate.RuleShape, "1 need prices, want 2",
		},
		"a negative price": {
			func(_ *certificate.Instance[edge], c *certificate.Claim) { c.ResourcePrice[1] = -1 },
			certificate.RulePrice, "price of resource 1 is -1, want >= 0",
		},
		"a flow twice": {
			func(_ *certificate.Instance[edge], c *certificate.Claim) { c.Flows[1].Edge = 0 },
			certificate.RuleFlowEdge, "flow 1 is on edge 0, want an existing edge after 0",
		},
		"a flow on no edge": {
			func(_ *certificate.Instance[edge], c *certificate.Claim) { c.Flows[2].Edge = 4 },
			certificate.RuleFlowEdge, "flow 2 is on edge 4",
		},
		"an unknown resource by one": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.Edges[3].Resource = 2 },
			certificate.RuleShape, "2 as the resource of an edge, want 1",
		},
		"an unknown resource by one, that nothing flows to": {
			func(in *certificate.Instance[edge], c *certificate.Claim) {
				in.Edges[2].Resource, c.Flows = 2, c.Flows[:2]
			},
			certificate.RuleShape, "2 as the resource of an edge, want 1",
		},
		"a flow before all edges": {
			func(_ *certificate.Instance[edge], c *certificate.Claim) { c.Flows[0].Edge = -1 },
			certificate.RuleFlowEdge, "flow 0 is on edge -1, want an existing edge after -1",
		},
		"the last edge above its prices": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.Edges[3].Value = 5 },
			certificate.RuleEdge, "edge 3 (need 1, resource 1) is worth 5, more than its prices 0 + 4",
		},
		"a flow of nothing": {
			func(_ *certificate.Instance[edge], c *certificate.Claim) { c.Flows[0].Quantity = 0 },
			certificate.RuleFlowQuantity, "flow 0 has quantity 0, want > 0",
		},
		"more than wanted": {
			func(_ *certificate.Instance[edge], c *certificate.Claim) { c.Flows[1].Quantity = 2 },
			certificate.RuleQuantity, "need 0 is used 4 times, want at most 3",
		},
		"more than there is": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.ResourceQuantity[1] = 1 },
			certificate.RuleQuantity, "resource 1 is used 2 times, want at most 1",
		},
		"an edge above its prices": {
			func(in *certificate.Instance[edge], _ *certificate.Claim) { in.Edges[2].Value = 8 },
			certificate.RuleEdge, "edge 2 (need 1, resource 0) is worth 8, more than its prices 0 + 7",
		},
		"a wrong value": {
			func(_ *certificate.Instance[edge], c *certificate.Claim) { c.Value = 32 },
			certificate.RuleSum, "value is claimed to be 32, but is 31",
		},
		"a wrong bound": {
			func(_ *certificate.Instance[edge], c *certificate.Claim) { c.NeedPrice[1]++ },
			certificate.RuleSum, "bound is claimed to be 31, but is 33",
		},
		"optimality with a gap": {
			func(_ *certificate.Instance[edge], c *certificate.Claim) { c.Flows, c.Value = c.Flows[:2], 27 },
			certificate.RuleOptimal, "gap of 4",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, claim := example()
			c.spoil(in, claim)
			var v *certificate.Violation
			require.ErrorAs(t, certificate.Check(in, claim), &v)
			require.Equal(t, c.rule, v.Rule)
			require.ErrorContains(t, v, c.says)
		})
	}
}

func TestCheckSpreadsCharges(t *testing.T) {
	t.Parallel()
	in, claim := example()
	in.Charges = []int64{5, 0, 0, 0}
	// Edge 0 carries at most 2 and so counts 10 - floor(5/2) = 8: prices that sum to 8 are enough, 7 are not.
	claim.ResourcePrice[0], claim.Value, claim.Bound, claim.Optimal = 5, 26, 27, false
	in.Edges[2].Value = 5
	require.NoError(t, certificate.Check(in, claim))
	claim.ResourcePrice[0], claim.Bound = 4, 25
	in.Edges[2].Value = 4
	var v *certificate.Violation
	require.ErrorAs(t, certificate.Check(in, claim), &v)
	require.Equal(t, certificate.RuleEdge, v.Rule)
	require.EqualValues(t, 8, v.Got)
}

// Sums that leave 64 bits must not come around and fit again.
func TestCheckDoesNotOverflow(t *testing.T) {
	t.Parallel()
	const huge = math.MaxInt64
	in := &certificate.Instance[edge]{
		NeedQuantity: []int64{huge, huge}, ResourceQuantity: []int64{huge, huge},
		RowStart: []int32{0, 1, 2}, Edges: []edge{{0, huge}, {1, huge}},
	}
	claim := &certificate.Claim{
		Flows: []certificate.Flow{{0, huge}, {1, huge}}, NeedPrice: []int64{huge, huge}, ResourcePrice: []int64{huge, huge},
		Value: 2, Bound: 4, Optimal: false, // what the sums are modulo 2^64
	}
	var v *certificate.Violation
	require.ErrorAs(t, certificate.Check(in, claim), &v)
	require.Equal(t, certificate.RuleSum, v.Rule)
	require.EqualValues(t, huge, v.Limit)
	in.Edges[0].Value, in.Edges[1].Value = math.MinInt64, math.MinInt64
	require.ErrorAs(t, certificate.Check(in, claim), &v)
	require.EqualValues(t, math.MinInt64, v.Limit)
}

// What has no quantity may have any price: it adds nothing to the bound, whatever charges its edges have. Needs may be
// without edges, and prices 0.
func TestCheckOfWhatHasNoQuantity(t *testing.T) {
	t.Parallel()
	in := &certificate.Instance[edge]{
		NeedQuantity: []int64{0, 4, 2}, ResourceQuantity: []int64{5, 0}, RowStart: []int32{0, 1, 1, 3},
		Edges: []edge{{0, 9}, {0, 6}, {1, 8}}, Charges: []int64{7, 0, 3},
	}
	claim := &certificate.Claim{
		Flows: []certificate.Flow{{1, 2}}, NeedPrice: []int64{9, 0, 6}, ResourcePrice: []int64{0, 2}, Value: 12, Bound: 12, Optimal: true,
	}
	require.NoError(t, certificate.Check(in, claim))
	claim.Bound, claim.Optimal = 21, false
	require.ErrorContains(t, certificate.Check(in, claim), "bound is claimed to be 21, but is 12")
}

// Of many needs that are checked in blocks none is left out, and the first violation is named.
func TestCheckLooksAtEveryBlock(t *testing.T) {
	t.Parallel()
	const needs = 3*4096 + 17
	in := &certificate.Instance[edge]{NeedQuantity: make([]int64, needs), ResourceQuantity: []int64{0}, RowStart: make([]int32, needs+1)}
	claim := &certificate.Claim{NeedPrice: make([]int64, needs), ResourcePrice: []int64{0}, Optimal: true}
	for i := range needs {
		in.Edges = append(in.Edges, edge{0, 1})
		in.RowStart[i+1], claim.NeedPrice[i] = int32(i+1), 1
	}
	require.NoError(t, certificate.Check(in, claim))
	for _, wrong := range [][]int{{0}, {4095}, {4096}, {8191, 9000}, {8192}, {needs - 1}, {5, needs - 1}} {
		for _, i := range wrong {
			in.Edges[i].Value = 2
		}
		var v *certificate.Violation
		require.ErrorAs(t, certificate.Check(in, claim), &v)
		require.Equal(t, wrong[0], v.Need)
		require.Equal(t, wrong[0], v.Index)
		for _, i := range wrong {
			in.Edges[i].Value = 1
		}
	}
}

// What would have been right is told where it fits into 64 bits, to the last unit, and else its end of the range.
func TestCheckTellsTheRightSum(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ quantity, value, first, says int64 }{
		{1, math.MaxInt64 - 7, 7, math.MaxInt64},
		{1, math.MaxInt64 - 7, 8, math.MaxInt64},
		{1, math.MinInt64 + 7, -7, math.MinInt64},
		{1, math.MinInt64 + 7, -8, math.MinInt64},
		{2, -5, 3, -7},
		{1, 0, -1, -1},
		{1 << 40, -(1 << 40), 1, math.MinInt64},
	} {
		in := &certificate.Instance[edge]{
			NeedQuantity: []int64{c.quantity, 1}, ResourceQuantity: []int64{c.quantity, 1}, RowStart: []int32{0, 1, 2},
			Edges: []edge{{0, c.value}, {1, c.first}},
		}
		claim := &certificate.Claim{
			Flows: []certificate.Flow{{0, c.quantity}, {1, 1}}, NeedPrice: []int64{math.MaxInt64, math.MaxInt64}, ResourcePrice: []int64{0, 0}, Value: 12,
		}
		var v *certificate.Violation
		require.ErrorAs(t, certificate.Check(in, claim), &v)
		require.Equal(t, "value", v.What)
		require.Equal(t, c.says, v.Limit, "%+v", c)
	}
}
