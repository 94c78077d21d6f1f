package loopback_test

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/loopback"
	"github.com/city-resource-graph/crg/loopback/loopbacktest"
)

// TestNobodyElseComesToAFreeAddress: it can be listened at, and the kernel does not give its port away by itself.
func TestNobodyElseComesToAFreeAddress(t *testing.T) {
	t.Parallel()
	address, err := loopback.Free(t.Context(), loopback.Host)
	require.NoError(t, err)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()

	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	require.NoError(t, err)
	first, err := strconv.Atoi(strings.Fields(string(text))[0])
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	require.Less(t, number, first)
}

func TestAHostThatIsNotHereIsNamed(t *testing.T) {
	t.Parallel()
	_, err := loopback.Free(t.Context(), "192.0.2.1") // of the range for documentation: no machine has it
	require.ErrorContains(t, err, "192.0.2.1")
}

// TestTestsHaveHostsOfTheirOwn: two tests do not meet.
func TestTestsHaveHostsOfTheirOwn(t *testing.T) {
	t.Parallel()
	one, other := loopbacktest.Address(t), loopbacktest.Address(t)
	require.NotEqual(t, one, other)
}
