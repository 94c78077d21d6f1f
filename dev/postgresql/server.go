// Package postgresql runs the local PostgreSQL with PostGIS: a cluster of its own in the state folder, with the binaries
// that the distribution installed, reachable over loopback only and by password only.
package postgresql

import (
	"context"
	"net/url"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/city-resource-graph/crg/dev/port"
	"github.com/city-resource-graph/crg/dev/process"
	"github.com/city-resource-graph/crg/dev/state"
)

const (
	usualPort = 5432
	// Role is the owner of everything in the cluster.
	Role = "crg"
	// Database is the product's; Temporal has its own beside it.
	Database = "crg"

	stopGrace = 30 * time.Second
)

// Server is the local PostgreSQL of one state folder.
type Server struct {
	folder state.Folder
}

// New describes the server; nothing is started yet.
func New(folder state.Folder) *Server { return &Server{folder: folder} }

// Name is the part's name on the command line and of its log.
func (s *Server) Name() string { return "postgres" }

// Variable names the environment variable that stands for a server of somebody else.
func (s *Server) Variable() string { return "DATABASE_URL" }

// Needs names the parts that must run before this one.
func (s *Server) Needs() []string { return nil }

type settings struct {
	Port int `json:"port"`
}

// Port is the port of the last start; 0 before the first one.
func (s *Server) Port() (int, error) {
	var saved settings
	err := s.folder.Load("run/postgres-settings.json", &saved)
	return saved.Port, err
}

// URL is the connection string of a database of this cluster.
func (s *Server) URL(database string) (string, error) {
	secret, err := s.folder.Secret()
	if err != nil {
		return "", err
	}
	p, err := s.Port()
	if err != nil {
		return "", err
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(Role, secret), Host: port.Address(p),
		Path: database, RawQuery: "sslmode=disable",
	}
	return u.String(), nil
}

// Environment is what the product reads to find this server.
func (s *Server) Environment() (map[string]string, error) {
	u, err := s.URL(Database)
	return map[string]string{"DATABASE_URL": u}, err
}

// Outdated is never the case: each setting of a running server still holds.
func (s *Server) Outdated() (string, error) { return "", nil }

// Prepare makes the cluster where there is none, chooses its port and says what to start.
func (s *Server) Prepare(ctx context.Context) (process.Command, error) {
	bin, err := findBinaries("/", s.folder)
	if err != nil {
		return process.Command{}, err
	}
	if err := s.initialise(ctx, bin); err != nil {
		return process.Command{}, err
	}
	if err := s.clearRemains(ctx); err != nil {
		return process.Command{}, err
	}
	before, err := s.Port()
	if err != nil {
		return process.Command{}, err
	}
	p, err := port.Pick(ctx, s.folder.Path, before, usualPort)
	if err != nil {
		return process.Command{}, err
	}
	if err := s.folder.Save("run/postgres-settings.json", settings{Port: p}); err != nil {
		return process.Command{}, err
	}
	return process.Command{
		Path: bin.path("postgres"), Args: s.arguments(p), User: s.folder.ServerUser, Dir: s.folder.Path,
		Env: []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC"},
	}, nil
}

// arguments are the settings in which this cluster differs from a fresh one; each start states them anew.
func (s *Server) arguments(p int) []string {
	args := []string{"-D", s.data()}
	for _, setting := range []string{
		"listen_addresses=" + port.Host,
		"port=" + strconv.Itoa(p),
		"unix_socket_directories=", // a socket's path is limited to about 107 bytes, a checkout's is not
		"max_connections=300",      // Temporal holds about 40, each test package a pool of its own
		"shared_buffers=256MB",
		"max_wal_size=2GB",
		"synchronous_commit=on", // what was acknowledged outlives a kill -9
		"timezone=UTC",
		"log_timezone=UTC",
		"log_line_prefix=%m [%p] %d ",
	} {
		args = append(args, "-c", setting)
	}
	return args
}

// Ending is the fast shutdown: open transactions are rolled back, everything else is on disk.
func (s *Server) Ending() (syscall.Signal, time.Duration) { return syscall.SIGINT, stopGrace }

func (s *Server) data() string { return s.folder.Sub("postgres") }
