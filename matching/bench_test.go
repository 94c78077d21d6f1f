package matching_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/instances"
)

// BenchmarkSolve is for profiles of the solver; matching/bench compares it with others.
func BenchmarkSolve(b *testing.B) {
	one := instances.City100k(10)
	one.Categories = 1
	for _, family := range []struct {
		name    string
		problem func() *matching.Problem
	}{
		{"city", func() *matching.Problem { return instances.City(instances.City100k(10)) }},
		{"unit", func() *matching.Problem { return instances.City(instances.City100k(1)) }},
		{"one", func() *matching.Problem { return instances.City(one) }},
		{"assignment", func() *matching.Problem { return instances.Assignment(1500, 1500, 100, 1) }},
		{"wide_assignment", func() *matching.Problem { return instances.Assignment(1500, 1500, 1_000_000, 1) }},
		{"sparse_assignment", func() *matching.Problem { return instances.Assignment(100_000, 12, 10_000, 1) }},
		{"transportation", func() *matching.Problem { return instances.Transportation(1000, 1000, 1<<31, 10_000, 1<<20, 1) }},
		{"wide_transportation", func() *matching.Problem { return instances.Transportation(1000, 1000, 1<<10, 1<<39, 1<<40, 1) }},
		{"chain", func() *matching.Problem { return instances.Chain(100_000) }},
		{"star", func() *matching.Problem { return instances.Star(300_000, 150_000, 1<<30, 1) }},
		{"unbalanced", func() *matching.Problem { return instances.Dense(100, 20_000, 1000, 1000, 1) }},
		{"random", func() *matching.Problem { return instances.Random(50_000, 50_000, 25, 10, 10_000, 1) }},
		{"ties", func() *matching.Problem { return instances.Random(50_000, 50_000, 20, 10, 1, 1) }},
	} {
		b.Run(family.name, func(b *testing.B) {
			p := family.problem()
			for b.Loop() {
				s, err := matching.Solve(context.Background(), p, matching.Options{})
				require.NoError(b, err)
				b.ReportMetric(float64(s.Counters.Pivots), "pivots")
				b.ReportMetric(float64(s.Counters.Bids), "bids")
				b.ReportMetric(float64(s.Counters.EdgesPriced), "priced")
				b.ReportMetric(float64(s.Counters.NodesMoved), "moved")
			}
		})
	}
}

// BenchmarkWarm is a warm start after 0.2 % of the needs arrived, 0.2 % left and 0.2 % were repriced.
func BenchmarkWarm(b *testing.B) {
	p := instances.City(instances.City100k(10))
	quantity := slices.Clone(p.NeedQuantity)
	changed := rand.New(rand.NewPCG(2, 2)).Perm(len(quantity))[:600]
	for _, i := range changed[:200] {
		p.NeedQuantity[i] = 0
	}
	before, err := matching.Solve(context.Background(), p, matching.Options{})
	require.NoError(b, err)
	copy(p.NeedQuantity, quantity)
	for k, i := range changed[200:] {
		if k < 200 {
			p.NeedQuantity[i] = 0
		}
		for e := range p.Row(i) {
			p.Row(i)[e].Value += p.Row(i)[e].Value * int64(e%21-10) / 100
		}
	}
	for b.Loop() {
		s, err := matching.Solve(context.Background(), p, matching.Options{Warm: before.Basis})
		require.NoError(b, err)
		b.ReportMetric(float64(s.Counters.Pivots), "pivots")
		b.ReportMetric(float64(s.Counters.EdgesPriced), "priced")
		b.ReportMetric(float64(s.Counters.NodesMoved), "moved")
	}
}
