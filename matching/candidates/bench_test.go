package candidates_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/matching/candidates"
)

// BenchmarkGenerate is the generation of about 3 million candidates from 100,000 needs and as many resources in 20
// categories, with windows, radii and the best 30 kept. The index alone is reported too.
func BenchmarkGenerate(b *testing.B) {
	s := town{needs: 100_000, resources: 100_000, leaves: 20, metres: 30_000, plain: true, seed: 1}.snapshot()
	for b.Loop() {
		g, err := candidates.Generate(context.Background(), s, candidates.Options{PerNeed: 30})
		require.NoError(b, err)
		b.ReportMetric(float64(g.Candidates()), "edges")
	}
}

func BenchmarkIndex(b *testing.B) {
	s := town{needs: 100_000, resources: 100_000, leaves: 20, metres: 30_000, plain: true, seed: 1}.snapshot()
	for b.Loop() {
		_, err := candidates.NewIndex(s)
		require.NoError(b, err)
	}
}
