package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"

	"golang.org/x/sys/unix"

	"github.com/city-resource-graph/crg/dev/stack"
	"github.com/city-resource-graph/crg/dev/state"
)

var errCommandNotFound = errors.New("command not found")

func up(ctx context.Context, s *stack.Stack, folder state.Folder, args []string) error {
	if len(args) > 0 {
		return usageError(fmt.Sprintf("up takes no %q", args[0]))
	}
	if err := s.Up(ctx); err != nil {
		return err
	}
	return status(ctx, s, folder, nil)
}

func down(ctx context.Context, s *stack.Stack, _ state.Folder, args []string) error {
	if len(args) > 0 {
		return usageError(fmt.Sprintf("down takes no %q", args[0]))
	}
	return s.Down(ctx)
}

func serve(ctx context.Context, s *stack.Stack, _ state.Folder, _ []string) error {
	return s.Serve(ctx)
}

func reset(ctx context.Context, s *stack.Stack, folder state.Folder, args []string) error {
	fmt.Fprintf(os.Stderr, "this stops the local stack and deletes all its data in %s\n", folder.Path)
	switch {
	case slices.Equal(args, []string{"--yes"}):
	case len(args) > 0:
		return usageError(fmt.Sprintf("reset takes no %q", args[0]))
	case !terminal(os.Stdin):
		return usageError("reset asks for confirmation and there is no terminal: add --yes")
	default:
		fmt.Fprint(os.Stderr, "type yes to go on: ")
		answer, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if err != nil || answer != "yes\n" {
			return errors.New("nothing was deleted")
		}
	}
	return s.Reset(ctx)
}

// execute becomes the command, so that signals, terminal and exit code are the command's own.
func execute(ctx context.Context, s *stack.Stack, _ state.Folder, args []string) error {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return usageError("exec needs a command: crgdev exec -- COMMAND")
	}
	program, err := exec.LookPath(args[0])
	if err != nil {
		return fmt.Errorf("%w: %w", errCommandNotFound, err)
	}
	if err := s.Ready(ctx); err != nil {
		if err := startApart(ctx); err != nil {
			return err
		}
	}
	own, err := s.Environment()
	if err != nil {
		return err
	}
	for name, value := range own {
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("set %s: %w", name, err)
		}
	}
	if err := syscall.Exec(program, args, os.Environ()); err != nil {
		return fmt.Errorf("run %s: %w", program, err)
	}
	return nil
}

// startApart starts the stack through another process: started by this one, the servers would become children of the
// command.
func startApart(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find own program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, "up")
	cmd.Stdout, cmd.Stderr = io.Discard, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("start the local stack: %w", err)
	}
	return nil
}

func status(ctx context.Context, s *stack.Stack, _ state.Folder, args []string) error {
	found, err := s.Status(ctx)
	if err != nil {
		return err
	}
	switch {
	case slices.Equal(args, []string{"--json"}):
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(found)
	case len(args) > 0:
		return usageError(fmt.Sprintf("status takes no %q", args[0]))
	default:
		err = printStatus(os.Stdout, found)
	}
	if err == nil && !found.Ready {
		err = errNotReady
	}
	return err
}

func printStatus(w io.Writer, found stack.Status) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, part := range found.Parts {
		state := part.State
		if part.Why != "" {
			state += ": " + part.Why
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\n", part.Name, state)
	}
	for _, name := range slices.Sorted(maps.Keys(found.Environment)) {
		_, _ = fmt.Fprintf(table, "%s\t%s\n", name, masked(name, found.Environment[name]))
	}
	_, _ = fmt.Fprintf(table, "state\t%s\n", found.Folder)
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print status: %w", err)
	}
	return nil
}

// masked hides a password, by itself or in an address; status --json and exec give it whole.
func masked(name, value string) string {
	if strings.HasSuffix(name, "_PASSWORD") {
		return "xxxxx"
	}
	u, err := url.Parse(value)
	if err != nil {
		return value
	}
	return u.Redacted()
}

func logs(_ context.Context, s *stack.Stack, _ state.Folder, args []string) error {
	tail := []string{"tail", "-n", "200"}
	var names []string
	for _, arg := range args {
		if arg == "-f" {
			tail = append(tail, "-F")
		} else {
			names = append(names, arg)
		}
	}
	paths, unknown := s.Logs(names...)
	if len(unknown) > 0 {
		return usageError(fmt.Sprintf("there is no part %q", unknown[0]))
	}
	if len(paths) == 0 {
		return errors.New("nothing was started yet: there are no logs")
	}
	program, err := exec.LookPath("tail")
	if err != nil {
		return fmt.Errorf("%w: %w", errCommandNotFound, err)
	}
	if err := syscall.Exec(program, append(append(tail, "--"), paths...), os.Environ()); err != nil {
		return fmt.Errorf("run tail: %w", err)
	}
	return nil
}

func terminal(file *os.File) bool {
	_, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	return err == nil
}
