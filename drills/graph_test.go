//go:build drill

package drills

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestGraphLost ends Neo4j while a run is under way, and deletes all it had: the run is completed all the same, and the
// graph comes back by itself, equal to the rows, which the last line of the drill checks.
func TestGraphLost(t *testing.T) {
	for _, wiped := range []bool{false, true} {
		t.Run(map[bool]string{false: "restarted", true: "wiped"}[wiped], func(t *testing.T) {
			w := newTown(t, 300)
			key := w.addCity("millbrook", w.data, "operator", "matcher", "auditor")
			w.startAPI()
			_, city := w.startWorker("worker-city", "city")
			_, matching := w.startWorker("worker-matching", "matching")
			w.awaitReady(city, matching)
			c := newClient(t, w.api, key)
			w.load(c, "first")
			w.settle("millbrook")
			w.startRun(c, "r")
			w.eventually(time.Minute, "the run is under way", func() bool {
				return len(query[outcome](t, w.store, `SELECT state, 1::bigint FROM run WHERE state = 'running'`)) == 1
			})
			w.down(graphPart)
			if wiped {
				require.NoError(t, os.RemoveAll(filepath.Join(w.folder, "state", "neo4j")))
			}
			run := w.awaitRun(c, "r", 2*time.Minute)
			require.Positive(t, run.Counts.Proposals)
			status, _ := ready(t, w.api)
			require.Equal(t, http.StatusOK, status, "nothing that the API needs is away")
			w.up()
			w.awaitPolicy()
			w.requireNothingTwice(w.store, "millbrook")
			w.requireConsistent() // graph-equals-rows among the invariants
		})
	}
}
