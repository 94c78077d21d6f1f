// Command crgdev runs the servers that City Resource Graph needs, on this machine, without containers.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/city-resource-graph/crg/dev/stack"
	"github.com/city-resource-graph/crg/dev/state"
)

const usage = `crgdev runs the servers that City Resource Graph needs on this machine: PostgreSQL with PostGIS, Redis,
Neo4j, Temporal with its Web UI. They listen on loopback only and keep their state in .crg/ of the checkout.

  crgdev up                 start what is missing, wait until it is ready, print the addresses
  crgdev exec -- COMMAND    the same, then run COMMAND with the addresses in its environment
  crgdev status [--json]    what runs, and where; exit code 1 unless all of it is ready
  crgdev logs [PART...] [-f]  the end of the logs; -f goes on showing them
  crgdev down               stop everything; the state stays
  crgdev reset [--yes]      stop everything and delete the state

A server of your own is used instead when DATABASE_URL, REDIS_URL, NEO4J_URI or TEMPORAL_ADDRESS names it.
CRGDEV_STATE puts the state elsewhere. CRGDEV_SYNC=off makes Temporal faster and forgetful, for throw-away tests.
`

// Exit codes.
const (
	exitFailure  = 1
	exitUsage    = 2
	exitNotFound = 127 // what a shell answers for a command that is not there
)

// usageError is a mistake in the command line.
type usageError string

func (e usageError) Error() string { return string(e) }

// errNotReady ends status; what is wrong was printed already.
var errNotReady = errors.New("not ready")

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := dispatch(ctx, args)
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errNotReady):
		return exitFailure
	case errors.As(err, &wrong):
		fmt.Fprintf(os.Stderr, "crgdev: %s\n\n%s", wrong, usage)
		return exitUsage
	case errors.Is(err, errCommandNotFound):
		fmt.Fprintln(os.Stderr, "crgdev:", err)
		return exitNotFound
	}
	fmt.Fprintln(os.Stderr, "crgdev:", err)
	return exitFailure
}

func dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usageError("say what to do")
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		_, err := os.Stdout.WriteString(usage)
		return err
	}
	commands := map[string]func(context.Context, *stack.Stack, state.Folder, []string) error{
		"up": up, "exec": execute, "status": status, "logs": logs, "down": down, "reset": reset, "serve": serve,
	}
	command, ok := commands[args[0]]
	if !ok {
		return usageError(fmt.Sprintf("unknown command %q", args[0]))
	}
	folder, err := locate(ctx)
	if err != nil {
		return err
	}
	s, err := stack.New(folder, os.Getenv, os.Stderr)
	if err != nil {
		return err
	}
	return command(ctx, s, folder, args[1:])
}

// locate looks for the checkout around the current folder, and then around this program.
func locate(ctx context.Context) (state.Folder, error) {
	here, err := os.Getwd()
	if err != nil {
		return state.Folder{}, fmt.Errorf("current folder: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return state.Folder{}, fmt.Errorf("find own program: %w", err)
	}
	return state.Locate(ctx, os.Getenv(state.Variable), here, filepath.Dir(self))
}
