// Package loopback finds addresses for servers that are started later, or again and again at the same place: a port that
// was asked of the kernel and given up may be somebody else's by then.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
)

// Host is where everybody expects a server of this machine.
const Host = "127.0.0.1"

// Ports that the kernel gives to nobody by itself, neither to a listener on port 0 nor to an outgoing connection (Linux:
// ip_local_port_range), above those that have usual owners.
const (
	firstPort = 20000
	endOfPort = 32768
	tries     = 1000
)

// Free is an address of a host at which nobody listens. It stays free but for somebody who chooses this very port.
func Free(ctx context.Context, host string) (string, error) {
	var listening net.ListenConfig
	for range tries {
		address := net.JoinHostPort(host, strconv.Itoa(firstPort+rand.IntN(endOfPort-firstPort)))
		listener, err := listening.Listen(ctx, "tcp", address)
		switch {
		case err == nil:
			return address, listener.Close()
		case !errors.Is(err, syscall.EADDRINUSE):
			return "", fmt.Errorf("find a free port of %s: %w", host, err)
		}
	}
	return "", fmt.Errorf("find a free port of %s: each of %d between %d and %d is taken", host, tries, firstPort, endOfPort)
}
