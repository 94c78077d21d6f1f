//go:build realdata

package workers_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkImportDC imports all 50,685 rows of Washington, DC. The goals on two cores: 15 s, and three times bare COPY.
func BenchmarkImportDC(b *testing.B) {
	data := os.Getenv("CRG_DATA")
	require.NotEmpty(b, data, "CRG_DATA is not set: make bench DATA=<folder> sets it")
	benchImport(b, "dc", filepath.Join(data, "dc"))
}
