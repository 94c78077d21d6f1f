package main_test

import (
	"context"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"
)

// newGraphMachine makes a place whose stack is Neo4j alone.
func newGraphMachine(t *testing.T) *machine {
	t.Helper()
	m := newWholeMachine(t)
	m.env = append(m.env, "DATABASE_URL=postgres://elsewhere/theirs", "REDIS_URL=redis://elsewhere:1/0", "TEMPORAL_ADDRESS=elsewhere:2")
	return m
}

// cypher runs a statement in the graph database of the running stack and gives the first value of its only row.
func (m *machine) cypher(statement string) any {
	m.t.Helper()
	ctx := context.WithoutCancel(m.t.Context())
	env := m.status().Environment
	driver, err := neo4j.NewDriverWithContext(env["NEO4J_URI"], neo4j.BasicAuth(env["NEO4J_USERNAME"], env["NEO4J_PASSWORD"], ""))
	require.NoError(m.t, err)
	defer func() { _ = driver.Close(ctx) }()
	result, err := neo4j.ExecuteQuery(ctx, driver, statement, nil, neo4j.EagerResultTransformer)
	require.NoError(m.t, err)
	require.Len(m.t, result.Records, 1)
	return result.Records[0].Values[0]
}

// TestGraphOutlivesCrashAndStop also shows that nobody gets in without the password, nor from the network.
func TestGraphOutlivesCrashAndStop(t *testing.T) {
	t.Parallel()
	m := newGraphMachine(t)
	m.run("up")
	before := m.status()
	require.Len(t, before.Environment, 4)
	require.Equal(t, int64(7), m.cypher("CREATE (k:Kept {n: 7}) RETURN k.n"))

	kill(t, before.pids()["neo4j"])
	require.False(t, m.status().Ready)
	m.run("up")
	require.Equal(t, before.Environment, m.status().Environment)
	require.Equal(t, int64(7), m.cypher("MATCH (k:Kept) RETURN k.n"))
	began := time.Now()
	m.run("down")
	t.Logf("stopped after %s", time.Since(began).Round(100*time.Millisecond))
	m.run("up")
	require.Equal(t, int64(7), m.cypher("MATCH (k:Kept) RETURN k.n"))

	driver, err := neo4j.NewDriverWithContext(before.Environment["NEO4J_URI"], neo4j.BasicAuth("neo4j", "neo4j", ""))
	require.NoError(t, err)
	require.ErrorContains(t, driver.VerifyConnectivity(t.Context()), "Unauthorized")
	require.NoError(t, driver.Close(t.Context()))
	requireClosedToTheNetwork(t, before.Environment["NEO4J_URI"])

	m.run("reset", "--yes")
	require.NoDirExists(t, filepath.Join(m.state, "neo4j"))
	m.run("up")
	require.Equal(t, int64(0), m.cypher("MATCH (k:Kept) RETURN count(k)"), "a reset forgets the graph")
}

func requireClosedToTheNetwork(t *testing.T, address string) {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	addresses, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, one := range addresses {
		ip, ok := one.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.IsLinkLocalUnicast() {
			continue
		}
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", net.JoinHostPort(ip.IP.String(), u.Port()))
		require.Error(t, err, "%s is open to the network", address)
		require.Nil(t, conn)
	}
}

// TestGraphKilledWhileStarting interrupts the first start, whose half made database the next one must not trip over.
func TestGraphKilledWhileStarting(t *testing.T) {
	t.Parallel()
	m := newGraphMachine(t)
	for _, after := range []time.Duration{500, 1500, 2500, 4000, 6000} {
		ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
		starting := exec.CommandContext(ctx, program, "up")
		starting.Dir, starting.Env = m.dir, m.env
		_ = starting.Run() // killed, or just ready on a fast machine
		cancel()
		if pid := m.status().pids()["neo4j"]; pid != 0 && runs(pid) {
			kill(t, pid)
		}
	}
	m.run("up")
	require.Equal(t, int64(1), m.cypher("RETURN 1"))
}

func TestGraphWithoutJavaIsNamedWithItsCommand(t *testing.T) {
	t.Parallel()
	m := newGraphMachine(t)
	m.bare()
	require.Contains(t, m.fail(1, "up"), "neo4j: java, javac or mvn is not installed: sudo apt-get install -y openjdk-17-jdk-headless maven")
	m.env[0] = "PATH=" + os.Getenv("PATH") // for what cleans up
}
