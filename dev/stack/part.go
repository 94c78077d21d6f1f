package stack

import (
	"context"

	"github.com/city-resource-graph/crg/dev/process"
)

// Part is one server of the local stack. A further one (the graph database) joins by implementing this and being
// listed in New.
type Part interface {
	// Name is what the part is called on the command line, and its log is named after it.
	Name() string
	// Variable is the environment variable that names a server of somebody else. When it is set, the part is not started.
	Variable() string
	// Needs names the parts, listed before it, without which it cannot run.
	Needs() []string
	// Process gives the running server, or the zero record. It does not use the network.
	Process() (process.Record, error)
	// Outdated says why the running server has to be started anew; empty when it need not.
	Outdated() (string, error)
	// Start brings the part up and waits until it is ready. What is there already is left as it is.
	Start(ctx context.Context) error
	// Ready probes once whether the part can be used.
	Ready(ctx context.Context) error
	// Stop ends the part in an orderly way; nothing happens when it does not run.
	Stop(ctx context.Context) error
	// Environment holds the variables by which the product finds the part.
	Environment() (map[string]string, error)
}
