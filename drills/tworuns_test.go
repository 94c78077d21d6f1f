//go:build drill

package drills

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// TestTwoRunsOverTheSameStock starts two runs at once, each asked for ten times at once with the same key, and imports the
// same files a second time meanwhile. Both freeze the same stock before either is solved, so that they want the same. No
// unit is held twice, what one run took is counted as skipped by the other, and the second import changes nothing.
func TestTwoRunsOverTheSameStock(t *testing.T) {
	w := newTown(t, 300)
	w.startAPI()
	w.startWorker("worker-city", "city")
	c := w.city("millbrook")
	first := w.load(c, "first")
	require.Equal(t, first.Read, first.Accepted+first.Rejected)
	w.settle("millbrook")

	var group sync.WaitGroup
	for _, run := range []string{"a", "b"} {
		for range 10 {
			group.Go(func() { w.startRun(c, run) })
		}
	}
	group.Wait()
	w.eventually(time.Minute, "both runs have frozen the stock", func() bool {
		frozen := query[outcome](t, w.store, `SELECT id, resources FROM run WHERE snapshot IS NOT NULL`)
		return len(frozen) == 2
	})
	w.startImport(c, "second")
	w.startWorker("worker-matching", "matching")
	a, b := w.awaitRun(c, "a", time.Minute), w.awaitRun(c, "b", time.Minute)
	for _, run := range []crgclient.Run{a, b} {
		t.Logf("run %s: %+v, bound %s, achieved %s", run.ID, run.Counts, run.Bound.Amount, run.Achieved.Amount)
	}
	require.Equal(t, a.Counts.Proposals+a.Counts.Skipped, b.Counts.Proposals+b.Counts.Skipped, "they want the same")
	require.Equal(t, a.Achieved, b.Achieved)
	require.Positive(t, a.Counts.Skipped+b.Counts.Skipped)
	require.GreaterOrEqual(t, a.Counts.Proposals, b.Counts.Skipped, "what one skipped, the other has")
	require.GreaterOrEqual(t, b.Counts.Proposals, a.Counts.Skipped, "what one skipped, the other has")
	require.Len(t, query[outcome](t, w.store, `SELECT id, count(*) FROM run GROUP BY 1`), 2, "twenty requests, two runs")

	second := w.load(c, "second")
	require.Equal(t, crgclient.ImportCounts{Read: first.Read, Unchanged: first.Accepted, Rejected: first.Rejected}, second)
	w.requireHolds()
	w.awaitPolicy()
	w.requireNothingTwice(w.store, "millbrook")
	w.requireConsistent()
}

// requireHolds adds up, for each listing, what its matches hold: never more than there is, and what the listing says.
func (w *town) requireHolds() {
	w.t.Helper()
	type listing struct{ ID, Detail string }
	require.Empty(w.t, query[listing](w.t, w.store, `SELECT l.id, format('%s held of %s, its matches hold %s', l.held, l.quantity, h.total)
		FROM listing l JOIN LATERAL (SELECT coalesce(sum(m.quantity), 0) AS total FROM match m
			WHERE m.city = l.city AND l.id IN (m.resource, m.need) AND m.state IN ('proposed', 'approved', 'handed_over')) h ON true
		WHERE h.total > l.quantity OR h.total <> l.held`))
}
