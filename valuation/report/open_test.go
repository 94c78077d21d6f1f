package report_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/browsertest"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation/report"
)

// The page is read on a telephone as well: its charts are seen whole there, and parties are called by their names.
func TestTheValuationFitsAPhone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "value.html")
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, report.HTML(file, document(t), report.Extras{
		Title: "A week", Names: map[city.ParticipantID]string{"g1": "Mill Lane Growers"},
		Areas: []report.Area{{Ward: "6", Rings: [][][2]float64{{{0, 0}, {0, 10}, {10, 10}, {10, 0}}}}},
	}))
	require.NoError(t, file.Close())
	page := browsertest.Open(t)
	page.Visit("file://" + path)
	page.See("Mill Lane Growers", "g1", "r1", "What the range comes from")
	page.FitsAPhone()
	page.Picture("phone")
}
