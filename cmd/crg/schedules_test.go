package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/demo"
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

// So is the one that a demo applies, whole city or ward.
func TestSchedulesOfTheDemo(t *testing.T) {
	t.Parallel()
	for _, ward := range []string{"", "6"} {
		text, err := demo.Schedules("dc-1126-092745", ward, 4*time.Second)
		require.NoError(t, err)
		f, err := schedules.Parse("schedules.yaml", []byte(text), workflows.Kinds(), time.Now())
		require.NoError(t, err)
		require.Len(t, f.Schedules, 3)
		require.Equal(t, demo.ScheduleID, f.Schedules[0].ID)
		require.Equal(t, ward, f.Schedules[0].Input.Ward)
		require.Equal(t, schedules.Times{Every: 4 * time.Second}, f.Schedules[0].Times)
	}
	for _, every := range []string{"-4s", "1500ms"} {
		_, err := runQuietly(t, newDemoCommand(), "--schedule", every)
		require.ErrorContains(t, err, "want whole seconds")
		require.Equal(t, 2, exitCode(err))
	}
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
