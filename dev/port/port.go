// Package port picks free TCP ports on loopback.
package port

import (
	"context"
	"fmt"
	"net"
	"strconv"
)

// Host is the only address that anything here listens on.
const Host = "127.0.0.1"

// tries is how many ports above the usual one are looked at. They stay below 32768, where the kernel takes the local
// ports of outgoing connections from, so that a port is still free at the next start.
const tries = 200

// Address joins the loopback host and a port.
func Address(port int) string { return net.JoinHostPort(Host, strconv.Itoa(port)) }

// Free reports whether a server could listen on the port now.
func Free(ctx context.Context, port int) bool {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", Address(port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// Pick gives the first free port out of the wanted ones (in order; 0 is skipped) and then the ones above the last wanted.
func Pick(ctx context.Context, wanted ...int) (int, error) {
	last := 0
	for _, p := range wanted {
		if p != 0 && Free(ctx, p) {
			return p, nil
		}
		last = p
	}
	for p := last + 1; p <= last+tries; p++ {
		if Free(ctx, p) {
			return p, nil
		}
	}
	return 0, fmt.Errorf("no free port on %s between %d and %d", Host, last, last+tries)
}
