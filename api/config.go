package api

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/codec"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/outbound"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/telemetry"
)

// Config is what the API is told from outside. The zero value of each field but Address means its default.
type Config struct {
	// Address is where the API listens, host:port.
	Address string
	// MetricsAddress is where /metrics listens; empty means not at all.
	MetricsAddress string
	// WebUI is the base URL of the Temporal Web UI, used in links.
	WebUI string
	// Namespace is the Temporal namespace, used in links; "default" when empty.
	Namespace string
	// QueuePrefix keeps installations that share a namespace apart; empty in most.
	QueuePrefix string
	// ImportFolders are the folders on the workers' disk from which imports may read. Without one, no import can be
	// started over the API: a caller must never choose freely which of the workers' files is read.
	ImportFolders []string
	// ProfileFolders are city folders on the workers' disk beside the profiles that ship. An import names one by its last
	// element, and it hides a shipped one of that name.
	ProfileFolders []string
	// Links reads the links by which holders answer without a key; without its secret none is taken.
	Links notices.Links
	// Outbound says which hosts imports may fetch from; none when zero.
	Outbound outbound.Policy
	// Rate limits each caller; 200 a second with bursts of 400 when zero. Whoever fails to sign in has a tenth of it.
	Rate cache.Rate
	// RequestTime is how long one request may take; 15 s when zero.
	RequestTime time.Duration
	// Heartbeat is how often a silent stream of events says that it lives, below the patience of proxies; 15 s when zero.
	Heartbeat time.Duration
	// GraceTime is how long requests under way may take after the stop was asked for; 20 s when zero.
	GraceTime time.Duration
}

// Dependencies are what the API works with. Whoever made them closes them, after Run has returned.
type Dependencies struct {
	Store    *postgres.Store
	Cache    *cache.Cache
	Temporal client.Client
	Objects  activities.Objects // object storage; nil = what needs it answers 503
	Webhooks WebhookChecker     // of addresses that notices go to; nil = no webhooks
	Graph    *graph.Graph       // nil = this installation has none: what needs it answers 503
	Metrics  *telemetry.Metrics
	// Keys open the payloads of workflows for operators in the Web UI; nil = payloads are not sealed.
	Keys   *codec.Keys
	Traces *telemetry.Traces // none when nil
	Logger *slog.Logger
}

const (
	maxBody          = 1 << 20  // 5,000 confirmations are 400 KiB
	maxFile          = 16 << 20 // a workbook of 100,000 rows is 5 to 10 MiB
	maxHeader        = 32 << 10
	defaultPerSecond = 200
	defaultRequest   = 15 * time.Second
	defaultGrace     = 20 * time.Second
	defaultHeartbeat = 15 * time.Second
)

func (c Config) withDefaults() (Config, error) {
	if c.Namespace == "" {
		c.Namespace = client.DefaultNamespace
	}
	if c.Rate == (cache.Rate{}) {
		c.Rate = cache.Rate{PerSecond: defaultPerSecond, Burst: 2 * defaultPerSecond}
	}
	if c.Rate.PerSecond < 1 || c.Rate.Burst < 1 {
		return Config{}, fmt.Errorf("rate %d a second, burst %d: want at least 1 each", c.Rate.PerSecond, c.Rate.Burst)
	}
	if c.RequestTime == 0 {
		c.RequestTime = defaultRequest
	}
	if c.Heartbeat == 0 {
		c.Heartbeat = defaultHeartbeat
	}
	if c.GraceTime == 0 {
		c.GraceTime = defaultGrace
	}
	var err error
	if c.ImportFolders, err = absolute(c.ImportFolders); err != nil {
		return Config{}, fmt.Errorf("import folders: %w", err)
	}
	if c.ProfileFolders, err = absolute(c.ProfileFolders); err != nil {
		return Config{}, fmt.Errorf("profile folders: %w", err)
	}
	return c, nil
}

func absolute(folders []string) ([]string, error) {
	all := make([]string, len(folders))
	for i, folder := range folders {
		var err error
		if all[i], err = filepath.Abs(folder); err != nil {
			return nil, fmt.Errorf("%q: %w", folder, err)
		}
	}
	return all, nil
}

func (d Dependencies) validate() error {
	if d.Store == nil || d.Cache == nil || d.Temporal == nil || d.Metrics == nil || d.Logger == nil {
		return errors.New("the API needs a store, a cache, a Temporal client, metrics and a logger")
	}
	return nil
}
