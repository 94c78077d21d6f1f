package workers_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/workers"
	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// BenchmarkImport imports a generated city of 20,000 participants, in which nearly every row is a listing.
func BenchmarkImport(b *testing.B) {
	source := b.TempDir()
	_, err := generate.Write(b.Context(), source, generate.Options{Participants: 20_000, Seed: 1})
	require.NoError(b, err)
	benchImport(b, "generated", source)
}

// benchImport measures the workflow ImportDataset from start to result, over files that are new and over the same files
// again, and in the same run the least that any import would have to do: COPY of the very rows that it wrote, ready made,
// into bare tables with the same columns and indexes, but without constraints and triggers.
func benchImport(b *testing.B, profile, source string) {
	b.Helper()
	b.Cleanup(workers.CollectRarely(workflows.CityQueue)) // as crg worker --queue city does
	for b.Loop() {
		i := workertest.New(b)
		i.Worker(b, "bench", workflows.CityQueue)
		warmUp(b, i)
		id := city.ID(i.Prefix)
		var counts activities.ImportCounts
		took, steps := map[string]time.Duration{}, map[string]map[string]time.Duration{}
		for _, name := range []string{"first", "again"} {
			begin := time.Now()
			started, err := i.Starter.ImportDataset(b.Context(), activities.ImportRef{City: id, Import: name, Profile: profile, Source: source})
			require.NoError(b, err)
			require.NoError(b, i.Client.GetWorkflow(b.Context(), started.WorkflowID, started.RunID).Get(b.Context(), &counts))
			took[name] = time.Since(begin)
			steps[name] = stepsOf(b, i, started.WorkflowID)
		}
		require.Zero(b, counts.Listing+counts.PlaceFact+counts.History+counts.PriceEvidence, "the second import changes nothing")
		bare := bareCopies(b, i, 3)
		b.ReportMetric(float64(counts.Read), "rows")
		b.ReportMetric(took["first"].Seconds(), "first-s")
		b.ReportMetric(steps["first"]["PlanImport"].Seconds(), "plan-s")
		b.ReportMetric(steps["first"]["FinishImport"].Seconds(), "finish-s")
		b.ReportMetric(took["again"].Seconds(), "again-s")
		b.ReportMetric(bare.Seconds(), "copy-s")
		b.ReportMetric(took["first"].Seconds()/bare.Seconds(), "ratio")
	}
	b.ReportMetric(float64(peakBytes())/(1<<20), "MiB-peak")
	b.Logf("%d cores; this process is the worker", runtime.GOMAXPROCS(0))
}

// warmUp imports another, small city: a worker that has been at work has its connections and its memory, and so has the one
// that the bare COPY goes through.
func warmUp(b *testing.B, i *workertest.Installation) {
	b.Helper()
	source := b.TempDir()
	_, err := generate.Write(b.Context(), source, generate.Options{Participants: 1000, Seed: 2})
	require.NoError(b, err)
	started, err := i.Starter.ImportDataset(b.Context(), activities.ImportRef{
		City: city.ID(i.Prefix + "-warm"), Import: "warm", Profile: "generated", Source: source,
	})
	require.NoError(b, err)
	require.NoError(b, i.Client.GetWorkflow(b.Context(), started.WorkflowID, started.RunID).Get(b.Context(), nil))
}

// stepsOf adds up how long the steps of a workflow took.
func stepsOf(b *testing.B, i *workertest.Installation, workflowID string) map[string]time.Duration {
	b.Helper()
	names, begun, took := map[int64]string{}, map[int64]time.Time{}, map[string]time.Duration{}
	events := i.Client.GetWorkflowHistory(b.Context(), workflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(b, err)
		if scheduled := event.GetActivityTaskScheduledEventAttributes(); scheduled != nil {
			names[event.GetEventId()], begun[event.GetEventId()] = scheduled.GetActivityType().GetName(), event.GetEventTime().AsTime()
		}
		if completed := event.GetActivityTaskCompletedEventAttributes(); completed != nil {
			id := completed.GetScheduledEventId()
			took[names[id]] += event.GetEventTime().AsTime().Sub(begun[id])
		}
	}
	return took
}

// peakBytes is the largest resident memory of this process so far.
func peakBytes() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Maxrss * 1024
}

// bareCopies is the mean time that COPY takes for what an import wrote.
func bareCopies(b *testing.B, i *workertest.Installation, times int) time.Duration {
	b.Helper()
	tables := []string{"source_row", "participant", "listing"}
	columns, rows := map[string]string{}, map[string][]byte{}
	for _, table := range tables {
		columns[table] = writtenColumns(b, i, table)
		rows[table] = copyOut(b, i, fmt.Sprintf("COPY (SELECT %s FROM %s WHERE city = '%s') TO STDOUT", columns[table], table, i.Prefix))
	}
	var took time.Duration
	for range times {
		for _, table := range tables {
			_, err := i.Store.Pool().Exec(b.Context(), fmt.Sprintf(
				"DROP TABLE IF EXISTS bare_%[1]s; CREATE TABLE bare_%[1]s (LIKE %[1]s INCLUDING INDEXES INCLUDING GENERATED INCLUDING STORAGE)", table))
			require.NoError(b, err)
		}
		begin := time.Now()
		for _, table := range tables {
			copyIn(b, i, fmt.Sprintf("COPY bare_%s (%s) FROM STDIN", table, columns[table]), rows[table])
		}
		took += time.Since(begin)
	}
	return took / time.Duration(times)
}

// writtenColumns are a table's columns that the database does not compute.
func writtenColumns(b *testing.B, i *workertest.Installation, table string) string {
	b.Helper()
	var columns []string
	err := i.Store.Pool().QueryRow(b.Context(), `SELECT array_agg(quote_ident(attname) ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`, table).Scan(&columns)
	require.NoError(b, err)
	return strings.Join(columns, ", ")
}

func copyOut(b *testing.B, i *workertest.Installation, sql string) []byte {
	b.Helper()
	conn, err := i.Store.Pool().Acquire(b.Context())
	require.NoError(b, err)
	defer conn.Release()
	var rows bytes.Buffer
	_, err = conn.Conn().PgConn().CopyTo(b.Context(), &rows, sql)
	require.NoError(b, err)
	return rows.Bytes()
}

func copyIn(b *testing.B, i *workertest.Installation, sql string, rows []byte) {
	b.Helper()
	conn, err := i.Store.Pool().Acquire(b.Context())
	require.NoError(b, err)
	defer conn.Release()
	_, err = conn.Conn().PgConn().CopyFrom(b.Context(), bytes.NewReader(rows), sql)
	require.NoError(b, err)
}
