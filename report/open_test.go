package report_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/browsertest"
	"github.com/city-resource-graph/crg/report"
)

// The page is whole by itself: a browser that opens it asks nobody for anything.
func TestABrowserOpensThePageWithoutAskingAnybody(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.html")
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, report.WriteHTML(file, sample()))
	require.NoError(t, file.Close())
	page := browsertest.Open(t)
	page.Visit("file://" + path)
	page.See("Washington <DC>, ward 6", "1,234,567 rows")
	page.Picture("report")
	page.FitsAPhone()
	require.Equal(t, []string{"file://" + path}, page.Requests())
}
