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

func TestSolveAgreesWithOracle(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 3, 7, 20, 60, 150, 300} {
		for seed := range uint64(6) {
			for name, p := range map[string]*matching.Problem{
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
				"clustered city": instances.City(instances.CityConfig{Needs: size, Resources: size, Categories: 3, LargestQuantity: 9, Candidates: 12, Seed: seed}),
			} {
				s := solve(t, p, matching.Options{})
				require.Equal(t, oracle(p), s.Value, fmt.Sprintf("%s, size %d, seed %d", name, size, seed))
			}
		}
	}
}
