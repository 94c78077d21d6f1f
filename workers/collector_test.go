package workers_test

import (
	"os"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/workers"
	"github.com/city-resource-graph/crg/workflows"
)

func TestOnlyAWorkerThatMovesRowsCollectsRarely(t *testing.T) {
	own := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(own) })
	t.Setenv("GOGC", "") // restores what was there
	require.NoError(t, os.Unsetenv("GOGC"))
	percent := func() int {
		p := debug.SetGCPercent(100)
		debug.SetGCPercent(p)
		return p
	}
	undo := workers.CollectRarely(workflows.CityQueue)
	require.Equal(t, 200, percent())
	undo()
	require.Equal(t, 100, percent())
	workers.CollectRarely(workflows.CityQueue, workflows.MatchingQueue)
	require.Equal(t, 100, percent())
	t.Setenv("GOGC", "50")
	workers.CollectRarely(workflows.CityQueue)
	require.Equal(t, 100, percent())
}
