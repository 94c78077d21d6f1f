package matching_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
)

// drawProblem draws a problem of up to 12 x 12 with all kinds of oddities: empty rows, worthless edges, quantities of 0,
// several edges of a pair.
func drawProblem(t *rapid.T) *matching.Problem {
	resources := rapid.SliceOfN(rapid.Int64Range(0, 6), 1, 12).Draw(t, "resource quantities")
	largest := rapid.SampledFrom([]int64{1, 3, 50, 1 << 40}).Draw(t, "largest value")
	b := instances.NewBuilder(resources)
	for range rapid.IntRange(1, 12).Draw(t, "needs") {
		for range rapid.IntRange(0, 8).Draw(t, "edges") {
			b.Edge(rapid.IntRange(0, len(resources)-1).Draw(t, "resource"), rapid.Int64Range(-2, largest).Draw(t, "value"))
		}
		b.Need(rapid.Int64Range(0, 6).Draw(t, "quantity"))
	}
	return b.Problem()
}

func clone(p *matching.Problem) *matching.Problem {
	return &matching.Problem{
		NeedQuantity: slices.Clone(p.NeedQuantity), ResourceQuantity: slices.Clone(p.ResourceQuantity),
		RowStart: slices.Clone(p.RowStart), Edges: slices.Clone(p.Edges), Charges: slices.Clone(p.Charges),
	}
}

func TestLawOptimalAsOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		want := oracle(p)
		require.Equal(t, want, solve(t, p, matching.Options{}).Value)
		for _, s := range []*matching.Solution{
			matching.SolveByAuction(t.Context(), p, matching.Options{}),
			matching.SolveByScaling(t.Context(), p, matching.Options{}),
		} {
			require.NoError(t, matching.Verify(p, s))
			require.Equal(t, want, s.Value)
			require.True(t, s.Optimal)
		}
	})
}

func TestLawMoreSupplyNeverHurts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		before := solve(t, p, matching.Options{})
		q := clone(p)
		r := rapid.IntRange(0, len(p.ResourceQuantity)-1).Draw(t, "more of")
		q.ResourceQuantity[r]++
		after := solve(t, q, matching.Options{})
		require.GreaterOrEqual(t, after.Value, before.Value)
		require.LessOrEqual(t, after.Value-before.Value, before.ResourcePrice[r], "a price is at least what one more unit brings")
	})
}

// Another resource, whatever it offers and to whom, is used or left alone: it never takes anything away.
func TestLawAnotherResourceNeverHurts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		another := len(p.ResourceQuantity)
		b := instances.NewBuilder(append(slices.Clone(p.ResourceQuantity), rapid.Int64Range(0, 6).Draw(t, "offered")))
		for i, quantity := range p.NeedQuantity {
			for _, e := range p.Row(i) {
				b.Edge(int(e.Resource), e.Value)
			}
			if rapid.Bool().Draw(t, "reaches") {
				b.Edge(another, rapid.Int64Range(-2, 60).Draw(t, "value"))
			}
			b.Need(quantity)
		}
		require.GreaterOrEqual(t, solve(t, b.Problem(), matching.Options{}).Value, solve(t, p, matching.Options{}).Value)
	})
}

func TestLawScaling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		factor := rapid.Int64Range(2, 1000).Draw(t, "factor")
		q := clone(p)
		for k := range q.Edges {
			if q.Edges[k].Value > 1<<20 {
				t.Skip("values would leave the range")
			}
			q.Edges[k].Value *= factor
		}
		require.Equal(t, factor*solve(t, p, matching.Options{}).Value, solve(t, q, matching.Options{}).Value)
	})
}

