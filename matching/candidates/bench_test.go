package candidates_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching/candidates"
)

// speedTown has 100,000 needs and as many resources in 20 categories, with windows and radii.
var speedTown = town{needs: 100_000, resources: 100_000, leaves: 20, metres: 30_000, plain: true, seed: 1}

// BenchmarkGenerate is the generation of about 3 million candidates, the best 30 of each need, the index included.
func BenchmarkGenerate(b *testing.B) {
	s := speedTown.snapshot()
	for b.Loop() {
		g, err := candidates.Generate(context.Background(), s, candidates.Options{PerNeed: 30})
		require.NoError(b, err)
		b.ReportMetric(float64(g.Candidates()), "edges")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(s.Needs)), "ns/need")
}

// BenchmarkIndex is the part of it that compiles the snapshot.
func BenchmarkIndex(b *testing.B) {
	s := speedTown.snapshot()
	for b.Loop() {
		_, err := candidates.NewIndex(s)
		require.NoError(b, err)
	}
}

// BenchmarkReference is what a need costs without grid, layers and first look: every resource judged by the same
// compiled filters, on one core. The ratio of ns/need to that of BenchmarkGenerate does not depend on the machine.
func BenchmarkReference(b *testing.B) {
	s := speedTown.snapshot()
	index, err := candidates.NewIndex(s)
	require.NoError(b, err)
	for need := int32(0); b.Loop(); need++ {
		for r := range s.Resources {
			index.Pair(need%int32(len(s.Needs)), int32(r))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/need")
}
