package source_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/ingest/source"
)

// A row of 2 GB is refused by its line without being held; the row after it is read. The file is sparse.
func TestHugeRowsAreNotHeld(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	const gigabyte = 1 << 30
	tests := map[string]struct {
		format            source.Format
		start, end, fault string
		size              int64
	}{
		"csv":     {source.CSV, "a,b\n1,", "\n3,4\n", "2: the row has 2147483", 2 * gigabyte},
		"jsonl":   {source.JSONLines, `{"a":"`, "\"}\n{\"a\":3}\n", "1: the row has 134217", gigabyte / 8},
		"geojson": {source.GeoJSON, `{"features":[{"a":"`, `"},{"type":"Feature","properties":{"a":3}}]}`, "1: the row has 134217", gigabyte / 8},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "huge")
			file, err := os.Create(path)
			require.NoError(t, err)
			_, err = file.WriteString(test.start + strings.Repeat("x", 128<<10))
			require.NoError(t, err)
			_, err = file.WriteAt([]byte(test.end), test.size)
			require.NoError(t, err)
			require.NoError(t, file.Close())

			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			told := read(t, path, source.Options{Format: test.format}, "a")
			runtime.ReadMemStats(&after)

			require.Len(t, told, 2)
			require.Contains(t, told[0], test.fault)
			require.Contains(t, told[1], "3")
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20))
		})
	}
}
