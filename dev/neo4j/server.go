// Package neo4j runs the local Neo4j Community: loopback and password only, with its data in the state folder. There is no
// package of it in Debian; its jars come from Maven and are run by a launcher of twenty lines on the embedded API.
package neo4j

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/city-resource-graph/crg/dev/port"
	"github.com/city-resource-graph/crg/dev/process"
	"github.com/city-resource-graph/crg/dev/state"
)

const (
	usualPort = 7687
	user      = "neo4j" // the only one that Community has at first
	stopGrace = 15 * time.Second
	settings  = "run/neo4j-settings.json"
)

// Server is the local Neo4j of one state folder.
type Server struct {
	folder state.Folder
}

// New describes the server; nothing is started yet.
func New(folder state.Folder) *Server { return &Server{folder: folder} }

// Name is the part's name on the command line and of its log.
func (s *Server) Name() string { return "neo4j" }

// Variable names the environment variable that stands for a server of somebody else.
func (s *Server) Variable() string { return "NEO4J_URI" }

// Needs names the parts that must run before this one.
func (s *Server) Needs() []string { return nil }

// Outdated is never the case: each setting of a running server still holds.
func (s *Server) Outdated() (string, error) { return "", nil }

// Ending lets the server write a checkpoint, so that the next start has nothing to recover.
func (s *Server) Ending() (syscall.Signal, time.Duration) { return syscall.SIGTERM, stopGrace }

type saved struct {
	Port int `json:"port"`
}

func (s *Server) port() (int, error) {
	var last saved
	err := s.folder.Load(settings, &last)
	return last.Port, err
}

// Environment is what the product reads to find this server; the names are those of Neo4j's own tools.
func (s *Server) Environment() (map[string]string, error) {
	secret, err := s.folder.Secret()
	if err != nil {
		return nil, err
	}
	p, err := s.port()
	if err != nil {
		return nil, err
	}
	return map[string]string{"NEO4J_URI": "bolt://" + port.Address(p), "NEO4J_USERNAME": user, "NEO4J_PASSWORD": secret}, nil
}

// Fetch brings the program to this machine; every other start finds it there.
func (s *Server) Fetch(ctx context.Context, tell func(format string, args ...any)) error {
	return fetch(ctx, tell)
}

// Prepare removes a database whose first start was interrupted, chooses the port and says what to start.
func (s *Server) Prepare(ctx context.Context) (process.Command, error) {
	java, err := exec.LookPath("java")
	if err != nil {
		return process.Command{}, ErrMissing
	}
	program, err := programFolder()
	if err != nil {
		return process.Command{}, err
	}
	config, err := s.configure(ctx)
	if err != nil {
		return process.Command{}, err
	}
	args := []string{
		"-Xmx512m", "-XX:+UseSerialGC",
		"-XX:TieredStopAtLevel=1", // ready in half the CPU time; what a query takes is about the same at this size
	}
	for _, opened := range []string{"java.nio", "java.io", "sun.nio.ch"} { // as Neo4j's own start script does
		args = append(args, "--add-opens=java.base/"+opened+"=ALL-UNNAMED")
	}
	args = append(args, "-cp", program+":"+program+"/jars/*", "Graph", s.home(), config)
	if !s.made() {
		if err := os.RemoveAll(s.home()); err != nil {
			return process.Command{}, fmt.Errorf("remove the half made database: %w", err)
		}
		args = append(args, s.folder.Sub("secret"))
	}
	if err := os.MkdirAll(s.home(), 0o700); err != nil {
		return process.Command{}, fmt.Errorf("create folder of Neo4j: %w", err)
	}
	return process.Command{
		Path: java, Args: args, Dir: s.home(),
		Env: []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC"},
	}, nil
}

// configure chooses the port and writes the settings in which this server differs from a fresh one.
func (s *Server) configure(ctx context.Context) (string, error) {
	before, err := s.port()
	if err != nil {
		return "", err
	}
	p, err := port.Pick(ctx, s.folder.Path, before, usualPort)
	if err != nil {
		return "", err
	}
	if err := s.folder.Save(settings, saved{Port: p}); err != nil {
		return "", err
	}
	lines := []string{
		"server.bolt.enabled=true",
		"server.bolt.listen_address=" + port.Address(p),
		"dbms.security.auth_enabled=true",
		"dbms.security.auth_max_failed_attempts=0", // who probes before the password is set is not locked out
		"dbms.usage_report.enabled=false",          // it would speak to the network
		"server.memory.pagecache.size=64m",
		"db.tx_log.rotation.retention_policy=2 files",
		// Connections are not waited for: the databases are closed before them, and a stop takes no 10 s more.
		"internal.dbms.bolt.netty_server_shutdown_quiet_period=0",
		"internal.dbms.bolt.netty_server_shutdown_timeout=0s",
		"internal.server.bolt.thread_pool_shutdown_wait_time=0s",
		"internal.server.bolt.connection_shutdown_wait_time=0s",
	}
	config := s.folder.Sub("run", "neo4j.conf")
	if err := os.WriteFile(config, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("write settings of Neo4j: %w", err)
	}
	return config, nil
}

func (s *Server) home() string { return s.folder.Sub("neo4j") }

// Made is the file that says that the first start came to its end; without it the database is made anew.
const Made = "neo4j/made"

func (s *Server) made() bool {
	_, err := os.Stat(s.folder.Sub(Made))
	return !errors.Is(err, fs.ErrNotExist)
}
