// Package process starts servers that outlive the program which started them, and recognises them later.
//
// A server is recognised by its process id together with its start time, never by the id or by its port alone: after a
// reboot, or in a fresh container, the same id belongs to another program, and a port may be anybody's.
package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// killLimit is far above what the end of a killed process takes: one with much memory on a loaded machine is slow.
const killLimit = 30 * time.Second

// pollEvery is how often a process is looked at while its end is awaited.
const pollEvery = 20 * time.Millisecond

// Command says what to start.
type Command struct {
	Path string
	Args []string
	// User runs the command as that user through setpriv; empty means the user of this program.
	User string
	// Dir is the working folder; the user of the command must be able to enter it.
	Dir string
	// Log receives standard output and standard error, appended.
	Log string
	// Env replaces the environment: a server gets nothing of the shell it happens to be started from.
	Env []string
}

// Running is a server that was started, now or earlier.
type Running struct {
	Record

	log     string
	logFrom int64 // where this start begins in the log
}

// Start starts the command in a session of its own, so that neither the end of this program nor a Ctrl-C in its
// terminal reaches it.
func Start(c Command) (*Running, error) {
	if err := turnOver(c.Log); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	defer func() { _ = log.Close() }()

	info, err := log.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at log: %w", err)
	}
	name, args := As(c.User, c.Path, c.Args...)
	cmd := exec.Command(name, args...) //nolint:noctx // the server outlives this program and its contexts
	cmd.Dir, cmd.Env = c.Dir, c.Env
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Path, err)
	}
	record, _, err := identify(cmd.Process.Pid)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("identify %s: %w", c.Path, err), cmd.Process.Kill(), cmd.Wait())
	}
	go func() { _ = cmd.Wait() }() // leaves no zombie; how it ended is in its log
	return &Running{Record: record, log: c.Log, logFrom: info.Size()}, nil
}

// Earlier is the server of an earlier start, perhaps one that is still on its way.
func Earlier(record Record, log string) *Running { return &Running{Record: record, log: log} }

// turnOver puts a log that has grown large aside, over the one put aside before.
func turnOver(log string) error {
	const large = 16 << 20
	info, err := os.Stat(log)
	if err != nil || info.Size() < large {
		return nil //nolint:nilerr // a log that is not there yet has not grown
	}
	if err := os.Rename(log, log+".1"); err != nil {
		return fmt.Errorf("put log aside: %w", err)
	}
	return nil
}

// As gives the command line that runs a program as another user; with an empty user it is the program itself.
// setpriv replaces itself with the program, so the process id stays that of the program.
func As(user, path string, args ...string) (string, []string) {
	if user == "" {
		return path, args
	}
	return "setpriv", append([]string{"--reuid=" + user, "--regid=" + user, "--init-groups", "--", path}, args...)
}

// Stop sends the signal and waits until the process is over; after the grace time, or when the context ends, it is killed.
func (r Record) Stop(ctx context.Context, signal syscall.Signal, grace time.Duration) error {
	if !r.Alive() {
		return nil
	}
	if err := syscall.Kill(r.PID, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal process %d: %w", r.PID, err)
	}
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	if r.wait(ctx) {
		return nil
	}
	if err := syscall.Kill(r.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill process %d: %w", r.PID, err)
	}
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), killLimit)
	defer cancel()
	if !r.wait(ctx) {
		return fmt.Errorf("process %d is still there %s after it was killed", r.PID, killLimit)
	}
	return nil
}

// wait reports whether the process ended before the context did.
func (r Record) wait(ctx context.Context) bool {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for r.Alive() {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}
