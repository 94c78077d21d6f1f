package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/codec"
)

// Config is everything that a crg process is told from outside. Each key has one environment variable, which wins over
// the file named by CRG_CONFIG (YAML, the same keys), which wins over the default. The tags are the one place where a key
// is described: docs/configuration.md and `crg config` are made of them. A secret is never shown whole.
//
//nolint:lll // a key's description stands in its tag
type Config struct {
	DatabaseURL       string `yaml:"database_url" env:"DATABASE_URL" secret:"true" help:"the PostgreSQL database of the product; needed by whatever stores"`
	RedisURL          string `yaml:"redis_url" env:"REDIS_URL" secret:"true" help:"the cache; when it is away the API falls back to limits of its own"`
	Neo4jURI          string `yaml:"neo4j_uri" env:"NEO4J_URI" help:"the graph: bolt://host:port or neo4j://host:port; without it there are no graph functions"`
	Neo4jUsername     string `yaml:"neo4j_username" env:"NEO4J_USERNAME" help:"user of the graph database; empty where it asks for none"`
	Neo4jPassword     string `yaml:"neo4j_password" env:"NEO4J_PASSWORD" secret:"true" help:"password of that user"`
	GraphPrefix       string `yaml:"graph_prefix" env:"CRG_GRAPH_PREFIX" default:"crg" help:"begins every key in the graph; keeps installations apart that share a graph database"`
	TemporalAddress   string `yaml:"temporal_address" env:"TEMPORAL_ADDRESS" help:"host:port of the Temporal frontend"`
	TemporalNamespace string `yaml:"temporal_namespace" env:"TEMPORAL_NAMESPACE" default:"default" help:"namespace of all workflows"`
	Blobs             string `yaml:"blobs" env:"CRG_BLOBS" secret:"true" help:"object store of large data: file://, s3:// or gs://"`
	WebUI             string `yaml:"web_ui" env:"CRG_WEB_UI" help:"base URL of the Temporal Web UI, used in links"`

	APIAddress     string `yaml:"api_address" env:"CRG_API_ADDRESS" default:"127.0.0.1:8080" help:"where the API listens"`
	MetricsAddress string `yaml:"metrics_address" env:"CRG_METRICS_ADDRESS" default:"127.0.0.1:9464" help:"where /metrics listens, on a port of its own"`

	ImportFolders  []string `yaml:"import_folders" env:"CRG_IMPORT_FOLDERS" separator:":" help:"folders on the workers' disk from which imports over the API may read; without one, none can be started from a folder"`
	ProfileFolders []string `yaml:"profile_folders" env:"CRG_PROFILE_FOLDERS" separator:":" help:"city folders of one's own on the workers' disk; imports over the API name one by its last element, mytown for /srv/mytown"`
	ImportHosts    []string `yaml:"import_hosts" env:"CRG_IMPORT_HOSTS" separator:"," help:"hosts from which imports may fetch files: data.example.org, *.example.org, or * for every public one; none without"`

	OutboundNetworks  []string `yaml:"outbound_networks" env:"CRG_OUTBOUND_NETWORKS" separator:"," help:"networks (10.1.0.0/16) that calls to the outside may reach although they are not public"`
	OutboundPlainHTTP bool     `yaml:"outbound_plain_http" env:"CRG_OUTBOUND_PLAIN_HTTP" default:"false" help:"whether such calls may use http:// as well as https://"`

	PublicURL  string `yaml:"public_url" env:"CRG_PUBLIC_URL" default:"http://127.0.0.1:8080" help:"under which people reach the API, for links in notices; no webhook may point to it"`
	LinkSecret string `yaml:"link_secret" env:"CRG_LINK_SECRET" secret:"true" help:"signs links by which holders answer without a key, at least 32 characters, the same in API and workers; no links without"`
	SMTPURL    string `yaml:"smtp_url" env:"CRG_SMTP_URL" secret:"true" help:"mail server for notices: smtp://user:password@host:587, smtps://host, or smtp://127.0.0.1:25?tls=none; no mail without"`
	NoticeFrom string `yaml:"notice_from" env:"CRG_NOTICE_FROM" default:"City Resource Graph <crg@localhost>" help:"sender of mails"`

	Traces     string  `yaml:"traces" env:"CRG_TRACES" help:"where traces are sent by OTLP over gRPC: http://127.0.0.1:4317, or https://; off without"`
	TraceShare float64 `yaml:"trace_share" env:"CRG_TRACE_SHARE" default:"1" help:"share of requests that are traced, 0 to 1; what a traced caller starts is traced always"`

	WatchInterval time.Duration `yaml:"watch_interval" env:"CRG_WATCH_INTERVAL" default:"15s" help:"how often the API looks at the whole installation, for the metrics that alerts rest on; 0s: never"`

	CodecKeys []string `yaml:"codec_keys" env:"CRG_CODEC_KEYS" separator:"," secret:"true" help:"keys that seal what workflows carry, id:base64 each as crg codec new-key prints them: the first seals, all open; nothing is sealed without"`

	GraceTime   time.Duration `yaml:"grace_time" env:"CRG_GRACE_TIME" default:"25s" help:"how long a process may take to stop after SIGINT or SIGTERM"`
	BuildID     string        `yaml:"build_id" env:"CRG_BUILD_ID" help:"name of the worker's version; a hash of the executable without"`
	MakeCurrent bool          `yaml:"make_current" env:"CRG_MAKE_CURRENT" default:"true" help:"whether a worker makes its own version current once its pollers are seen; false where a rollout does"`
}

// loadConfig reads file and environment and refuses unknown keys and values that cannot be.
func loadConfig() (Config, error) {
	config, _, err := readSettings(os.Getenv("CRG_CONFIG"), os.LookupEnv)
	if err != nil {
		return Config{}, usage(err)
	}
	if err := config.validate(); err != nil {
		return Config{}, usage(err)
	}
	return config, nil
}

// validate names all that cannot be.
func (c Config) validate() error {
	var wrong []error
	if c.GraceTime <= 0 {
		wrong = append(wrong, fmt.Errorf("CRG_GRACE_TIME %s: want a duration above 0 such as 25s", c.GraceTime))
	}
	if c.WatchInterval < 0 {
		wrong = append(wrong, fmt.Errorf("CRG_WATCH_INTERVAL %s: want a duration such as 15s, or 0s for never", c.WatchInterval))
	}
	if !(c.TraceShare >= 0 && c.TraceShare <= 1) { // not a number fails it, too
		wrong = append(wrong, fmt.Errorf("CRG_TRACE_SHARE %v: want a share from 0 to 1", c.TraceShare))
	}
	if n := len(c.LinkSecret); n > 0 && n < 32 {
		wrong = append(wrong, fmt.Errorf("CRG_LINK_SECRET has %d characters: want at least 32, such as `openssl rand -hex 32` gives", n))
	}
	if _, err := codec.ParseKeys(c.CodecKeys); err != nil {
		wrong = append(wrong, fmt.Errorf("CRG_CODEC_KEYS: %w", err))
	}
	if _, err := c.outbound(c.ImportHosts); err != nil {
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

// require names the settings that a command cannot do without and how to get them.
func (c Config) require(names ...string) error {
	var missing []string
	for _, s := range settingsOf(&c) {
		for _, name := range names {
			if s.env == name && s.value.IsZero() {
				missing = append(missing, name)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return usage(fmt.Errorf("%s not set: set it, or start a local stack around the command with 'bin/crgdev exec -- bin/crg ...'",
		strings.Join(missing, ", ")))
}
