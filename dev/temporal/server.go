// Package temporal runs the local Temporal server and its Web UI. Both are linked into crgdev and run in a process of
// their own ("crgdev serve"), on databases of the local PostgreSQL.
package temporal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/city-resource-graph/crg/dev/port"
	"github.com/city-resource-graph/crg/dev/postgresql"
	"github.com/city-resource-graph/crg/dev/process"
	"github.com/city-resource-graph/crg/dev/state"
)

const (
	usualPort   = 7233
	usualWebUI  = 8233
	usualInside = 27230 // for the ports that nobody outside needs to know
	insideApart = 500

	stopGrace = 15 * time.Second
	settings  = "run/temporal-settings.json"
)

// SyncVariable names the environment variable that, set to "off", lets the databases of Temporal acknowledge before they
// are on disk: about 30 % more workflows a second, and a killed PostgreSQL forgets the last 0.6 s. For throw-away tests.
const SyncVariable = "CRGDEV_SYNC"

// Server is the local Temporal of one state folder.
type Server struct {
	folder   state.Folder
	postgres *postgresql.Server
	sync     string
	api      string // where the product's API listens; empty where nobody said
}

// New describes the server; nothing is started yet. Sync is the value of SyncVariable: "", "on" or "off"; api that of
// APIVariable.
func New(folder state.Folder, postgres *postgresql.Server, sync, api string) (*Server, error) {
	switch sync {
	case "":
		sync = "on"
	case "on", "off":
	default:
		return nil, fmt.Errorf("%s is %q: it can be on or off", SyncVariable, sync)
	}
	return &Server{folder: folder, postgres: postgres, sync: sync, api: api}, nil
}

// Settings is what one start of the server was given.
type Settings struct {
	Port  int `json:"port"`
	WebUI int `json:"web_ui"`
	// Inside are the ports of history, matching and internal worker service, of the HTTP API and of the metrics.
	Inside [5]int `json:"inside"`
	// Postgres is the port of the PostgreSQL that holds its databases.
	Postgres int `json:"postgres"`
	// Sync is the setting synchronous_commit of its connections.
	Sync string `json:"sync"`
}

// Name is the part's name on the command line and of its log.
func (s *Server) Name() string { return "temporal" }

// Variable names the environment variable that stands for a server of somebody else.
func (s *Server) Variable() string { return "TEMPORAL_ADDRESS" }

// Needs names the parts that must run before this one: the databases of somebody else's PostgreSQL are not touched.
func (s *Server) Needs() []string { return []string{s.postgres.Name()} }

func (s *Server) settings() (Settings, error) {
	var saved Settings
	err := s.folder.Load(settings, &saved)
	return saved, err
}

// Environment is what the product reads to find this server.
func (s *Server) Environment() (map[string]string, error) {
	saved, err := s.settings()
	return map[string]string{
		"TEMPORAL_ADDRESS":   port.Address(saved.Port),
		"TEMPORAL_NAMESPACE": Namespace,
		"CRG_WEB_UI":         "http://" + port.Address(saved.WebUI),
	}, err
}

// Outdated says why a running server must be started anew; empty when it need not.
func (s *Server) Outdated() (string, error) {
	saved, err := s.settings()
	if err != nil {
		return "", err
	}
	p, err := s.postgres.Port()
	switch {
	case err != nil:
		return "", err
	case saved.Postgres != p:
		return fmt.Sprintf("PostgreSQL moved from port %d to %d", saved.Postgres, p), nil
	case saved.Sync != s.sync:
		return fmt.Sprintf("%s was %s and is to be %s", SyncVariable, saved.Sync, s.sync), nil
	}
	return "", nil
}

// Prepare chooses the ports and says what to start: this very program.
func (s *Server) Prepare(ctx context.Context) (process.Command, error) {
	if err := s.configure(ctx); err != nil {
		return process.Command{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return process.Command{}, fmt.Errorf("find own program: %w", err)
	}
	return process.Command{
		Path: self, Args: []string{"serve"}, Dir: s.folder.Path,
		Env: []string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TZ=UTC", state.Variable + "=" + s.folder.Path, APIVariable + "=" + s.api},
	}, nil
}

// Complete has nothing to make: the server makes its databases and its namespace itself.
func (s *Server) Complete(ctx context.Context) error { return s.Ready(ctx) }

// Ending lets the server hand its shards back.
func (s *Server) Ending() (syscall.Signal, time.Duration) { return syscall.SIGTERM, stopGrace }

// configure chooses the ports: those of the last start where they are still free.
func (s *Server) configure(ctx context.Context) error {
	saved, err := s.settings()
	if err != nil {
		return err
	}
	if saved.Port, err = port.Pick(ctx, s.folder.Path, saved.Port, usualPort); err != nil {
		return err
	}
	if saved.WebUI, err = port.Pick(ctx, s.folder.Path, saved.WebUI, usualWebUI); err != nil {
		return err
	}
	for i := range saved.Inside {
		// Each looks in a range of its own: none of them is listened on before all are chosen.
		if saved.Inside[i], err = port.Pick(ctx, s.folder.Path, saved.Inside[i], usualInside+i*insideApart); err != nil {
			return err
		}
	}
	if saved.Postgres, err = s.postgres.Port(); err != nil {
		return err
	}
	saved.Sync = s.sync
	return s.folder.Save(settings, saved)
}

// askLimit is for a loaded machine: a server that is away refuses at once.
const askLimit = 15 * time.Second

// Ready reports whether workflows can be started and looked at now. It asks through the Web UI, which asks the server:
// the answer of a cluster with another id says that one of the two ports is somebody else's.
func (s *Server) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	saved, err := s.settings()
	if err != nil {
		return err
	}
	secret, err := s.folder.Secret()
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+port.Address(saved.WebUI)+"/api/v1/cluster-info", nil)
	if err != nil {
		return fmt.Errorf("ask Web UI: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask Web UI: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ask Web UI: answered %s", response.Status)
	}
	var cluster struct {
		ID string `json:"clusterId"`
	}
	if err := json.NewDecoder(response.Body).Decode(&cluster); err != nil {
		return fmt.Errorf("ask Web UI: %w", err)
	}
	if cluster.ID != clusterID(secret) {
		return fmt.Errorf("the Temporal cluster at %s is another one (%s)", port.Address(saved.WebUI), cluster.ID)
	}
	return nil
}

// clusterID tells the cluster of this state folder from all others, without giving the secret away.
func clusterID(secret string) string { return uuid.NewSHA1(uuid.NameSpaceOID, []byte(secret)).String() }
