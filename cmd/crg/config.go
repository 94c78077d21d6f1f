package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Config is everything that a crg process is told from outside. Each key has one environment variable, which wins over
// the file named by CRG_CONFIG (YAML, the same keys), which wins over the default.
type Config struct {
	// DatabaseURL is the PostgreSQL database of the product. DATABASE_URL, required by whatever stores.
	DatabaseURL string `yaml:"database_url"`
	// RedisURL is the cache. REDIS_URL; without it, or when it is away, the API falls back to local limits.
	RedisURL string `yaml:"redis_url"`
	// TemporalAddress is the frontend's host:port. TEMPORAL_ADDRESS.
	TemporalAddress string `yaml:"temporal_address"`
	// TemporalNamespace. TEMPORAL_NAMESPACE, default "default".
	TemporalNamespace string `yaml:"temporal_namespace"`
	// Blobs is the object store's URL: file://, s3:// or gs://. CRG_BLOBS.
	Blobs string `yaml:"blobs"`
	// WebUI is the base URL of the Temporal Web UI, used in links. CRG_WEB_UI.
	WebUI string `yaml:"web_ui"`
	// APIAddress is where the API listens. CRG_API_ADDRESS, default 127.0.0.1:8080.
	APIAddress string `yaml:"api_address"`
	// MetricsAddress is where /metrics listens, on a port of its own. CRG_METRICS_ADDRESS, default 127.0.0.1:9464.
	MetricsAddress string `yaml:"metrics_address"`
	// ImportFolders are the folders on the workers' disk from which imports over the API may read, separated by colons.
	// CRG_IMPORT_FOLDERS; without one, no import can be started over the API.
	ImportFolders []string `yaml:"import_folders"`
	// GraceTime is how long a process may take to stop after SIGINT or SIGTERM. CRG_GRACE_TIME, default 25s.
	GraceTime time.Duration `yaml:"grace_time"`
	// BuildID names the worker's version. CRG_BUILD_ID, default: a hash of the executable.
	BuildID string `yaml:"build_id"`
	// MakeCurrent lets a worker make its own version current once its pollers are seen (development). In production
	// a rollout does. CRG_MAKE_CURRENT, default true.
	MakeCurrent bool `yaml:"make_current"`
}

// loadConfig reads file and environment and refuses unknown keys and values of the wrong type.
func loadConfig() (Config, error) {
	config := Config{
		TemporalNamespace: "default", APIAddress: "127.0.0.1:8080", MetricsAddress: "127.0.0.1:9464",
		GraceTime: 25 * time.Second, MakeCurrent: true,
	}
	if path := os.Getenv("CRG_CONFIG"); path != "" {
		file, err := os.Open(path)
		if err != nil {
			return Config{}, usagef("CRG_CONFIG: %w", err)
		}
		defer func() { _ = file.Close() }()
		decoder := yaml.NewDecoder(file)
		decoder.KnownFields(true)
		if err := decoder.Decode(&config); err != nil {
			return Config{}, usagef("configuration file %s: %w", path, err)
		}
	}
	return config, config.fromEnvironment()
}

func (c *Config) fromEnvironment() error {
	for name, target := range map[string]*string{
		"DATABASE_URL": &c.DatabaseURL, "REDIS_URL": &c.RedisURL, "TEMPORAL_ADDRESS": &c.TemporalAddress,
		"TEMPORAL_NAMESPACE": &c.TemporalNamespace, "CRG_BLOBS": &c.Blobs, "CRG_WEB_UI": &c.WebUI,
		"CRG_API_ADDRESS": &c.APIAddress, "CRG_METRICS_ADDRESS": &c.MetricsAddress, "CRG_BUILD_ID": &c.BuildID,
	} {
		if value, set := os.LookupEnv(name); set {
			*target = value
		}
	}
	if value, set := os.LookupEnv("CRG_IMPORT_FOLDERS"); set {
		c.ImportFolders = filepath.SplitList(value)
	}
	if value, set := os.LookupEnv("CRG_GRACE_TIME"); set {
		grace, err := time.ParseDuration(value)
		if err != nil || grace <= 0 {
			return usagef("CRG_GRACE_TIME %q: want a duration such as 25s", value)
		}
		c.GraceTime = grace
	}
	if value, set := os.LookupEnv("CRG_MAKE_CURRENT"); set {
		current, err := strconv.ParseBool(value)
		if err != nil {
			return usagef("CRG_MAKE_CURRENT %q: want true or false", value)
		}
		c.MakeCurrent = current
	}
	return nil
}

// require names the settings that a command cannot do without and how to get them.
func (c Config) require(names ...string) error {
	values := map[string]string{
		"DATABASE_URL": c.DatabaseURL, "REDIS_URL": c.RedisURL, "TEMPORAL_ADDRESS": c.TemporalAddress, "CRG_BLOBS": c.Blobs,
	}
	var missing []string
	for _, name := range names {
		if values[name] == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return usage(fmt.Errorf("%s not set: set it, or start a local stack around the command with 'bin/crgdev exec -- bin/crg ...'",
		strings.Join(missing, ", ")))
}
