package live_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
	"github.com/city-resource-graph/crg/matching/live"
)

// A solution of another problem is refused with an error, whatever its size.
func TestASolutionOfAnotherProblem(t *testing.T) {
	t.Parallel()
	p := instances.Random(6, 6, 3, 4, 20, 1)
	for _, size := range []int{5, 7} {
		s, err := matching.Solve(t.Context(), instances.Random(size, size, 3, 4, 20, 1), matching.Options{})
		require.NoError(t, err)
		_, err = live.New(t.Context(), p, s)
		require.ErrorContains(t, err, "is the solution of another problem?")
	}
}
