package port_test

import (
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/dev/port"
)

func TestPick(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", port.Host+":0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	address, ok := l.Addr().(*net.TCPAddr)
	require.True(t, ok)
	taken := address.Port
	require.False(t, port.Free(t.Context(), taken))

	first, err := port.Pick(t.Context(), "one checkout", 0, taken)
	require.NoError(t, err)
	require.Greater(t, first, taken)
	require.LessOrEqual(t, first, taken+400)

	again, err := port.Pick(t.Context(), "one checkout", first, taken)
	require.NoError(t, err)
	require.Equal(t, first, again, "the port of the last start comes first")

	other, err := port.Pick(t.Context(), "another checkout", 0, taken)
	require.NoError(t, err)
	require.NotEqual(t, first, other)
}

// TestPickOutlastsSomebodyWhoOnlyLooks holds the wanted port for the moment that a look at it takes, and longer.
func TestPickOutlastsSomebodyWhoOnlyLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", port.Host+":0")
		require.NoError(t, err)
		address, ok := l.Addr().(*net.TCPAddr)
		require.True(t, ok)
		time.AfterFunc(time.Millisecond, func() { _ = l.Close() })
		picked, err := port.Pick(t.Context(), "its owner", address.Port)
		require.NoError(t, err)
		require.Equal(t, address.Port, picked)
	})
}
