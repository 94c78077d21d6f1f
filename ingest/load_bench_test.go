package ingest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/ingest/generate"
)

// BenchmarkGenerated plans and maps a generated city, in which every row is a listing.
func BenchmarkGenerated(b *testing.B) {
	folder, err := cities.Open("generated")
	require.NoError(b, err)
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	require.NoError(b, err)
	dir := b.TempDir()
	_, err = generate.Write(b.Context(), dir, generate.Options{Participants: 20_000, Seed: 1})
	require.NoError(b, err)
	var rows int64
	for b.Loop() {
		data, err := ingest.Load(b.Context(), c, dir)
		require.NoError(b, err)
		rows += data.Plan.Rows()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
