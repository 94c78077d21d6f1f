// Package redis runs the local Redis: loopback and password only, with its data in the state folder.
package redis

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/city-resource-graph/crg/dev/port"
	"github.com/city-resource-graph/crg/dev/process"
	"github.com/city-resource-graph/crg/dev/state"
)

const (
	usualPort = 6379
	stopGrace = 10 * time.Second
)

// ErrMissing means that Redis is not installed; the message names the command that installs it.
var ErrMissing = errors.New("redis-server is not installed: sudo apt-get install -y redis-server")

// Server is the local Redis of one state folder.
type Server struct {
	folder state.Folder
}

// New describes the server; nothing is started yet.
func New(folder state.Folder) *Server { return &Server{folder: folder} }

// Name is the part's name on the command line and of its log.
func (s *Server) Name() string { return "redis" }

// Variable names the environment variable that stands for a server of somebody else.
func (s *Server) Variable() string { return "REDIS_URL" }

// Needs names the parts that must run before this one.
func (s *Server) Needs() []string { return nil }

// Outdated is never the case: each setting of a running server still holds.
func (s *Server) Outdated() (string, error) { return "", nil }

type settings struct {
	Port int `json:"port"`
}

func (s *Server) port() (int, error) {
	var saved settings
	err := s.folder.Load("run/redis-settings.json", &saved)
	return saved.Port, err
}

// Environment is what the product reads to find this server.
func (s *Server) Environment() (map[string]string, error) {
	secret, err := s.folder.Secret()
	if err != nil {
		return nil, err
	}
	p, err := s.port()
	if err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "redis", User: url.UserPassword("default", secret), Host: port.Address(p), Path: "/0"}
	return map[string]string{"REDIS_URL": u.String()}, nil
}

// Prepare writes the settings and says what to start.
func (s *Server) Prepare(ctx context.Context) (process.Command, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return process.Command{}, ErrMissing
	}
	config, err := s.configure(ctx)
	if err != nil {
		return process.Command{}, err
	}
	return process.Command{
		Path: program, Args: []string{config}, Dir: s.folder.Sub("redis"),
		Env: []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC"},
	}, nil
}

// Complete has nothing to make.
func (s *Server) Complete(ctx context.Context) error { return s.Ready(ctx) }

// Ending lets the server write its last commands.
func (s *Server) Ending() (syscall.Signal, time.Duration) { return syscall.SIGTERM, stopGrace }

// configure writes the settings to a file: the password must not stand in the process list.
func (s *Server) configure(ctx context.Context) (string, error) {
	dir := s.folder.Sub("redis")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("create folder of Redis: %w", err)
	}
	before, err := s.port()
	if err != nil {
		return "", err
	}
	p, err := port.Pick(ctx, s.folder.Path, before, usualPort)
	if err != nil {
		return "", err
	}
	if err := s.folder.Save("run/redis-settings.json", settings{Port: p}); err != nil {
		return "", err
	}
	secret, err := s.folder.Secret()
	if err != nil {
		return "", err
	}
	lines := []string{
		"bind " + port.Host,
		"port " + strconv.Itoa(p),
		"protected-mode yes",
		"requirepass " + secret,
		"dir " + strconv.Quote(dir),
		"appendonly yes", // a kill -9 loses a second at most
		"appendfsync everysec",
		"daemonize no",
	}
	config := s.folder.Sub("run", "redis.conf")
	if err := os.WriteFile(config, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("write settings of Redis: %w", err)
	}
	return config, nil
}

// Ready reports whether the server answers to its password now. Two lines of its protocol need no client library.
func (s *Server) Ready(ctx context.Context) error {
	secret, err := s.folder.Secret()
	if err != nil {
		return err
	}
	p, err := s.port()
	if err != nil {
		return err
	}
	conn, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "tcp", port.Address(p))
	if err != nil {
		return fmt.Errorf("connect to Redis: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return fmt.Errorf("ask Redis: %w", err)
	}
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\nPING\r\n", secret); err != nil {
		return fmt.Errorf("ask Redis: %w", err)
	}
	answers := bufio.NewReader(conn)
	for _, want := range []string{"+OK", "+PONG"} {
		line, err := answers.ReadString('\n')
		if err != nil {
			return fmt.Errorf("ask Redis: %w", err)
		}
		if got := strings.TrimSpace(line); got != want {
			return fmt.Errorf("ask Redis: answered %q instead of %q", got, want)
		}
	}
	return nil
}
