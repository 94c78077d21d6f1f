package stack

import (
	"context"
	"syscall"
	"time"

	"github.com/city-resource-graph/crg/dev/process"
)

// Part is one kind of server of the local stack. A further one joins by implementing this and being listed in New;
// starting, recognising and stopping its process is the stack's business.
type Part interface {
	// Name is what the part is called on the command line; its log is named after it.
	Name() string
	// Variable is the environment variable that names a server of somebody else. When it is set, the part is not started.
	Variable() string
	// Needs names the parts, listed before it, without which it cannot run.
	Needs() []string
	// Prepare makes what the server needs on disk, chooses its port and says what to start. Whatever an earlier start left
	// behind, half made or stale, is no obstacle.
	Prepare(ctx context.Context) (process.Command, error)
	// Complete makes what can only be made in the running server. It is repeated until it succeeds.
	Complete(ctx context.Context) error
	// Ready probes once, and changes nothing, whether the server can be used and is the one of this stack.
	Ready(ctx context.Context) error
	// Outdated says why a running server has to be started anew; empty when it need not.
	Outdated() (string, error)
	// Ending is the signal that ends the server in an orderly way, and how long it may take for that.
	Ending() (syscall.Signal, time.Duration)
	// Environment holds the variables by which the product finds the server.
	Environment() (map[string]string, error)
}

// Fetched is a part whose program the distribution does not have.
type Fetched interface {
	// Fetch brings the program to this machine, unless it is there. It is not counted in the time that a start may take.
	Fetch(ctx context.Context, tell func(format string, args ...any)) error
}
