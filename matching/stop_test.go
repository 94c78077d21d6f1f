package matching_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/certificate"
	"github.com/city-resource-graph/crg/matching/instances"
)

// countdown is a context that is done after it was asked a number of times: a deadline without a clock.
type countdown struct {
	context.Context
	left *int
}

func (c countdown) Err() error {
	if *c.left--; *c.left < 0 {
		return context.DeadlineExceeded
	}
	return nil
}

// requireHonest checks what holds of every solution, stopped or not. One that was not stopped is optimal; one that was
// may be so by luck.
func requireHonest(t *testing.T, p *matching.Problem, s *matching.Solution) {
	t.Helper()
	require.NoError(t, matching.Verify(p, s))
	require.True(t, s.Optimal || s.Stopped)
	require.Equal(t, s.Value == s.Bound, s.Optimal)
}

// asks counts how often a context is asked, and ends it after some times.
type asks struct {
	context.Context
	made, most int
}

func (a *asks) Err() error {
	if a.made++; a.made > a.most {
		return context.DeadlineExceeded
	}
	return nil
}

// What is done between two looks at the context is bounded, in edges and nodes, whatever the engine is doing: that is
// what keeps a deadline. Rows are long here, for what counts bids, pivots or needs alone would look too rarely.
func TestDeadlineIsLookedAtAfterBoundedWork(t *testing.T) {
	t.Parallel()
	const (
		step   = 1 << 14 // edges and nodes between two looks, besides the row at hand
		passes = 6       // over the edges that every solution takes at least
	)
	for name, c := range map[string]struct {
		p     *matching.Problem
		solve func(context.Context, *matching.Problem, matching.Options) *matching.Solution
	}{
		"auction":        {instances.Dense(400, 1000, 3, 10_000, 1), matching.SolveByAuction},
		"pivots":         {instances.Dense(300, 900, 50, 10_000, 1), matching.SolveByPivots},
		"deep tree":      {instances.Path(30_000, 10_000, 1), matching.SolveByPivots},
		"assignment":     {instances.Assignment(500, 500, 10_000, 1), matching.SolveByAuction},
		"scaling":        {instances.SparseTransportation(200, 2000, 1000, 1000, 10_000, 1), matching.SolveByScaling},
		"few for many":   {instances.FewForMany(4, 6000, 1400, 10_000, 1), matching.SolveByAuction},
		"no competition": {instances.FewForMany(1, 200_000, 100_000, 10_000, 1), matching.SolveByAuction},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row := 0
			for i := range c.p.NeedQuantity {
				row = max(row, len(c.p.Row(i)))
			}
			bidder := row // the row of whoever bids: where needs are few it is the resources
			if needs := len(c.p.NeedQuantity); needs < 5 {
				bidder = needs
			}
			all := &asks{Context: context.Background(), most: math.MaxInt}
			best := c.solve(all, c.p, matching.Options{Workers: 1})
			require.True(t, best.Optimal)
			require.GreaterOrEqual(t, all.made, passes*len(c.p.Edges)/(step+row), "it looks in every phase")
			most, before := int64(8*(step+row)), int64(0) // bids are counted with whole rows, of which most is pruned
			for n := range all.made {
				if n%(all.made/12+2) > 1 {
					before = 0
					continue
				}
				some := &asks{Context: context.Background(), most: n}
				s := c.solve(some, c.p, matching.Options{Workers: 1})
				requireHonest(t, c.p, s)
				require.LessOrEqual(t, some.made, n+len(matching.Components(c.p)), "once it is over nobody goes on")
				done := s.Counters.EdgesPriced + s.Counters.NodesMoved + s.Counters.Bids*int64(bidder)
				if before > 0 {
					require.LessOrEqual(t, done-before, most, "after look %d", n)
				}
				before = done
			}
		})
	}
}

// A warm start that is stopped, wherever it is, has not lost what there was.
func TestStoppedWarmStartKeepsWhatThereWas(t *testing.T) {
	t.Parallel()
	p := instances.City(instances.CityConfig{Needs: 4000, Resources: 4000, Categories: 2, LargestQuantity: 9, Candidates: 20, Seed: 3})
	before := solve(t, p, matching.Options{})
	treeAlone := *before.Basis
	treeAlone.ResourcePrice = nil
	for _, basis := range []*matching.Basis{before.Basis, &treeAlone} {
		for n := range 40 {
			s, err := matching.Solve(&asks{Context: context.Background(), most: n}, p, matching.Options{Warm: basis, Workers: 1})
			require.NoError(t, err)
			requireHonest(t, p, s)
			require.Equal(t, before.Value, s.Value)
		}
	}
}

// What a warm start came to before it was given up is not lost if the search from the beginning is stopped.
func TestStoppedAfterAWarmStartInVain(t *testing.T) {
	t.Parallel()
	p := instances.SparseTransportation(700, 700, 12, 1000, 10_000, 1)
	basis := solve(t, p, matching.Options{}).Basis
	change(p, 200)
	o := matching.Options{Warm: basis, Workers: 1}
	all, most := &asks{Context: context.Background(), most: math.MaxInt}, int64(0)
	s, err := matching.Solve(all, p, o)
	require.NoError(t, err)
	require.Positive(t, s.Counters.Bids, "it was given up")
	for n := range all.made {
		s, err := matching.Solve(&asks{Context: context.Background(), most: n}, p, o)
		require.NoError(t, err)
		requireHonest(t, p, s)
		require.GreaterOrEqual(t, s.Value, most-most/1000, "after look %d", n)
		most = max(most, s.Value)
	}
}

