package generate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/ingest/generate"
)

func open(t *testing.T) *ingest.City {
	t.Helper()
	folder, err := cities.Open("generated")
	require.NoError(t, err)
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	require.NoError(t, err)
	return c
}

func TestEveryGeneratedRowIsListed(t *testing.T) {
	t.Parallel()
	for _, size := range []int{generate.LeastParticipants, generate.DefaultParticipants, 20_000} {
		dir := t.TempDir()
		made, err := generate.Write(t.Context(), dir, generate.Options{Participants: size, Seed: 7})
		require.NoError(t, err)

		data, err := ingest.Load(t.Context(), open(t), dir)
		require.NoError(t, err)
		require.Empty(t, data.Rejects)
		require.Len(t, data.Participants, size)
		require.Len(t, data.Listings, made.Resources+made.Needs)
		require.Len(t, data.Areas.Wards, 8)
		for _, listing := range data.Listings {
			require.NotEmpty(t, listing.Ward)
			require.Equal(t, city.Generated, listing.Origin)
		}
	}
}

func TestTheSameSeedGivesTheSameCity(t *testing.T) {
	t.Parallel()
	read := func(seed uint64) string {
		dir := t.TempDir()
		_, err := generate.Write(t.Context(), dir, generate.Options{Participants: 300, Seed: seed})
		require.NoError(t, err)
		content, err := os.ReadFile(filepath.Join(dir, "listings.jsonl"))
		require.NoError(t, err)
		return string(content)
	}
	first := read(1)
	require.Equal(t, first, read(1))
	require.NotEqual(t, first, read(2))
}

// The centre in the city's folder is that of the map, and every seed has about as many offers.
func TestTheFolderFitsTheMap(t *testing.T) {
	t.Parallel()
	c := open(t)
	for seed := range uint64(5) {
		dir := t.TempDir()
		made, err := generate.Write(t.Context(), dir, generate.Options{Seed: seed})
		require.NoError(t, err)
		require.InDelta(t, 336, made.Resources, 24)
		areas, err := c.Areas(dir)
		require.NoError(t, err)
		require.Equal(t, "2", areas.Ward(city.Point{Lon: c.Centre.Lon - 1e-6, Lat: c.Centre.Lat + 1e-6}))
		require.Equal(t, "7", areas.Ward(city.Point{Lon: c.Centre.Lon + 1e-6, Lat: c.Centre.Lat - 1e-6}))
		require.Greater(t, areas.Wards[0].MedianIncome, areas.Wards[7].MedianIncome)
	}
}

func TestSizesOutOfRangeAreRefused(t *testing.T) {
	t.Parallel()
	for _, size := range []int{-1, 9, generate.MostParticipants + 1} {
		_, err := generate.Write(t.Context(), t.TempDir(), generate.Options{Participants: size})
		require.ErrorContains(t, err, "want 10 to 200000")
	}
}
