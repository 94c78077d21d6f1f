//go:build realdata

package workers_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workers"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

func dcFolder(b *testing.B) string {
	b.Helper()
	data := os.Getenv("CRG_DATA")
	require.NotEmpty(b, data, "CRG_DATA is not set: make bench DATA=<folder> sets it")
	return filepath.Join(data, "dc")
}

// BenchmarkImportDC imports all 50,685 rows of Washington, DC. The goals on two cores: 15 s, and three times bare COPY.
func BenchmarkImportDC(b *testing.B) { benchImport(b, "dc", dcFolder(b)) }

// BenchmarkImportHugeFile imports one file of a million rows and watches the worker's memory, for which the goal is 300 MB
// whatever the file's size: purchase orders of DC, over and over, each with a number of its own.
func BenchmarkImportHugeFile(b *testing.B) {
	const rows, set = 1_000_000, "purchase_orders_2016"
	source := b.TempDir()
	require.NoError(b, os.CopyFS(source, os.DirFS(dcFolder(b))))
	require.NoError(b, os.Remove(filepath.Join(source, set+".csv")))
	size := repeatRows(b, filepath.Join(dcFolder(b), set+".csv"), filepath.Join(source, set+".csv"), rows)
	b.Cleanup(workers.CollectRarely(workflows.CityQueue))
	for b.Loop() {
		i := workertest.New(b)
		i.Worker(b, "bench", workflows.CityQueue)
		// From here on the kernel notes the peak anew.
		require.NoError(b, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200))
		begin := time.Now()
		started, err := i.Starter.ImportDataset(b.Context(), activities.ImportRef{
			City: city.ID(i.Prefix), Import: "huge", Profile: "dc", Source: source, Datasets: []string{set},
		})
		require.NoError(b, err)
		var counts activities.ImportCounts
		require.NoError(b, i.Client.GetWorkflow(b.Context(), started.WorkflowID, started.RunID).Get(b.Context(), &counts))
		took := time.Since(begin)
		require.EqualValues(b, rows, counts.PriceEvidence)
		b.ReportMetric(float64(peakSince(b))/(1<<20), "MiB-peak")
		bare := bareCopies(b, i, 1)
		b.ReportMetric(took.Seconds(), "first-s")
		b.ReportMetric(bare.Seconds(), "copy-s")
		b.ReportMetric(took.Seconds()/bare.Seconds(), "ratio")
	}
	b.ReportMetric(float64(size)/(1<<20), "MiB-file")
}

// repeatRows writes the rows of a CSV file again and again, with running numbers before their first column.
func repeatRows(b *testing.B, from, to string, rows int) (size int64) {
	b.Helper()
	text, err := os.ReadFile(from)
	require.NoError(b, err)
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	file, err := os.Create(to)
	require.NoError(b, err)
	w := bufio.NewWriter(file)
	_, _ = fmt.Fprintln(w, lines[0])
	for n := range rows {
		_, _ = fmt.Fprintf(w, "%d-%s\n", n, lines[1+n%(len(lines)-1)])
	}
	require.NoError(b, w.Flush())
	info, err := file.Stat()
	require.NoError(b, err)
	require.NoError(b, file.Close())
	return info.Size()
}

// peakSince is the largest resident memory of this process since the kernel began to note it anew, in bytes.
func peakSince(b *testing.B) int64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(b, err)
	for line := range strings.Lines(string(status)) {
		if value, found := strings.CutPrefix(line, "VmHWM:"); found {
			kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			require.NoError(b, err)
			return kilobytes << 10
		}
	}
	require.Fail(b, "no VmHWM in /proc/self/status")
	return 0
}
