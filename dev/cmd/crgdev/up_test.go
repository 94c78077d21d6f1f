package main_test

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUpTwiceFindsTheRunningStack(t *testing.T) {
	t.Parallel()
	m := newWholeMachine(t)
	require.NoError(t, os.RemoveAll(m.state)) // a first start, at whatever ports are free
	began := time.Now()
	out, _ := m.run("up")
	t.Logf("ready after %s", time.Since(began).Round(100*time.Millisecond))
	require.Contains(t, out, "CRG_WEB_UI")
	secret, err := os.ReadFile(filepath.Join(m.state, "secret"))
	require.NoError(t, err)
	require.NotContains(t, out, strings.TrimSpace(string(secret)), "the terminal shows no password")

	first := m.status()
	require.True(t, first.Ready)
	m.run("up")
	require.Equal(t, first, m.status())

	ctx := t.Context()
	var extensions, connections int
	var durable string
	conn := m.database(ctx)
	require.NoError(t, conn.QueryRow(ctx, `select count(*) from pg_extension where extname in ('postgis', 'pg_trgm', 'btree_gist')`).Scan(&extensions))
	require.Equal(t, 3, extensions)
	require.NoError(t, conn.QueryRow(ctx, `select current_setting('max_connections')::int, current_setting('synchronous_commit')`).Scan(&connections, &durable))
	require.Equal(t, 300, connections)
	require.Equal(t, "on", durable)
}

func TestManyStartsAtOnceMakeOneStack(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	var group sync.WaitGroup
	outputs, errs := make([]string, 4), make([]error, 4)
	for i := range outputs {
		cmd := m.command("exec", "--", "sh", "-c", `echo "$DATABASE_URL $REDIS_URL $TEMPORAL_ADDRESS"`)
		group.Go(func() {
			out, err := cmd.Output()
			outputs[i], errs[i] = string(out), err
		})
	}
	group.Wait()
	for i := range outputs {
		require.NoError(t, errs[i])
		require.Equal(t, outputs[0], outputs[i])
	}
}

func TestEverythingListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	m.run("up")
	_, temporalPort, err := net.SplitHostPort(m.status().Environment["TEMPORAL_ADDRESS"])
	require.NoError(t, err)
	ports := []string{temporalPort}
	for _, name := range []string{"DATABASE_URL", "REDIS_URL", "CRG_WEB_UI"} {
		u, err := url.Parse(m.status().Environment[name])
		require.NoError(t, err)
		ports = append(ports, u.Port())
	}
	addresses, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, address := range addresses {
		ip, ok := address.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.IsLinkLocalUnicast() {
			continue
		}
		for _, port := range ports {
			conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", net.JoinHostPort(ip.IP.String(), port))
			require.Error(t, err, "%s:%s is open to the network", ip.IP, port)
			require.Nil(t, conn)
		}
	}
}

// TestTakenPortIsLeftToItsOwner runs alone: stacks of other tests would look for ports at the same time.
func TestTakenPortIsLeftToItsOwner(t *testing.T) {
	m := newMachine(t, "state")
	ctx := t.Context()
	m.run("up")
	before := m.status().Environment
	_, err := m.database(ctx).Exec(ctx, "create table kept as select 7 as n")
	require.NoError(t, err)
	m.run("down")

	// Strangers settle on the ports while the stack is down.
	var seen sync.Map
	for _, name := range []string{"DATABASE_URL", "REDIS_URL", "CRG_WEB_UI"} {
		u, err := url.Parse(before[name])
		require.NoError(t, err)
		occupy(t, u.Host, &seen)
	}
	occupy(t, before["TEMPORAL_ADDRESS"], &seen)

	m.run("up")
	after := m.status()
	require.True(t, after.Ready)
	for _, name := range []string{"DATABASE_URL", "REDIS_URL", "CRG_WEB_UI", "TEMPORAL_ADDRESS"} {
		require.NotEqual(t, before[name], after.Environment[name])
	}
	var n int
	require.NoError(t, m.database(ctx).QueryRow(ctx, "select n from kept").Scan(&n))
	require.Equal(t, 7, n)
	seen.Range(func(address, _ any) bool {
		require.Fail(t, "a stranger was talked to", "%v", address)
		return true
	})
}

// occupy listens on an address and notes every caller.
func occupy(t *testing.T, address string, callers *sync.Map) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			callers.Store(address, true)
			_ = conn.Close()
		}
	}()
}

func TestAwkwardPaths(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]string{
		"spaces and signs":       "my city's %41 folder",
		"longer than a socket's": strings.Repeat("a-long-name/", 20) + "state",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, state)
			m.run("up")
			require.Equal(t, m.state, m.status().Folder)
			blobs, err := url.Parse(m.status().Environment["CRG_BLOBS"])
			require.NoError(t, err)
			require.Equal(t, filepath.Join(m.state, "blobs"), blobs.Path)
			require.DirExists(t, blobs.Path)
		})
	}
}

func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "state")
	if asRoot(t) { // everybody else is one already
		m.user = "nobody"
		require.NoError(t, os.RemoveAll(m.state))  // it is to be theirs
		require.NoError(t, os.Chmod(m.dir, 0o777)) //nolint:gosec // a throw-away folder for that user
	}
	m.run("up")
	require.True(t, m.status().Ready)
	m.run("down")
	require.False(t, m.status().Ready)
}

// TestClosedCheckout shows where the state goes when the user of PostgreSQL cannot enter the checkout. Only root has
// another user for PostgreSQL; for everybody else the state stays where it belongs.
func TestClosedCheckout(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "unused")
	closed := filepath.Join(m.dir, "closed")
	checkout := filepath.Join(closed, "crg")
	require.NoError(t, os.MkdirAll(filepath.Join(checkout, "dev"), 0o700))
	for _, file := range []string{"go.mod", "dev/go.mod"} {
		require.NoError(t, os.WriteFile(filepath.Join(checkout, file), nil, 0o600))
	}
	m.dir = filepath.Join(checkout, "dev")
	m.env = m.env[:3] // no CRGDEV_STATE

	_, said := m.run("up")
	folder := m.status().Folder
	if asRoot(t) {
		require.Contains(t, said, fmt.Sprintf("state is in %s: user %q cannot enter", folder, "postgres"))
		require.True(t, strings.HasPrefix(folder, "/var/tmp/crg-0-"), folder)
		require.NoError(t, os.Chmod(closed, 0o755)) //nolint:gosec // now PostgreSQL could enter: the data must stay found
		require.Equal(t, folder, m.status().Folder)
	} else {
		require.Equal(t, filepath.Join(checkout, ".crg"), folder)
	}
	m.run("reset", "--yes")
	require.NoDirExists(t, folder)
	m.dir = filepath.Dir(closed)
	m.env = append(m.env, "CRGDEV_STATE="+m.state)
}
