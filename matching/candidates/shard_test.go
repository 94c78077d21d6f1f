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

// In strict order shards come to the same as the whole, tier by tier; the prices still prove what no order exceeds, and no
// tier gets more than its bound.
func TestShardsInStrictOrder(t *testing.T) {
	t.Parallel()
	s := town{needs: 150, resources: 120, leaves: 6, metres: 9_000, seed: 9}.snapshot()
	free, err := generate(t, s, candidates.Options{}).Solve(t.Context(), matching.Options{})
	require.NoError(t, err)
	s.Tiers = true
	g := generate(t, s, candidates.Options{})
	allocate := func(limit int) (*matching.Solution, []candidates.Allocation) {
		var allocations []candidates.Allocation
		for _, shard := range g.Shards(limit) {
			data, err := shard.MarshalBinary()
			require.NoError(t, err)
			var arrived candidates.Shard
			require.NoError(t, arrived.UnmarshalBinary(data))
			require.Equal(t, shard, arrived)
			allocation, err := arrived.Allocate(t.Context(), matching.Options{})
			require.NoError(t, err)
			allocations = append(allocations, allocation)
		}
		merged, err := g.Merge(allocations)
		require.NoError(t, err)
		require.NoError(t, g.Verify(merged))
		return merged, allocations
	}
	whole, one := allocate(1)
	parts, many := allocate(1000)
	require.Equal(t, whole, parts)
	tiers, value := candidates.SumTiers(many)
	again, _ := candidates.SumTiers(one)
	require.Equal(t, again, tiers)
	require.Equal(t, free.Value, value)
	require.Equal(t, free.Bound, whole.Bound)
	require.Len(t, tiers, 3)
	sum := int64(0)
	for k, tier := range tiers {
		require.Equal(t, k+1, tier.Tier)
		require.LessOrEqual(t, tier.Value, tier.Bound)
		sum += tier.Value
	}
	require.Equal(t, whole.Value, sum)
	require.Less(t, whole.Value, free.Value)
}
