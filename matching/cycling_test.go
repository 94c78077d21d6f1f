package matching_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
)

// On these instances most pivots move nothing. Pivots end all the same, from the star, from the tree of an auction, and
// from one that was made firm, and long before they could have tried many trees.
func TestDegeneratePivotsEnd(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	degenerate := int64(0)
	for seed := range uint64(5) {
		for name, p := range map[string]*matching.Problem{
			"all equal":      instances.Random(400, 400, 6, 1, 1, seed),
			"two values":     instances.Random(400, 400, 6, 1, 2, seed),
			"dense and tied": instances.Dense(90, 90, 1, 3, seed),
			"star":           instances.Star(500, 250, 2, seed),
			"chain":          instances.Chain(400),
			"products":       instances.Product(60),
			"two costs":      instances.TwoCosts(400, 5, 1_000_000, seed),
		} {
			for way, s := range map[string]*matching.Solution{
				"star":    solve(t, p, matching.Options{}),
				"auction": matching.SolveByAuction(ctx, p, matching.Options{}),
				"firm":    matching.SolveFirmly(ctx, p, matching.Options{}),
			} {
				require.True(t, s.Optimal, "%s from %s", name, way)
				require.Less(t, s.Counters.Pivots, int64(60*(len(p.NeedQuantity)+len(p.ResourceQuantity))), "%s from %s", name, way)
				degenerate += s.Counters.Degenerate
			}
		}
	}
	require.Greater(t, degenerate, int64(20_000), "the instances are degenerate")
}
