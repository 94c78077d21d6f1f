// Package loopbacktest gives tests addresses at which nobody else looks for a port.
package loopbacktest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/loopback"
)

// Address is host:port of a loopback host that is this test's own. It stays free while the test does not listen at it.
func Address(t testing.TB) string {
	t.Helper()
	address, err := loopback.Free(t.Context(), fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254)))
	require.NoError(t, err)
	return address
}
