package process_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/dev/process"
)

// headless makes the test program one that listens and goes on without its first thread.
const headless = "CRG_TEST_HEADLESS"

func init() { // runs on the first thread, which no later place is sure to
	if os.Getenv(headless) == "" {
		return
	}
	own := fmt.Sprintf("127.1.%d.%d:0", os.Getpid()>>8&255, os.Getpid()&255) // an address at which nobody else looks for a port
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", own)
	if err != nil {
		panic(err)
	}
	_, _ = os.Stdout.WriteString(listener.Addr().String())
	_, _, _ = syscall.RawSyscall(syscall.SYS_EXIT, 0, 0, 0) // of the thread, not of the process
}

func start(t *testing.T, script string) (*process.Running, string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	running, err := process.Start(process.Command{Path: "/bin/sh", Args: []string{"-c", script}, Dir: "/", Log: log})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, running.Stop(context.WithoutCancel(t.Context()), syscall.SIGKILL, time.Second))
	})
	return running, log
}

func TestRecordIsOfOneProcessOnly(t *testing.T) {
	t.Parallel()
	running, _ := start(t, "exec sleep 600")
	path := filepath.Join(t.TempDir(), "record.json")
	require.NoError(t, running.Save(path))
	record, err := process.Load(path)
	require.NoError(t, err)
	require.True(t, record.Alive())

	for name, other := range map[string]process.Record{
		"the same id, started at another time": {PID: record.PID, StartTicks: record.StartTicks - 1, Boot: record.Boot},
		"the same id, after another boot":      {PID: record.PID, StartTicks: record.StartTicks, Boot: "another"},
		"nobody":                               {},
	} {
		require.False(t, other.Alive(), name)
		require.NoError(t, other.Stop(t.Context(), syscall.SIGKILL, time.Second), name)
	}
	require.True(t, record.Alive(), "only the process of the record itself is ever stopped")
	require.NoError(t, record.Stop(t.Context(), syscall.SIGTERM, 10*time.Second))
	require.False(t, record.Alive())
}

func TestDamagedOrMissingRecordKnowsNobody(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "record.json")
	record, err := process.Load(path)
	require.NoError(t, err)
	require.Zero(t, record)
	require.NoError(t, os.WriteFile(path, []byte(`{"pid": 1, "start_`), 0o600))
	record, err = process.Load(path)
	require.NoError(t, err)
	require.Zero(t, record)
}

func TestStopKillsWhatDoesNotListen(t *testing.T) {
	t.Parallel()
	running, log := start(t, `trap "" TERM; echo deaf; while :; do sleep 0.05; done`)
	require.NoError(t, running.Await(t.Context(), func(context.Context) error {
		if text, err := os.ReadFile(log); err != nil || len(text) == 0 {
			return errors.New("not yet")
		}
		return nil
	}))
	require.NoError(t, running.Stop(t.Context(), syscall.SIGTERM, 100*time.Millisecond))
	require.False(t, running.Alive())
}

// TestProcessEndsWithItsLastThread has a process whose first thread is gone, as one of a JVM is while its others are still
// being killed: to proc(5) it is a zombie, and its port is taken.
func TestProcessEndsWithItsLastThread(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	require.NoError(t, err)
	log := filepath.Join(t.TempDir(), "log")
	running, err := process.Start(process.Command{Path: self, Dir: "/", Log: log, Env: []string{headless + "=1"}})
	require.NoError(t, err)
	var address string
	require.NoError(t, running.Await(t.Context(), func(context.Context) error {
		text, _ := os.ReadFile(log)
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", running.PID))
		if address = string(text); err != nil || !strings.Contains(string(stat), ") Z ") {
			return errors.New("its first thread is still there")
		}
		return nil
	}))
	require.True(t, running.Alive())
	_, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	require.ErrorIs(t, err, syscall.EADDRINUSE)

	require.NoError(t, running.Stop(t.Context(), syscall.SIGKILL, 10*time.Second))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	require.NoError(t, listener.Close())
}

func TestAwaitTellsWhatTheServerSaidLast(t *testing.T) {
	t.Parallel()
	running, _ := start(t, "echo the port is taken; exit 1")
	err := running.Await(t.Context(), func(context.Context) error { return errors.New("no answer") })
	require.ErrorIs(t, err, process.ErrEnded)
	require.ErrorContains(t, err, "the port is taken")
}

func TestAwaitGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	running, log := start(t, "exec sleep 600")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := running.Await(ctx, func(context.Context) error { return errors.New("no answer") })
	require.ErrorContains(t, err, "not ready: no answer; see its log "+log)
}

func TestServerGetsNothingOfTheCallersEnvironment(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	running, err := process.Start(process.Command{Path: "/usr/bin/env", Dir: "/", Log: log, Env: []string{"ONLY=this"}})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return !running.Alive() }, time.Minute, 10*time.Millisecond)
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Equal(t, "ONLY=this\n", string(text))
}
