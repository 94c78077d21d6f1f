package main_test

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExecIsTheCommand(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	_, said := m.run("exec", "--", "true")
	for _, part := range []string{"postgres", "redis", "temporal"} {
		require.Contains(t, said, part+" ready", "exec starts what is missing")
	}

	require.Empty(t, m.fail(7, "exec", "--", "sh", "-c", "exit 7"), "the command's exit code, and not a word more")
	require.Contains(t, m.fail(127, "exec", "--", "no-such-command"), `"no-such-command"`)
	require.Contains(t, m.fail(2, "exec", "--"), "needs a command")

	cmd := m.command("exec", "--", "cat")
	cmd.Stdin = strings.NewReader("standard input")
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Equal(t, "standard input", string(out))

	out2, _ := m.run("exec", "--", "env")
	for name, value := range m.status().Environment {
		require.Contains(t, out2, name+"="+value+"\n")
	}
	require.Len(t, m.status().Environment, 6)
}

func TestExecPassesSignals(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	cmd := m.command("exec", "--", "sh", "-c", `trap 'exit 42' TERM; echo waiting; while :; do sleep 0.05; done`)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "waiting\n", line)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	require.Equal(t, 42, exit.ExitCode())
	require.True(t, m.status().Ready, "the stack does not end with the command")
}

func TestServersOfOthersAreUsedAndNotStarted(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	m.env = append(m.env, "REDIS_URL=redis://elsewhere:1/0", "TEMPORAL_ADDRESS=elsewhere:2", "CRG_BLOBS=mem://", "TEMPORAL_NAMESPACE=theirs")
	out, _ := m.run("exec", "--", "sh", "-c", `echo "$REDIS_URL $TEMPORAL_ADDRESS $CRG_BLOBS $TEMPORAL_NAMESPACE [$CRG_WEB_UI]"`)
	require.Equal(t, "redis://elsewhere:1/0 elsewhere:2 mem:// theirs []\n", out)
	states := map[string]string{}
	for _, part := range m.status().Parts {
		states[part.Name] = part.State
	}
	require.Equal(t, map[string]string{"postgres": "ready", "redis": "foreign", "neo4j": "foreign", "temporal": "foreign"}, states)
}

func TestTemporalNeverUsesTheDatabaseOfOthers(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	m.env = append(m.env, "DATABASE_URL=postgres://elsewhere/theirs", "REDIS_URL=redis://elsewhere:1/0")
	out, _ := m.run("exec", "--", "sh", "-c", `echo "$DATABASE_URL"`)
	require.Equal(t, "postgres://elsewhere/theirs\n", out)
	require.NotZero(t, m.status().pids()["postgres"], "a local one holds the databases of Temporal")
}

func TestForgetfulTemporalIsAskedForAndGivenUpAgain(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	m.run("up")
	strict := m.status().pids()
	m.env = append(m.env, "CRGDEV_SYNC=off")
	_, said := m.run("up")
	require.Contains(t, said, "CRGDEV_SYNC was on and is to be off")
	forgetful := m.status().pids()
	require.NotEqual(t, strict["temporal"], forgetful["temporal"])
	require.Equal(t, strict["postgres"], forgetful["postgres"])
	m.env = m.env[:len(m.env)-1]
	_, said = m.run("up")
	require.Contains(t, said, "CRGDEV_SYNC was off and is to be on")
	m.env = append(m.env, "CRGDEV_SYNC=perhaps")
	require.Contains(t, m.fail(1, "up"), `CRGDEV_SYNC is "perhaps": it can be on or off`)
	m.env = m.env[:len(m.env)-1]
}

func TestDownAndReset(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	require.Contains(t, m.fail(1, "status"), "")
	m.run("up")
	pids := m.status().pids()
	_, said := m.run("down")
	require.Equal(t, "temporal stopped\nredis stopped\npostgres stopped\n", said)
	for part, pid := range pids {
		require.False(t, runs(pid), part)
	}
	m.run("down") // twice is no mistake
	require.NoDirExists(t, filepath.Join(m.state, "postgres", "postmaster.pid"))

	require.Contains(t, m.fail(2, "reset"), "add --yes")
	require.DirExists(t, filepath.Join(m.state, "postgres"))
	own := filepath.Join(m.state, "notes-of-mine")
	require.NoError(t, os.WriteFile(own, []byte("keep"), 0o600))
	_, said = m.run("reset", "--yes")
	require.Contains(t, said, m.state)
	left, err := os.ReadDir(m.state)
	require.NoError(t, err)
	require.Len(t, left, 1, "only what somebody else put there is left")
	require.NoError(t, os.Remove(own))
}

func TestLogsAndMistakes(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	m.run("up")
	out, _ := m.run("logs", "postgres")
	require.Contains(t, out, "database system is ready to accept connections")
	out, _ = m.run("logs")
	for _, part := range []string{"postgres", "redis", "temporal"} {
		require.Contains(t, out, part+".log <==")
	}
	require.Contains(t, m.fail(2, "logs", "neptune"), `no part "neptune"`)
	require.Contains(t, m.fail(2, "sideways"), `unknown command "sideways"`)
	require.Contains(t, m.fail(2), "say what to do")
	require.Contains(t, m.fail(2, "up", "now"), `up takes no "now"`)
}

func TestMissingProgramsAreNamedWithTheirCommand(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	m.bare()
	require.Contains(t, m.fail(1, "up"), "redis: redis-server is not installed: sudo apt-get install -y redis-server")
	m.env[0] = "PATH=" + os.Getenv("PATH")
	m.run("up")
	require.True(t, m.status().Ready)
}

// bare leaves the machine only the programs that every machine has.
func (m *machine) bare() {
	m.t.Helper()
	programs := filepath.Join(m.dir, "programs")
	require.NoError(m.t, os.Mkdir(programs, 0o755)) //nolint:gosec // read by the user of PostgreSQL
	for _, name := range []string{"setpriv", "test", "true", "sh", "locale"} {
		path, err := exec.LookPath(name)
		if errors.Is(err, exec.ErrNotFound) {
			continue
		}
		require.NoError(m.t, err)
		require.NoError(m.t, os.Symlink(path, filepath.Join(programs, name)))
	}
	m.env[0] = "PATH=" + programs
}
