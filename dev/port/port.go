// Package port picks free TCP ports on loopback.
package port

import (
	"context"
	"fmt"
	"hash/fnv"
	"net"
	"strconv"
	"time"
)

// Host is the only address that anything here listens on.
const Host = "127.0.0.1"

// spread is the width of the range above a usual port in which another one is looked for. All of them stay below 32768,
// where the kernel begins to take the local ports of outgoing connections from.
const spread = 400

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

// freeSoon looks again after a moment: another owner who looked at the port held it for as long as that took.
func freeSoon(ctx context.Context, port int) bool {
	select {
	case <-ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
	return Free(ctx, port)
}

// Pick gives the first free port out of the wanted ones (in order; 0 is skipped), else one above the last of them. Where
// the search begins follows from the owner, so that two owners who search at the same time rarely find the same port.
func Pick(ctx context.Context, owner string, wanted ...int) (int, error) {
	last := 0
	for _, p := range wanted {
		if p != 0 && (Free(ctx, p) || freeSoon(ctx, p)) {
			return p, nil
		}
		last = p
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(owner)) // never fails
	begin := int(hash.Sum32() % spread)
	for i := range spread {
		p := last + 1 + (begin+i)%spread
		if Free(ctx, p) {
			return p, nil
		}
	}
	return 0, fmt.Errorf("no free port on %s between %d and %d", Host, last, last+spread)
}
