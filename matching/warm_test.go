package matching_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
)

// Run after run, each from the basis of the one before, ends where a cold run ends, whatever arrives, leaves, changes its
// quantity or its worth, is forbidden or allowed in between; and with the same bytes for any number of workers.
func TestLawWarmRunsInARow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawProblem(t)
		largest := rapid.SampledFrom([]int64{1, 3, 50, matching.MaxMagnitude}).Draw(t, "largest value from now on")
		before := solve(t, p, matching.Options{})
		for range rapid.IntRange(1, 5).Draw(t, "runs") {
			for range rapid.IntRange(0, 4).Draw(t, "changes") {
				quantity := rapid.SampledFrom([]int64{0, 0, 1, 2, 6, 40}).Draw(t, "quantity")
				switch rapid.IntRange(0, 3).Draw(t, "kind") {
				case 0:
					p.NeedQuantity[rapid.IntRange(0, len(p.NeedQuantity)-1).Draw(t, "need")] = quantity
				case 1:
					p.ResourceQuantity[rapid.IntRange(0, len(p.ResourceQuantity)-1).Draw(t, "resource")] = quantity
				default:
					if len(p.Edges) > 0 {
						e := &p.Edges[rapid.IntRange(0, len(p.Edges)-1).Draw(t, "edge")]
						e.Value = rapid.Int64Range(-1, largest).Draw(t, "value")
					}
				}
			}
			warm := solve(t, p, matching.Options{Warm: before.Basis, Workers: 1})
			require.Equal(t, solve(t, p, matching.Options{}).Value, warm.Value)
			require.Equal(t, warm, solve(t, p, matching.Options{Warm: before.Basis, Workers: 3}))
			before = warm
		}
	})
}

// The same in a city, where changes are few, searches go far, and a tenth of the edges is forbidden by turns.
func TestWarmRunsOfACity(t *testing.T) {
	t.Parallel()
	p := smallCity(3000, 9)
	r := rand.New(rand.NewPCG(5, 5))
	before := solve(t, p, matching.Options{})
	allowed := clone(p)
	for range 6 {
		for range 15 {
			p.NeedQuantity[r.IntN(len(p.NeedQuantity))] = r.Int64N(10)
			p.ResourceQuantity[r.IntN(len(p.ResourceQuantity))] = r.Int64N(10)
		}
		for range len(p.Edges) / 10 {
			k := r.IntN(len(p.Edges))
			p.Edges[k].Value = allowed.Edges[k].Value - p.Edges[k].Value
		}
		warm := solve(t, p, matching.Options{Warm: before.Basis})
		require.Equal(t, solve(t, p, matching.Options{}).Value, warm.Value)
		require.Equal(t, warm, solve(t, p, matching.Options{Warm: before.Basis, Workers: 3}))
		before = warm
	}
}

// A city of two pieces of rows that are loaded side by side, in each of which some edges cannot be used.
func TestWarmRunInTwoPieces(t *testing.T) {
	t.Parallel()
	p := smallCity(15_000, 9)
	require.Greater(t, len(p.Edges), 1<<17)
	before := solve(t, p, matching.Options{})
	r := rand.New(rand.NewPCG(6, 6))
	for range len(p.Edges) / 50 {
		p.Edges[r.IntN(len(p.Edges))].Value = 0
	}
	for range 50 {
		p.ResourceQuantity[r.IntN(len(p.ResourceQuantity))] = 0
	}
	warm := solve(t, p, matching.Options{Warm: before.Basis})
	require.Equal(t, solve(t, p, matching.Options{}).Value, warm.Value)
	require.Equal(t, warm, solve(t, p, matching.Options{Warm: before.Basis, Workers: 1}))
}

// A need and a resource that name each other as parent with flows that cannot be add up to more than 32 bits hold.
func TestABasisThatMakesNoSenseIsHarmless(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	quantities := func() []int64 {
		return []int64{1<<30 + random.Int64N(1<<28), random.Int64N(1 << 28), random.Int64N(1 << 28)}
	}
	for range 3000 {
		p := &matching.Problem{NeedQuantity: quantities(), ResourceQuantity: quantities(), RowStart: []int32{0}}
		b := &matching.Basis{}
		for range 3 {
			for r := range int32(3) {
				p.Edges = append(p.Edges, matching.Edge{Resource: r, Value: 1 + random.Int64N(100)})
			}
			p.RowStart = append(p.RowStart, int32(len(p.Edges)))
			b.NeedParent = append(b.NeedParent, random.Int32N(4)-1)
			b.ResourceParent = append(b.ResourceParent, random.Int32N(4)-1)
			b.NeedFlow = append(b.NeedFlow, random.Int64N(1<<31))
			b.ResourceFlow = append(b.ResourceFlow, random.Int64N(1<<31))
		}
		value := solve(t, p, matching.Options{}).Value
		require.Equal(t, value, solve(t, p, matching.Options{Warm: b}).Value)
		for range 3 {
			b.ResourcePrice = append(b.ResourcePrice, random.Int64N(120)-10)
		}
		require.Equal(t, value, solve(t, p, matching.Options{Warm: b}).Value)
		b.ResourcePrice[random.IntN(3)] = math.MaxInt64
		require.Equal(t, value, solve(t, p, matching.Options{Warm: b}).Value)
	}
}

