package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// processes runs the product's own processes beside the demo, as an operator would: each a process of its own, so that
// any of them may be killed. One that dies is started again, a bounded number of times.
type processes struct {
	program string
	logs    string // folder of the log files, one a process
	grace   time.Duration

	mu      sync.Mutex
	running []*process
}

// process is one child with its arguments.
type process struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
}

const (
	restartLimit = 5
	restartPause = 500 * time.Millisecond
)

// newProcesses runs this very executable; logs go to the folder logs.
func newProcesses(logs string, grace time.Duration) (*processes, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the running program: %w", err)
	}
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return nil, fmt.Errorf("log folder: %w", err)
	}
	return &processes{program: program, logs: logs, grace: grace}, nil
}

// start runs crg with args under a name until stop; extra environment wins over the inherited one.
func (p *processes) start(ctx context.Context, name string, environment []string, args ...string) error {
	log, err := os.OpenFile(filepath.Join(p.logs, name+".log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("log of %s: %w", name, err)
	}
	// Not a child of the caller's context: an interrupt must stop them in order, through stop.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	child := &process{name: name, cancel: cancel, done: make(chan struct{})}
	p.mu.Lock()
	p.running = append(p.running, child)
	p.mu.Unlock()
	go func() {
		defer close(child.done)
		defer func() { _ = log.Close() }()
		p.keep(ctx, name, log, environment, args)
	}()
	return nil
}

// keep runs the child again while it dies without being asked to.
func (p *processes) keep(ctx context.Context, name string, log *os.File, environment, args []string) {
	for attempt := 0; attempt <= restartLimit; attempt++ {
		command := exec.CommandContext(ctx, p.program, args...)
		command.Stdout, command.Stderr = log, log
		command.Env = append(os.Environ(), environment...)
		command.SysProcAttr = detached()
		command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
		command.WaitDelay = p.grace
		err := command.Run()
		if ctx.Err() != nil {
			return
		}
		fmt.Fprintf(os.Stderr, "crg: %s ended (%v), starting it again; its log: %s\n", name, errorOrDone(err), log.Name())
		select {
		case <-ctx.Done():
			return
		case <-time.After(restartPause):
		}
	}
}

func errorOrDone(err error) error {
	if err == nil {
		return errors.New("exit code 0")
	}
	return err
}

// stop asks all to stop, last started first, and waits for each within its grace time.
func (p *processes) stop() {
	p.mu.Lock()
	running := p.running
	p.running = nil
	p.mu.Unlock()
	for i := len(running) - 1; i >= 0; i-- {
		running[i].cancel()
		<-running[i].done
	}
}
