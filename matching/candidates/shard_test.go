package candidates_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/candidates"
)

// However the components are packed, and after a journey as bytes, the merged result is that of the whole.
func TestShardsMergeToTheWhole(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := town{needs: 150, resources: 150, leaves: 6, metres: 9_000, seed: 9}.snapshot()
	g := generate(t, s, candidates.Options{})
	require.NotNil(t, g.Lots)
	whole, err := g.Solve(ctx, matching.Options{})
	require.NoError(t, err)
	for _, start := range []*matching.Basis{nil, whole.Basis} {
		mergesToTheWhole(t, g, whole, start)
	}
}

func mergesToTheWhole(t *testing.T, g *candidates.Graph, whole *matching.Solution, start *matching.Basis) {
	t.Helper()
	ctx := context.Background()
	var previous *matching.Solution
	for _, limit := range []int{0, 3, 1000} {
		var allocations []candidates.Allocation
		for _, shard := range g.ShardsFrom(limit, start) {
			data, err := shard.MarshalBinary()
			require.NoError(t, err)
			var arrived candidates.Shard
			require.NoError(t, arrived.UnmarshalBinary(data))
			require.Equal(t, shard, arrived)
			solution, err := arrived.Solve(ctx, matching.Options{})
			require.NoError(t, err)
			allocations = append(allocations, arrived.Allocation(solution))
		}
		merged, err := g.Merge(allocations)
		require.NoError(t, err)
		require.NoError(t, g.Verify(merged))
		require.Equal(t, whole.Bound, merged.Bound)
		if start == nil {
			require.Equal(t, whole.Flow, merged.Flow)
			require.Equal(t, whole.Basis, merged.Basis)
			require.Positive(t, merged.Counters.Pivots)
		} else {
			require.Zero(t, merged.Counters.Pivots, "the basis is an optimum's")
		}
		if previous != nil {
			require.Equal(t, previous, merged)
		}
		previous = merged

		_, err = g.Merge(allocations[1:])
		require.ErrorContains(t, err, "none of them")
		_, err = g.Merge(append(allocations, allocations[0]))
		require.ErrorContains(t, err, "in two shards")
	}
}

func TestDamagedShardIsRefused(t *testing.T) {
	t.Parallel()
	s := town{needs: 30, resources: 30, leaves: 1, metres: 3_000, seed: 10}.snapshot()
	shard := generate(t, s, candidates.Options{}).Shards(1)[0]
	data, err := shard.MarshalBinary()
	require.NoError(t, err)
	for at := range data {
		damaged := append([]byte(nil), data...)
		damaged[at] ^= 1
		require.ErrorIs(t, new(candidates.Shard).UnmarshalBinary(damaged), candidates.ErrDamaged)
	}
	for length := range data {
		require.ErrorIs(t, new(candidates.Shard).UnmarshalBinary(data[:length]), candidates.ErrDamaged)
	}
}
