// Package postgresql runs the local PostgreSQL with PostGIS: a cluster of its own in the state folder, with the binaries
// that the distribution installed, reachable over loopback only and by password only.
package postgresql

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
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
	// orphanGrace is how long the children of a killed postmaster may hold its shared memory: they end on their own
	// as soon as they next wait for anything.
	orphanGrace = 20 * time.Second
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

// Process gives the running postmaster; the zero record when there is none.
func (s *Server) Process() (process.Record, error) {
	record, err := process.Load(s.folder.Sub("run", "postgres.json"))
	if err != nil || !record.Alive() {
		return process.Record{}, err
	}
	return record, nil
}

// Outdated is never the case: each setting of a running server still holds.
func (s *Server) Outdated() (string, error) { return "", nil }

// Start brings the server up from whatever was left: nothing, a stopped or a killed cluster, a half made one.
func (s *Server) Start(ctx context.Context) error {
	record, err := s.Process()
	if err != nil {
		return err
	}
	if record.Alive() {
		return process.Earlier(record, s.log()).Await(ctx, s.provision)
	}
	bin, err := findBinaries("/", s.folder)
	if err != nil {
		return err
	}
	if err := s.initialise(ctx, bin); err != nil {
		return err
	}
	if err := s.dropStalePID(); err != nil {
		return err
	}
	deadline := time.Now().Add(orphanGrace)
	for {
		err := s.launch(ctx, bin)
		orphans := err != nil && strings.Contains(err.Error(), "is still in use") // shared memory
		if !orphans || time.Now().After(deadline) {
			return err
		}
	}
}

// launch starts the postmaster once and waits until its databases can be used.
func (s *Server) launch(ctx context.Context, bin binaries) error {
	before, err := s.Port()
	if err != nil {
		return err
	}
	p, err := port.Pick(ctx, s.folder.Path, before, usualPort)
	if err != nil {
		return err
	}
	if err := s.folder.Save("run/postgres-settings.json", settings{Port: p}); err != nil {
		return err
	}
	running, err := process.Start(process.Command{
		Path: bin.path("postgres"), Args: s.arguments(p), User: s.folder.ServerUser, Dir: s.folder.Path,
		Log: s.log(), Env: []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC"},
	})
	if err != nil {
		return err
	}
	if err := running.Save(s.folder.Sub("run", "postgres.json")); err != nil {
		return err
	}
	return running.Await(ctx, s.provision)
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

func (s *Server) log() string { return s.folder.Sub("log", s.Name()+".log") }

// Stop ends the server in an orderly way: open transactions are rolled back, everything else is on disk.
func (s *Server) Stop(ctx context.Context) error {
	record, err := s.Process()
	if err != nil {
		return err
	}
	return record.Stop(ctx, syscall.SIGINT, stopGrace)
}

func (s *Server) data() string { return s.folder.Sub("postgres") }

// dropStalePID removes the pid file of a killed postmaster when its id belongs to somebody else by now; PostgreSQL
// itself then refuses to start, because it sees a living process.
func (s *Server) dropStalePID() error {
	path := s.folder.Sub("postgres", "postmaster.pid")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read pid file of PostgreSQL: %w", err)
	}
	first, _, _ := strings.Cut(string(data), "\n")
	cmdline, err := os.ReadFile("/proc/" + strings.TrimSpace(first) + "/cmdline")
	if err == nil && strings.Contains(string(cmdline), s.data()) {
		return fmt.Errorf("PostgreSQL runs on %s as process %s without having been recorded: end that process", s.data(), first)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove stale pid file: %w", err)
	}
	return nil
}