// Permuting needs, resources and edges permutes the problem; its optimum stays.
func TestLawPermutation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		needs, resources := r.Perm(len(p.NeedQuantity)), r.Perm(len(p.ResourceQuantity))
		moved := make([]int64, len(resources))
		for k, to := range resources {
			moved[to] = p.ResourceQuantity[k]
		}
		b := instances.NewBuilder(moved)
		for _, i := range needs {
			row := slices.Clone(p.Row(i))
			r.Shuffle(len(row), func(a, c int) { row[a], row[c] = row[c], row[a] })
			for _, e := range row {
				b.Edge(resources[e.Resource], e.Value)
			}
			b.Need(p.NeedQuantity[i])
		}
		require.Equal(t, solve(t, p, matching.Options{}).Value, solve(t, b.Problem(), matching.Options{}).Value)
	})
}

// Prices belong to flows: whatever is not used up is free, and what flows is worth exactly its prices.
func TestLawComplementarity(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		s := solve(t, p, matching.Options{})
		needLeft, resourceLeft := slices.Clone(p.NeedQuantity), slices.Clone(p.ResourceQuantity)
		for _, f := range s.Flow {
			e := p.Edges[f.Edge]
			require.Equal(t, e.Value, s.NeedPrice[f.Need]+s.ResourcePrice[e.Resource])
			needLeft[f.Need] -= f.Quantity
			resourceLeft[e.Resource] -= f.Quantity
		}
		for i, left := range needLeft {
			require.True(t, left == 0 || s.NeedPrice[i] == 0)
		}
		for r, left := range resourceLeft {
			require.True(t, left == 0 || s.ResourcePrice[r] == 0)
		}
	})
}

// Pinning what the optimum does and solving the rest reproduces it.
func TestLawPinningTheOptimum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		s := solve(t, p, matching.Options{})
		rest := clone(p)
		pinned := int64(0)
		for _, f := range s.Flow {
			if rapid.Bool().Draw(t, "pin") {
				e := p.Edges[f.Edge]
				rest.NeedQuantity[f.Need] -= f.Quantity
				rest.ResourceQuantity[e.Resource] -= f.Quantity
				pinned += f.Quantity * e.Value
			}
		}
		require.Equal(t, s.Value, pinned+solve(t, rest, matching.Options{}).Value)
	})
}

// Forcing a unit onto an edge loses at least what the edge is worth less than its prices.
func TestLawForcedEdgeLosesItsReducedCost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		s := solve(t, p, matching.Options{})
		k := rapid.IntRange(0, max(len(p.Edges)-1, 0)).Draw(t, "edge")
		if k >= len(p.Edges) {
			t.Skip("no edge")
		}
		need := 0
		for p.RowStart[need+1] <= int32(k) {
			need++
		}
		e := p.Edges[k]
		if p.NeedQuantity[need] == 0 || p.ResourceQuantity[e.Resource] == 0 {
			t.Skip("nothing to force")
		}
		rest := clone(p)
		rest.NeedQuantity[need]--
		rest.ResourceQuantity[e.Resource]--
		forced := solve(t, rest, matching.Options{}).Value + e.Value
		require.GreaterOrEqual(t, s.Value-forced, s.NeedPrice[need]+s.ResourcePrice[e.Resource]-e.Value)
	})
}

// A warm start changes the way to the optimum, never the optimum, whatever has changed and whatever the basis is.
func TestLawWarmIsCold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		basis := solve(t, p, matching.Options{}).Basis
		q := clone(p)
		for range rapid.IntRange(0, 6).Draw(t, "changes") {
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				q.NeedQuantity[rapid.IntRange(0, len(q.NeedQuantity)-1).Draw(t, "need")] = rapid.Int64Range(0, 6).Draw(t, "quantity")
			case 1:
				q.ResourceQuantity[rapid.IntRange(0, len(q.ResourceQuantity)-1).Draw(t, "resource")] = rapid.Int64Range(0, 6).Draw(t, "quantity")
			default:
				if len(q.Edges) > 0 {
					q.Edges[rapid.IntRange(0, len(q.Edges)-1).Draw(t, "edge")].Value = rapid.Int64Range(-2, 60).Draw(t, "value")
				}
			}
		}
		cold := solve(t, q, matching.Options{})
		require.Equal(t, cold.Value, solve(t, q, matching.Options{Warm: basis}).Value)
		price := basis.ResourcePrice
		basis.ResourcePrice = nil // then from the tree alone
		require.Equal(t, cold.Value, solve(t, q, matching.Options{Warm: basis}).Value)
		basis.ResourcePrice = price
		damage(t, basis)
		require.Equal(t, cold.Value, solve(t, q, matching.Options{Warm: basis}).Value)
	})
}

