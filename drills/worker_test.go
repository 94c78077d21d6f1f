//go:build drill

package drills

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// TestMatchingWorkerKilled lets two workers of the queue matching share a run and kills one of them with kill -9 while it
// solves a shard. The other one solves that shard too, once the missing heartbeat is noticed.
func TestMatchingWorkerKilled(t *testing.T) {
	w := newTown(t, 8000) // large enough that a shard takes a while
	w.startAPI()
	w.startWorker("worker-city", "city")
	// One slot each, so that they share whatever this machine's number of cores.
	one, _ := w.startWorker("worker-matching-1", "matching", "GOMAXPROCS=1")
	two, _ := w.startWorker("worker-matching-2", "matching", "GOMAXPROCS=1")
	temporal := w.temporal()

	calm, stormy := w.city("calm"), w.city("stormy")
	for id, c := range map[string]*crgclient.ClientWithResponses{"calm": calm, "stormy": stormy} {
		w.load(c, "all")
		w.settle(id)
	}
	began := time.Now()
	w.startRun(calm, "r")
	w.awaitRun(calm, "r", 3*time.Minute)
	t.Logf("undisturbed: %.1f s", time.Since(began).Seconds())
	shared := solvers(t, temporal, "matching-run/calm/r")
	t.Logf("shards solved by process: %v", shared)
	require.Positive(t, shared[one.pid()], "%v", shared)
	require.Positive(t, shared[two.pid()], "%v", shared)

	began = time.Now()
	w.startRun(stormy, "r")
	w.eventually(time.Minute, "the victim has solved a shard and is solving another", func() bool {
		return two.caught(func() bool {
			return solving(t, temporal, "matching-run/stormy/r", two.pid()) && solvers(t, temporal, "matching-run/stormy/r")[two.pid()] > 0
		})
	})
	two.crash()
	w.awaitRun(stormy, "r", 3*time.Minute)
	t.Logf("one of two killed: %.1f s", time.Since(began).Seconds())
	shared = solvers(t, temporal, "matching-run/stormy/r")
	t.Logf("shards solved by process: %v", shared)
	require.Positive(t, shared[two.pid()], "what it solved before its end was not lost")
	require.Equal(t, 1, repeated(t, temporal, "matching-run/stormy/r"), "shards solved by somebody else after its end")

	w.awaitPolicy()
	requireSame(t, readLedger(t, w.store, "calm"), readLedger(t, w.store, "stormy"))
	w.requireNothingTwice(w.store, "stormy")
	w.requireConsistent()
}

// solvers counts the shards that each process solved, by the identities in the history.
func solvers(t *testing.T, c client.Client, workflowID string) map[int]int {
	t.Helper()
	byProcess := map[int]int{}
	for _, started := range solved(t, c, workflowID) {
		var pid int
		_, err := fmt.Sscanf(started.GetIdentity(), "%d@", &pid)
		require.NoError(t, err, started.GetIdentity())
		byProcess[pid]++
	}
	return byProcess
}

// repeated counts the shards that took more than one attempt.
func repeated(t *testing.T, c client.Client, workflowID string) (count int) {
	t.Helper()
	for _, started := range solved(t, c, workflowID) {
		if started.GetAttempt() > 1 {
			count++
		}
	}
	return count
}

// solved lists the attempts that solved a shard: an attempt enters the history only when it is the last one.
func solved(t *testing.T, c client.Client, workflowID string) (attempts []*history.ActivityTaskStartedEventAttributes) {
	t.Helper()
	shards := map[int64]bool{}
	events := c.GetWorkflowHistory(t.Context(), workflowID, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil && strings.Contains(err.Error(), "not found") {
			return nil // not started yet
		}
		require.NoError(t, err)
		if scheduled := event.GetActivityTaskScheduledEventAttributes(); scheduled.GetActivityType().GetName() == "SolveShard" {
			shards[event.GetEventId()] = true
		}
		if started := event.GetActivityTaskStartedEventAttributes(); shards[started.GetScheduledEventId()] {
			attempts = append(attempts, started)
		}
	}
	return attempts
}

// solving reports whether a process is solving a shard of a run now.
func solving(t *testing.T, c client.Client, workflowID string, pid int) bool {
	t.Helper()
	described, err := c.DescribeWorkflowExecution(t.Context(), workflowID, "")
	if err != nil {
		return false
	}
	for _, pending := range described.GetPendingActivities() {
		if pending.GetActivityType().GetName() == "SolveShard" && pending.GetState() == enums.PENDING_ACTIVITY_STATE_STARTED &&
			strings.HasPrefix(pending.GetLastWorkerIdentity(), fmt.Sprintf("%d@", pid)) {
			return true
		}
	}
	return false
}
