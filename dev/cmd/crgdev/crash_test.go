package main_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// story waits for two signals, one before and one after the crash, and says what came.
func story(ctx workflow.Context) (string, error) {
	signals := workflow.GetSignalChannel(ctx, "word")
	var words [2]string
	for i := range words {
		signals.Receive(ctx, &words[i])
	}
	return strings.Join(words[:], " "), nil
}

// TestCrashLosesNothing kills each part, and then all of them at once, with a row, a key and a running workflow in the
// stack; its worker lives through it. A later up or exec brings back what died, at the same addresses.
func TestCrashLosesNothing(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	m.run("up")
	before := m.status()
	ctx := t.Context()
	_, err := m.database(ctx).Exec(ctx, "create table survivors (who text)")
	require.NoError(t, err)

	c := m.workflows()
	w := worker.New(c, "stories", worker.Options{})
	w.RegisterWorkflow(story)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)

	for _, victims := range [][]string{{"postgres"}, {"redis"}, {"temporal"}, {"postgres", "redis", "temporal"}} {
		name := strings.Join(victims, " and ")
		_, err := m.database(ctx).Exec(ctx, "insert into survivors values ($1)", name)
		require.NoError(t, err)
		m.run("exec", "--", "sh", "-c", `redis-cli -u "$REDIS_URL" --no-auth-warning rpush survivors "$0"`, name)
		run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: name, TaskQueue: "stories"}, story)
		require.NoError(t, err)
		require.NoError(t, c.SignalWorkflow(ctx, name, "", "word", "once"))

		pids := m.status().pids()
		var dying []int
		for _, victim := range victims {
			dying = append(dying, pids[victim])
			delete(pids, victim)
		}
		kill(t, dying...)
		require.False(t, m.status().Ready)
		if len(victims) == 1 {
			m.run("up")
		} else {
			m.run("exec", "--", "true")
		}
		after := m.status()
		require.True(t, after.Ready)
		require.Equal(t, before.Environment, after.Environment)
		for part, pid := range pids {
			require.Equal(t, pid, after.pids()[part], "%s was not killed and runs on", part)
		}

		require.Eventually(t, func() bool { return c.SignalWorkflow(ctx, name, "", "word", "again") == nil }, patience, 100*time.Millisecond)
		var words string
		patient, cancel := context.WithTimeout(ctx, patience)
		require.NoError(t, run.Get(patient, &words))
		cancel()
		require.Equal(t, "once again", words)
	}
	var rows int
	require.NoError(t, m.database(ctx).QueryRow(ctx, "select count(*) from survivors").Scan(&rows))
	require.Equal(t, 4, rows)
	out, _ := m.run("exec", "--", "sh", "-c", `redis-cli -u "$REDIS_URL" --no-auth-warning llen survivors`)
	require.Equal(t, "4", strings.TrimSpace(out))
}

// TestKilledWhileStarting interrupts the very first start at many moments; the next one must still make a whole stack.
func TestKilledWhileStarting(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	for _, after := range []time.Duration{20, 100, 300, 600, 900, 1200, 1500, 1800, 2200} {
		ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
		starting := exec.CommandContext(ctx, program, "up")
		starting.Dir, starting.Env = m.dir, m.env
		_ = starting.Run() // killed, or just ready on a fast machine
		cancel()
		var alive []int
		for _, pid := range m.status().pids() {
			if pid != 0 && runs(pid) {
				alive = append(alive, pid)
			}
		}
		kill(t, alive...)
	}
	m.run("up")
	require.True(t, m.status().Ready)
}

// TestStalePIDFiles gives the ids in the pid files to somebody else, as happens in every fresh container.
func TestStalePIDFiles(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	m.run("up")
	pids := m.status().pids()
	kill(t, pids["postgres"], pids["redis"], pids["temporal"])

	stranger := exec.CommandContext(t.Context(), "sleep", "600")
	require.NoError(t, stranger.Start())
	for _, part := range []string{"postgres", "redis", "temporal"} {
		path := filepath.Join(m.state, "run", part+".json")
		var record map[string]any
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(data, &record))
		record["pid"] = stranger.Process.Pid
		data, err = json.Marshal(record)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, data, 0o600))
	}
	path := filepath.Join(m.state, "postgres", "postmaster.pid")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(data), "\n")
	require.NoError(t, os.WriteFile(path, []byte(strconv.Itoa(stranger.Process.Pid)+"\n"+rest), 0o600))

	require.False(t, m.status().Ready)
	m.run("up")
	require.True(t, m.status().Ready)
	m.run("down")
	require.True(t, runs(stranger.Process.Pid), "the stranger was left alone")
	require.NoError(t, stranger.Process.Kill())
	require.Error(t, stranger.Wait())
}

// TestOrphansOfAKilledPostgres kills the postmaster while a backend computes: it holds the shared memory until it next
// looks up, and the new postmaster must not fail on it.
func TestOrphansOfAKilledPostgres(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	m.run("up")
	ctx := t.Context()
	postmaster := m.status().pids()["postgres"]
	conn := m.database(ctx)
	var backend int
	require.NoError(t, conn.QueryRow(ctx, "select pg_backend_pid()").Scan(&backend))
	var busy sync.WaitGroup
	busy.Go(func() {
		// Whether the answer still arrives is all the same here.
		_, _ = conn.Exec(ctx, "select count(*) from generate_series(1, 20000000) n where sqrt(n::float8) < 0")
	})
	watch := m.database(ctx)
	require.Eventually(t, func() bool {
		var state string
		err := watch.QueryRow(ctx, "select state from pg_stat_activity where pid = $1", backend).Scan(&state)
		return err == nil && state == "active"
	}, patience, 10*time.Millisecond)
	kill(t, postmaster)
	require.True(t, runs(backend), "the backend outlives its postmaster for a while")
	m.run("up")
	require.True(t, m.status().Ready)
	require.False(t, runs(backend), "the new postmaster waited for it")
	busy.Wait()
}