// damage writes nonsense into a basis.
func damage(t *rapid.T, b *matching.Basis) {
	for range rapid.IntRange(1, 4).Draw(t, "damages") {
		i := rapid.IntRange(0, len(b.NeedParent)-1).Draw(t, "need")
		b.NeedParent[i] = rapid.Int32Range(-3, 40).Draw(t, "parent")
		b.NeedFlow[i] = rapid.Int64Range(-5, 1<<50).Draw(t, "flow")
		r := rapid.IntRange(0, len(b.ResourceParent)-1).Draw(t, "resource")
		b.ResourceParent[r] = rapid.Int32Range(-3, 40).Draw(t, "parent")
		b.ResourceFlow[r] = rapid.Int64Range(-5, 1<<50).Draw(t, "flow")
		b.ResourcePrice[r] = rapid.Int64Range(-5, 1<<50).Draw(t, "price")
	}
}

func TestLawChargesOnlyLower(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		free := solve(t, p, matching.Options{})
		p.Charges = make([]int64, len(p.Edges))
		for k := range p.Charges {
			p.Charges[k] = rapid.Int64Range(0, 60).Draw(t, "charge")
		}
		s, err := matching.Solve(t.Context(), p, matching.Options{})
		require.NoError(t, err)
		require.NoError(t, matching.Verify(p, s))
		require.LessOrEqual(t, s.Value, s.Bound)
		require.LessOrEqual(t, s.Bound, free.Value)
	})
}

// The shapes in which assignment and transportation problems are published, and their extremes: complete and rectangular,
// balanced to the last unit, values at both ends of the range, all alike, all worthless.
func TestPublishedShapesAgreeWithOracle(t *testing.T) {
	t.Parallel()
	const most = matching.MaxMagnitude
	for name, c := range map[string]struct {
		needs, resources int
		quantity         int64 // of every need and resource; 0: drawn from 0..9
		low, high        int64 // values
	}{
		"complete assignment":         {60, 60, 1, 900, 1000},
		"more needs than resources":   {90, 30, 1, 1, 1_000_000},
		"more resources than needs":   {20, 120, 1, 1, 1_000_000},
		"one need":                    {1, 80, 1, 0, 100},
		"one resource":                {80, 1, 1, 0, 100},
		"values at the top":           {40, 40, 1, most - 50, most},
		"values over the whole range": {40, 40, 1, -most, most},
		"0 or 1":                      {60, 60, 1, 0, 1},
		"all alike":                   {40, 40, 1, 7, 7},
		"all 0":                       {20, 20, 1, 0, 0},
		"all negative":                {20, 20, 1, -9, -1},
		"transportation":              {30, 40, 0, 1, 100},
		"both signs":                  {40, 30, 0, -50, 50},
		"few values":                  {50, 25, 0, 0, 3},
		"balanced, every basis tied":  {25, 25, 5, 1, 50},
	} {
		for seed := range uint64(3) {
			r := rand.New(rand.NewPCG(seed, 40))
			quantity := func() int64 {
				if c.quantity > 0 {
					return c.quantity
				}
				return r.Int64N(10)
			}
			offered := make([]int64, c.resources)
			for k := range offered {
				offered[k] = quantity()
			}
			b := instances.NewBuilder(offered)
			for range c.needs {
				for k := range offered {
					b.Edge(k, c.low+r.Int64N(c.high-c.low+1))
				}
				b.Need(quantity())
			}
			p := b.Problem()
			require.Equal(t, oracle(p), solve(t, p, matching.Options{}).Value, "%s, seed %d", name, seed)
		}
	}
}
