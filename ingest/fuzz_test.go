package ingest_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/ingest/generate"
)

// Whatever a row holds, it ends once: as a sound listing, or rejected with its line and a reason.
func FuzzRows(f *testing.F) {
	sound := `{"id":"a","side":"resource","category":"food.produce","title":"x","quantity":4,"holder":"p","name":"n","kind":"business","lon":-94.5,"lat":41.5`
	for _, more := range []string{
		"}", `,"hours":"Monday: 09:00-17:00"}`, `,"radius_km":1e9}`, `,"minimum_lot":"4","cost_per_unit":".5"}`, `,"urgency":[]}`,
		`,"id":"\u0000"}`, "\n" + sound + "}",
	} {
		f.Add(sound + more)
	}
	folder, err := cities.Open("generated")
	require.NoError(f, err)
	c, err := ingest.Open(folder, city.DefaultTaxonomy())
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, content string) {
		dir := t.TempDir()
		_, err := generate.Write(t.Context(), dir, generate.Options{Participants: generate.LeastParticipants})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "listings.jsonl"), []byte(content), 0o600))
		data, err := ingest.Load(t.Context(), c, dir)
		if err != nil {
			return // refused as a whole
		}
		require.Equal(t, data.Plan.Rows(), data.Total(ingest.Listed)+data.Total(ingest.Rejected))
		for _, row := range data.Rejects {
			require.Positive(t, row.Line)
			require.NotEmpty(t, row.Reason)
		}
		for _, l := range data.Listings {
			checkListing(t, l)
		}
	})
}

func checkListing(t *testing.T, l city.Listing) {
	t.Helper()
	require.NoError(t, city.ValidateID("listing", l.ID))
	require.NoError(t, city.ValidateID("holder", l.Holder))
	require.NoError(t, l.Point.Validate())
	require.Positive(t, l.Quantity.Amount)
	require.LessOrEqual(t, l.Quantity.Amount, city.MaxQuantity)
	for _, window := range l.Windows {
		require.NoError(t, window.Validate())
	}
	_, err := json.Marshal(l)
	require.NoError(t, err)
}
