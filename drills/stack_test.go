//go:build drill

package drills

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The parts of a stack, as crgdev names them.
const (
	postgresPart = "postgres"
	redisPart    = "redis"
	temporalPart = "temporal" // crgdev itself, which has the Temporal server linked in
	graphPart    = "neo4j"
)

// stack is PostgreSQL, Redis, Neo4j and Temporal for one drill alone, with their state in a folder of its own.
type stack struct {
	t       *testing.T
	folder  string
	servers map[string]string // the variables by which the product finds them
}

// newStack starts the servers; they and all their data are gone when the drill ends.
func newStack(t *testing.T) *stack {
	t.Helper()
	folder, err := os.MkdirTemp("", "crg-drill-") //nolint:usetesting // the parent of t.TempDir is closed to the user of PostgreSQL
	require.NoError(t, err)
	require.NoError(t, os.Chmod(folder, 0o755))
	s := &stack{t: t, folder: folder}
	t.Cleanup(func() {
		out, err := s.crgdev("reset", "--yes").CombinedOutput()
		require.NoError(t, err, string(out))
		require.NoError(t, os.RemoveAll(folder))
	})
	s.up()
	s.servers = s.status().Environment
	return s
}

// up starts what does not run, as an operator would, and returns when all of it is ready.
func (s *stack) up() {
	s.t.Helper()
	out, err := s.crgdev("up").CombinedOutput()
	require.NoError(s.t, err, string(out))
}

// down ends a part as a crash does: kill -9.
func (s *stack) down(part string) {
	s.t.Helper()
	for _, one := range s.status().Parts {
		if one.Name == part {
			kill(s.t, one.PID)
		}
	}
}

// crgdev prepares a command of crgdev that sees nothing of the caller's own stack.
func (s *stack) crgdev(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.t.Context()), 2*time.Minute)
	s.t.Cleanup(cancel)
	command := exec.CommandContext(ctx, program(s.t, "crgdev"), args...)
	command.Dir, command.Env = s.folder, append(bare(), "CRGDEV_STATE="+filepath.Join(s.folder, "state"))
	return command
}

// program is the path of a binary that `make drills` built.
func program(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("CRG_BINARIES")
	require.NotEmpty(t, folder, "CRG_BINARIES is not set: run the drills as `make drills`")
	return filepath.Join(folder, name)
}

// bare is the environment that every program gets.
func bare() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LANG=C.UTF-8", "TZ=UTC"}
}

// environment is what a process of the product is told: the servers, and what wins over that.
func (s *stack) environment(more ...string) []string {
	all := bare()
	for _, name := range slices.Sorted(maps.Keys(s.servers)) {
		all = append(all, name+"="+s.servers[name])
	}
	return append(all, more...)
}

// partStatus and status are what `crgdev status --json` says.
type (
	partStatus struct {
		Name string `json:"name"`
		PID  int    `json:"pid"`
	}
	status struct {
		Parts       []partStatus      `json:"parts"`
		Environment map[string]string `json:"environment"`
	}
)

func (s *stack) status() status {
	s.t.Helper()
	out, _ := s.crgdev("status", "--json").Output() // exit code 1 says that not all of it is ready
	var found status
	require.NoError(s.t, json.Unmarshal(out, &found), string(out))
	return found
}

// kill ends a process that this drill started, as a crash does, and returns when it is gone.
func kill(t *testing.T, pid int) {
	t.Helper()
	require.Positive(t, pid)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Eventually(t, func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err != nil || strings.Contains(string(stat), ") Z ")
	}, 10*time.Second, 10*time.Millisecond, "process %d outlives kill -9", pid)
}
