package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/schedules"
	"github.com/city-resource-graph/crg/workflows"
)

// The file that is shipped as an example is one.
func TestExampleOfSchedules(t *testing.T) {
	t.Parallel()
	const path = "../../docs/schedules.example.yaml"
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	f, err := schedules.Parse(path, content, workflows.Kinds(), time.Now())
	require.NoError(t, err)
	require.Len(t, f.Schedules, 4)
}

// A bad file is refused before any server is asked, as bad usage.
func TestSchedulesRefuseABadFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.yaml")
	require.NoError(t, os.WriteFile(path, []byte("city: dc\nschedules:\n  - {id: a, work: nothing}\n"), 0o600))
	for _, command := range []string{"diff", "apply"} {
		_, err := runQuietly(t, newSchedulesCommand(), command, path)
		require.ErrorContains(t, err, path+`, line 3: work "nothing": want one of matching, valuation, reconciliation`)
		require.Equal(t, 2, exitCode(err))
		_, err = runQuietly(t, newSchedulesCommand(), command, path+".none")
		require.Equal(t, 2, exitCode(err))
	}
}
