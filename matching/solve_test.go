package matching_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
)

// solve solves, checks the certificate, and requires a proven optimum.
func solve(t require.TestingT, p *matching.Problem, o matching.Options) *matching.Solution {
	s, err := matching.Solve(context.Background(), p, o)
	require.NoError(t, err)
	require.NoError(t, matching.Verify(p, s))
	require.True(t, s.Optimal)
	return s
}

// families are small problems of every kind.
func families(size int, seed uint64) map[string]*matching.Problem {
	return map[string]*matching.Problem{
		"sparse":         instances.Random(size, size+3, 4, 10, 1000, seed),
		"unit":           instances.Random(size, size, 5, 1, 1000, seed),
		"few values":     instances.Random(size, size/2+1, 3, 5, 3, seed),
		"ties":           instances.Random(size, size, 4, 3, 1, seed),
		"wide values":    instances.Random(size, size, 4, 9, 1<<40, seed),
		"wide amounts":   instances.Random(size, size, 4, 1<<40, 100, seed),
		"path":           instances.Path(size, 100, seed),
		"chain":          instances.Chain(size),
		"star":           instances.Star(size, int64(size/2), 50, seed),
		"dense":          instances.Dense(min(size, 40), min(size, 40), 4, 200, seed),
		"assignment":     instances.Assignment(min(size, 90), size, 100, seed),
		"few costs":      instances.Assignment(min(size, 90), size, 2, seed),
		"sparse jobs":    instances.Assignment(size, 4, 1000, seed),
		"two costs":      instances.TwoCosts(size, 4, 1_000_000, seed),
		"geometric":      instances.Geometric(size, 5, 10_000, seed),
		"products":       instances.Product(min(size, 60)),
		"netgen":         instances.SparseTransportation(size, size/2+1, 4, 100, 1000, seed),
		"goto":           instances.GridOnTorus(size, 5, 100, 1000, seed),
		"transportation": instances.Transportation(min(size, 30), min(size, 40), 1<<31, 10_000, 1<<21, seed),
		"clustered city": smallCity(size, seed),
	}
}

func smallCity(size int, seed uint64) *matching.Problem {
	return instances.City(instances.CityConfig{Needs: size, Resources: size, Categories: 3, LargestQuantity: 9, Candidates: 12, Seed: seed})
}

func TestSolveAgreesWithOracle(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, size := range []int{1, 2, 3, 7, 20, 60, 150, 300} {
		for seed := range uint64(4) {
			for name, p := range families(size, seed) {
				byAuction := matching.SolveByAuction(ctx, p, matching.Options{})
				require.Equal(t, byAuction, matching.SolveWide(ctx, p, matching.Options{}), "32 and 64 bits")
				byScaling := matching.SolveByScaling(ctx, p, matching.Options{})
				require.Equal(t, byScaling, matching.SolveByScalingWide(ctx, p, matching.Options{}), "32 and 64 bits")
				want, about := oracle(p), fmt.Sprintf("%s, size %d, seed %d", name, size, seed)
				require.Equal(t, want, solve(t, p, matching.Options{}).Value, about)
				for _, s := range []*matching.Solution{
					byAuction,
					byScaling,
					matching.SolveFirmly(ctx, p, matching.Options{}),
				} {
					require.NoError(t, matching.Verify(p, s), about)
					require.Equal(t, want, s.Value, about)
					require.True(t, s.Optimal, about)
				}
			}
		}
	}
}

func TestResultDoesNotDependOnWorkers(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*matching.Problem{
		"several components": smallCity(6000, 5),
		"an auction in several halls": instances.City(instances.CityConfig{
			Needs: 20_000, Resources: 20_000, Categories: 1, LargestQuantity: 4, Candidates: 9, Seed: 5,
		}),
		"halls without borders": instances.Random(9000, 9000, 4, 3, 1000, 5),
	} {
		one := solve(t, p, matching.Options{Workers: 1})
		for _, workers := range []int{2, 3, 8} {
			require.Equal(t, one, solve(t, p, matching.Options{Workers: workers}), name)
		}
	}
}

// A component's result must not depend on what else is solved with it: that is what lets shards be solved apart.
func TestSumOverShardsIsWhole(t *testing.T) {
	t.Parallel()
	p := smallCity(3000, 7)
	whole := solve(t, p, matching.Options{})
	components := matching.Components(p)
	require.Greater(t, len(components), 2)
	total, flows := int64(0), 0
	for _, needs := range components {
		part := matching.NewPart(p, needs)
		s := solve(t, &part.Problem, matching.Options{})
		total += s.Value
		flows += len(s.Flow)
		for k, i := range part.Needs {
			require.Equal(t, whole.NeedPrice[i], s.NeedPrice[k])
		}
		for k, r := range part.Resources {
			require.Equal(t, whole.ResourcePrice[r], s.ResourcePrice[k])
		}
	}
	require.Equal(t, whole.Value, total)
	require.Len(t, whole.Flow, flows)
}

// Needs that want thousands of single units each take no longer than single units that want one of a few needs: the
// engine exchanges their roles.
func TestFewNeedsForThousandsOfResources(t *testing.T) {
	t.Parallel()
	p := instances.FewForMany(4, 6000, 1400, 10_000, 1)
	mirrored := instances.NewBuilder(p.NeedQuantity)
	for r := range p.ResourceQuantity {
		for i := range p.NeedQuantity {
			mirrored.Edge(i, p.Row(i)[r].Value)
		}
		mirrored.Need(p.ResourceQuantity[r])
	}
	few, many := solve(t, p, matching.Options{}), solve(t, mirrored.Problem(), matching.Options{})
	require.Equal(t, many.Value, few.Value)
	require.Equal(t, few, solve(t, p, matching.Options{Workers: 3}))
	require.Less(t, few.Counters.EdgesPriced, int64(16*len(p.Edges)))
	for most := range 60 {
		s, err := matching.Solve(&asks{Context: t.Context(), most: most}, p, matching.Options{Workers: 1})
		require.NoError(t, err)
		requireHonest(t, p, s)
	}
	s, err := matching.Solve(t.Context(), p, matching.Options{MaxPivots: 1})
	require.NoError(t, err)
	requireHonest(t, p, s)
}

// A need that wants the units of thousands of resources takes the best of them, without bidding for one after the other.
func TestOneNeedForThousandsOfResources(t *testing.T) {
	t.Parallel()
	const resources = 20_000
	p := &matching.Problem{NeedQuantity: []int64{resources / 2}, RowStart: []int32{0, resources}}
	want := int64(0)
	for r := range int32(resources) {
		value := int64(r)*7919%resources + 1 // 1 to 20,000, each once
		p.ResourceQuantity = append(p.ResourceQuantity, 1)
		p.Edges = append(p.Edges, matching.Edge{Resource: r, Value: value})
		if value > resources/2 {
			want += value
		}
	}
	s := solve(t, p, matching.Options{})
	require.Equal(t, want, s.Value)
	require.Less(t, s.Counters.EdgesPriced, int64(16*resources))
}