// Who waits longer does not get less: what a round or a scale, or the pivots before it, came to is kept until the next one
// has come to its end.
func TestStoppedSearchKeepsTheBestSoFar(t *testing.T) {
	t.Parallel()
	sparse := instances.SparseTransportation(1000, 1500, 15, 100, 10_000, 3)
	for name, c := range map[string]struct {
		p     *matching.Problem
		solve func(context.Context, *matching.Problem, matching.Options) *matching.Solution
	}{
		"auction":      {sparse, matching.SolveByAuction},
		"few for many": {instances.FewForMany(4, 6000, 1400, 10_000, 1), matching.SolveByAuction},
		"scaling":      {sparse, matching.SolveHandedOver},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, most := &asks{Context: context.Background(), most: math.MaxInt}, int64(0)
			best := c.solve(all, c.p, matching.Options{Workers: 1}).Value
			for n := range all.made {
				s := c.solve(&asks{Context: context.Background(), most: n}, c.p, matching.Options{Workers: 1})
				requireHonest(t, c.p, s)
				require.GreaterOrEqual(t, s.Value, most-best/50, "after look %d", n)
				most = max(most, s.Value)
			}
		})
	}
}

func TestStoppedSearchIsHonest(t *testing.T) {
	t.Parallel()
	p := instances.City(instances.CityConfig{Needs: 4000, Resources: 4000, Categories: 2, LargestQuantity: 9, Candidates: 20, Seed: 3})
	best := solve(t, p, matching.Options{}).Value
	early := 0
	for asks := range 60 {
		left := asks
		s, err := matching.Solve(countdown{context.Background(), &left}, p, matching.Options{Workers: 1})
		require.NoError(t, err)
		requireHonest(t, p, s)
		require.LessOrEqual(t, s.Value, best)
		require.GreaterOrEqual(t, s.Bound, best)
		require.Positive(t, s.Value, "even the earliest stop allocates something")
		if s.Stopped {
			early++
		}
	}
	require.Greater(t, early, 20)
}

// Of two edges of a pair that differ by little the worse may be in the tree when the search is stopped.
func TestStoppedSearchIsHonestAboutDoubledEdges(t *testing.T) {
	t.Parallel()
	single := instances.Random(400, 400, 8, 5, 100_000, 2)
	p := &matching.Problem{NeedQuantity: single.NeedQuantity, ResourceQuantity: single.ResourceQuantity, RowStart: []int32{0}}
	for i := range single.NeedQuantity {
		for k, e := range single.Row(i) {
			p.Edges = append(p.Edges, matching.Edge{Resource: e.Resource, Value: e.Value - int64(1+k%2)}, e)
		}
		p.RowStart = append(p.RowStart, int32(len(p.Edges)))
	}
	best := solve(t, p, matching.Options{}).Value
	require.Equal(t, solve(t, single, matching.Options{}).Value, best)
	for pivots := int64(1); pivots < 130; pivots += 3 {
		s, err := matching.Solve(context.Background(), p, matching.Options{MaxPivots: pivots})
		require.NoError(t, err)
		require.NoError(t, matching.Verify(p, s))
		require.True(t, s.Stopped)
		require.LessOrEqual(t, s.Value, best)
		require.GreaterOrEqual(t, s.Bound, best)
	}
}

func TestMaxPivotsIsReproducible(t *testing.T) {
	t.Parallel()
	p := instances.Random(400, 400, 8, 5, 1000, 1)
	best := solve(t, p, matching.Options{}).Value
	for _, pivots := range []int64{1, 10, 100, 400} {
		o := matching.Options{MaxPivots: pivots}
		s, err := matching.Solve(context.Background(), p, o)
		require.NoError(t, err)
		require.NoError(t, matching.Verify(p, s))
		require.True(t, s.Stopped)
		require.LessOrEqual(t, s.Value, best)
		require.GreaterOrEqual(t, s.Bound, best)
		again, err := matching.Solve(context.Background(), p, o)
		require.NoError(t, err)
		require.Equal(t, s, again)
	}
}

// The certificate must be able to fail: a solver that gives up one improving pivot early and still claims the optimum
// is found out, whether it claims the bound or the value.
func TestWorseSolverIsCaught(t *testing.T) {
	t.Parallel()
	caught := 0
	for seed := range uint64(40) {
		p := instances.Random(30, 30, 5, 4, 1000, seed)
		full := solve(t, p, matching.Options{Workers: 1})
		for pivots := range full.Counters.Pivots {
			s, err := matching.Solve(context.Background(), p, matching.Options{Workers: 1, MaxPivots: max(pivots, 1)})
			require.NoError(t, err)
			if s.Value == full.Value {
				continue
			}
			s.NeedPrice, s.ResourcePrice, s.Bound = full.NeedPrice, full.ResourcePrice, full.Bound
			s.Optimal = true
			var v *certificate.Violation
			require.ErrorAs(t, matching.Verify(p, s), &v)
			require.Equal(t, certificate.RuleOptimal, v.Rule)
			s.Value = s.Bound
			require.ErrorAs(t, matching.Verify(p, s), &v)
			require.Equal(t, certificate.RuleSum, v.Rule)
			caught++
		}
	}
	require.Greater(t, caught, 100)
}