// work is what a search looked at and moved, with a row of mean length for each bid of the side that has the shorter ones.
func work(p *matching.Problem, s *matching.Solution) int64 {
	row := len(p.Edges)/max(len(p.NeedQuantity), len(p.ResourceQuantity)) + 1
	return s.Counters.EdgesPriced + s.Counters.NodesMoved + s.Counters.Bids*int64(row)
}

// change gives one need, one resource and one edge in so many another's quantity or value.
func change(p *matching.Problem, oneIn int) {
	r := rand.New(rand.NewPCG(0, 7))
	for _, quantity := range [][]int64{p.NeedQuantity, p.ResourceQuantity} {
		for k := range quantity {
			if r.IntN(oneIn) == 0 {
				quantity[k] = quantity[r.IntN(len(quantity))]
			}
		}
	}
	for k := range p.Edges {
		if r.IntN(oneIn) == 0 {
			p.Edges[k].Value = p.Edges[r.IntN(len(p.Edges))].Value
		}
	}
}

// However much has changed, a warm start takes little more than a cold one: a repair that would be too long ends early, and
// then the search begins as if there were no earlier run.
func TestAWarmStartIsNeverMuchWorse(t *testing.T) {
	t.Parallel()
	for name, family := range map[string]func() *matching.Problem{
		"torus":      func() *matching.Problem { return instances.GridOnTorus(2000, 16, 1000, 10_000, 3) },
		"uneven":     func() *matching.Problem { return instances.SparseTransportation(100, 3000, 300, 1000, 10_000, 3) },
		"random":     func() *matching.Problem { return instances.Random(3000, 3000, 20, 10, 10_000, 3) },
		"assignment": func() *matching.Problem { return instances.Assignment(3000, 12, 10_000, 3) },
		"dense":      func() *matching.Problem { return instances.Dense(300, 300, 10, 10_000, 3) },
		"city":       func() *matching.Problem { return smallCity(3000, 9) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, oneIn := range []int{2, 20, 200, 2000} {
				p := family()
				before := solve(t, p, matching.Options{})
				change(p, oneIn)
				cold, warm := solve(t, p, matching.Options{}), solve(t, p, matching.Options{Warm: before.Basis})
				require.Equal(t, cold.Value, warm.Value)
				require.LessOrEqual(t, work(p, warm), work(p, cold)+20*int64(len(p.Edges)), "one in %d", oneIn)
				require.Equal(t, warm, solve(t, p, matching.Options{Warm: before.Basis, Workers: 1}))
			}
		})
	}
}

// What changes in a city from run to run, needs that arrive and leave, and some with other values, is put right from the
// earlier run: a repair is not given up for it.
func TestAWarmStartOfACityGoesOnFromTheRunBefore(t *testing.T) {
	t.Parallel()
	c := instances.City100k(10)
	c.Needs, c.Resources, c.Categories = 40_000, 40_000, 1
	for seed := range uint64(2) {
		p, r := instances.City(c), rand.New(rand.NewPCG(seed, 2))
		changed := r.Perm(len(p.NeedQuantity))[:len(p.NeedQuantity)*6/1000]
		third := len(changed) / 3
		arrived := map[int]int64{}
		for _, i := range changed[:third] {
			arrived[i], p.NeedQuantity[i] = p.NeedQuantity[i], 0
		}
		before := solve(t, p, matching.Options{})
		for i, quantity := range arrived {
			p.NeedQuantity[i] = quantity
		}
		for _, i := range changed[third : 2*third] {
			p.NeedQuantity[i] = 0
		}
		for _, i := range changed[2*third:] {
			row := p.Row(i)
			for k := range row {
				row[k].Value += row[k].Value * (r.Int64N(21) - 10) / 100
			}
		}
		require.Zero(t, solve(t, p, matching.Options{Warm: before.Basis}).Counters.Bids, "seed %d", seed)
	}
}

// What an auction of single units left wrong is put right by shortest paths where that is little; else pivots do it.
func TestAuctionsOfSingleUnitsAreMended(t *testing.T) {
	t.Parallel()
	city := instances.City100k(1)
	city.Needs, city.Resources, city.Categories = 3000, 3000, 1
	for _, c := range []struct {
		name    string
		problem *matching.Problem
		pivots  bool
	}{
		{"values of a neighbourhood", instances.City(city), false},
		{"values that have nothing to do with each other", instances.Random(3000, 3000, 25, 1, 10_000, 1), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := solve(t, c.problem, matching.Options{Workers: 1})
			require.Equal(t, matching.SolveByPivots(t.Context(), c.problem, matching.Options{}).Value, s.Value)
			require.Equal(t, c.pivots, s.Counters.Degenerate > 0, "of the kinds of steps only pivots can move nothing: %+v", s.Counters)
			require.Equal(t, s, solve(t, c.problem, matching.Options{Workers: 3}))
		})
	}
}
