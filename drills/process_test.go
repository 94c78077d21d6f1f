//go:build drill

package drills

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is the product's binary at work, with its output in a file.
type process struct {
	t       *testing.T
	name    string
	command *exec.Cmd
	log     string
	ended   chan struct{}
	err     error // once ended is closed
}

// start runs `crg ARGS` until it ends, or the drill does. What it wrote is shown when the drill fails.
func (s *stack) start(name string, environment []string, args ...string) *process {
	s.t.Helper()
	p := &process{t: s.t, name: name, log: filepath.Join(s.folder, name+".log"), ended: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	require.NoError(s.t, err)
	p.command = exec.Command(program(s.t, "crg"), args...) // its end is an orderly stop, see below
	p.command.Dir, p.command.Env = s.folder, s.environment(environment...)
	p.command.Stdout, p.command.Stderr = log, log
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	require.NoError(s.t, p.command.Start())
	require.NoError(s.t, log.Close())
	go func() {
		p.err = p.command.Wait()
		close(p.ended)
	}()
	s.t.Cleanup(func() {
		p.stop()
		s.showIfFailed(p.log)
	})
	return p
}

// showIfFailed puts the end of a log into the output of a drill that failed.
func (s *stack) showIfFailed(log string) {
	if !s.t.Failed() {
		return
	}
	text, err := os.ReadFile(log)
	s.t.Logf("the end of %s (%v):\n%s", filepath.Base(log), err, text[max(0, len(text)-4000):])
}

// pid is the id of the process.
func (p *process) pid() int { return p.command.Process.Pid }

// running reports whether the process has not ended.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// stop asks the process to end in order and, when it does not, ends it.
func (p *process) stop() {
	if !p.running() {
		return
	}
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(40 * time.Second): // above the product's own grace time
		_ = p.command.Process.Kill()
		<-p.ended
	}
}

// succeed waits until the process ends with exit code 0.
func (p *process) succeed(within time.Duration) {
	p.t.Helper()
	select {
	case <-p.ended:
		require.NoError(p.t, p.err, "%s failed", p.name)
	case <-time.After(within):
		require.Fail(p.t, "too slow", "%s did not end within %s", p.name, within)
	}
}

// output is what the process wrote so far.
func (p *process) output() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// run runs `crg ARGS` to its successful end and gives its standard output.
func (s *stack) run(args ...string) string {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), program(s.t, "crg"), args...)
	command.Dir, command.Env = s.folder, s.environment()
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	require.NoError(s.t, command.Run(), "crg %s:\n%s%s", strings.Join(args, " "), &out, &errs)
	return out.String()
}

// children are the ids of the processes that a process started, by their arguments.
func children(t *testing.T, parent int) map[string]int {
	t.Helper()
	found := map[string]int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if fields := strings.Fields(rest); len(fields) < 2 || fields[0] == "Z" || fields[1] != strconv.Itoa(parent) {
			continue
		}
		line, err := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if err != nil {
			continue
		}
		_, args, _ := strings.Cut(strings.TrimRight(string(line), "\x00"), "\x00")
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		require.NoError(t, err)
		found[strings.ReplaceAll(args, "\x00", " ")] = pid
	}
	return found
}
