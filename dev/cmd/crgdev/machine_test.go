package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
)

// program is the crgdev under test, built by TestMain unless CRGDEV_BINARY names one that is current.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if program = os.Getenv("CRGDEV_BINARY"); program != "" {
			return m.Run()
		}
		dir, err := os.MkdirTemp("", "crgdev-test")
		if err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		program = filepath.Join(dir, "crgdev")
		build := exec.CommandContext(context.Background(), "go", "build", "-ldflags=-s -w", "-o", program, ".")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

// patience bounds each wait for what comes by itself; it costs nothing when all is well.
const patience = 2 * time.Minute

// machine is a place where crgdev is run: a state folder of its own and an environment that names no server.
type machine struct {
	t     *testing.T
	state string
	dir   string
	env   []string
	user  string
}

// elsewhere names a Neo4j of somebody else. Most tests are not about it, and a JVM for each would cost them minutes.
const elsewhere = "NEO4J_URI=bolt://elsewhere:3"

// newWholeMachine makes a place whose stack has every part. What Maven fetched for this user serves it too.
func newWholeMachine(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t, "state")
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	m.env = append(slices.DeleteFunc(m.env, func(e string) bool { return e == elsewhere }), "XDG_CACHE_HOME="+cache)
	return m
}

// newMachine makes a place below a folder that every user can enter; the stack in it is removed at the end.
func newMachine(t *testing.T, name string) *machine {
	t.Helper()
	base, err := os.MkdirTemp("", "crg") //nolint:usetesting // the parent of t.TempDir is closed to other users
	require.NoError(t, err)
	require.NoError(t, os.Chmod(base, 0o755)) // the user of PostgreSQL passes through it
	m := &machine{t: t, state: filepath.Join(base, name), dir: base}
	m.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + base, elsewhere, "CRGDEV_STATE=" + m.state}
	m.settle()
	t.Cleanup(func() {
		if t.Failed() {
			logs, _ := m.command("logs").CombinedOutput()
			t.Logf("logs:\n%s", logs)
		}
		out, err := m.command("reset", "--yes").CombinedOutput()
		require.NoError(t, err, string(out))
		require.NoError(t, os.RemoveAll(base))
	})
	return m
}

// settled counts the machines that have ports.
var settled atomic.Int32

// settle gives the machine ports of its own, as those of its last start. With the usual ones, another stack would move in
// where a test has just killed a part, and one that has lost its own part would call here.
func (m *machine) settle() {
	m.t.Helper()
	const lowest, blocks, machines, parts = 10_000, 40, 40, 10 // below those that crgdev looks in by itself
	next := lowest + (os.Getpid()%blocks*machines+int(settled.Add(1))%machines)*parts
	take := func() int { next++; return next - 1 }
	run := filepath.Join(m.state, "run")
	require.NoError(m.t, os.MkdirAll(m.state, 0o711)) //nolint:gosec // the user of PostgreSQL passes through it
	require.NoError(m.t, os.Mkdir(run, 0o700))
	for part, ports := range map[string]any{
		"postgres": map[string]any{"port": take()}, "redis": map[string]any{"port": take()}, "neo4j": map[string]any{"port": take()},
		"temporal": map[string]any{"port": take(), "web_ui": take(), "inside": []int{take(), take(), take(), take(), take()}},
	} {
		text, err := json.Marshal(ports)
		require.NoError(m.t, err)
		require.NoError(m.t, os.WriteFile(filepath.Join(run, part+"-settings.json"), text, 0o600))
	}
}

func (m *machine) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience) // each part of a stack may take its time
	m.t.Cleanup(cancel)
	line := append([]string{program}, args...)
	if m.user != "" {
		line = append([]string{"setpriv", "--reuid=" + m.user, "--clear-groups", "--"}, line...)
	}
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Dir, cmd.Env = m.dir, m.env
	return cmd
}

// run expects success and gives what was written to standard output and standard error.
func (m *machine) run(args ...string) (stdout, stderr string) {
	m.t.Helper()
	cmd := m.command(args...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(m.t, cmd.Run(), "%v\n%s%s", args, &out, &errs)
	return out.String(), errs.String()
}

// fail expects an exit code and gives what was written to standard error.
func (m *machine) fail(code int, args ...string) string {
	m.t.Helper()
	cmd := m.command(args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	var exit *exec.ExitError
	require.ErrorAs(m.t, cmd.Run(), &exit, "%v", args)
	require.Equal(m.t, code, exit.ExitCode(), "%v\n%s", args, &errs)
	return errs.String()
}

// status is what status --json says to others.
type status struct {
	Folder string `json:"folder"`
	Ready  bool   `json:"ready"`
	Parts  []struct {
		Name  string `json:"name"`
		State string `json:"state"`
		PID   int    `json:"pid"`
	} `json:"parts"`
	Environment map[string]string `json:"environment"`
}

func (m *machine) status() status {
	m.t.Helper()
	out, _ := m.command("status", "--json").Output() // exit code 1 says that not all is ready
	var s status
	require.NoError(m.t, json.Unmarshal(out, &s), string(out))
	return s
}

func (s status) pids() map[string]int {
	pids := map[string]int{}
	for _, part := range s.Parts {
		pids[part.Name] = part.PID
	}
	return pids
}

// kill ends processes as a crash does and waits until they are gone.
func kill(t *testing.T, pids ...int) {
	t.Helper()
	for _, pid := range pids {
		require.Positive(t, pid)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			require.ErrorIs(t, err, syscall.ESRCH) // it has ended with the one before it
		}
	}
	for _, pid := range pids {
		require.Eventually(t, func() bool { return !runs(pid) }, patience, 10*time.Millisecond)
	}
}

// runs reports whether the process is there and not a zombie that has lost its last thread.
func runs(pid int) bool {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil {
		panic(err) // of the pattern
	}
	for _, thread := range threads {
		if stat, err := os.ReadFile(thread); err == nil && !strings.Contains(string(stat), ") Z ") {
			return true
		}
	}
	return false
}

// database connects to the product's database of the running stack.
func (m *machine) database(ctx context.Context) *pgx.Conn {
	m.t.Helper()
	conn, err := pgx.Connect(ctx, m.status().Environment["DATABASE_URL"])
	require.NoError(m.t, err)
	m.t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(ctx)) })
	return conn
}

// workflows connects to Temporal of the running stack.
func (m *machine) workflows() client.Client {
	m.t.Helper()
	env := m.status().Environment
	c, err := client.Dial(client.Options{
		HostPort: env["TEMPORAL_ADDRESS"], Namespace: env["TEMPORAL_NAMESPACE"],
		Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(m.t, err)
	m.t.Cleanup(c.Close)
	return c
}

// asRoot tells apart what only root can try from what every user can.
func asRoot(t *testing.T) bool {
	t.Helper()
	me, err := user.Current()
	require.NoError(t, err)
	return me.Uid == "0"
}
