package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/blobs"
	"github.com/city-resource-graph/crg/cache"
	"github.com/city-resource-graph/crg/codec"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/telemetry"
	"github.com/city-resource-graph/crg/workflows"
)

// services are the connections that a command opened; close lets go of them in the reverse order.
type services struct {
	config  Config
	logger  *slog.Logger
	metrics *telemetry.Metrics
	traces  *telemetry.Traces
	closers []func()
}

// newServices prepares logs (JSON, to w) and metrics.
func newServices(config Config, w io.Writer) *services {
	return &services{
		config: config, logger: telemetry.NewLogger(w, slog.LevelInfo), metrics: telemetry.NewMetrics(), traces: telemetry.NoTraces(),
	}
}

// trace sends the spans of this process as service to where the configuration says. It goes before what is to be traced.
func (s *services) trace(ctx context.Context, service string) error {
	traces, err := telemetry.OpenTraces(ctx, s.config.Traces, s.config.TraceShare, service, s.logger)
	if err != nil {
		return usage(fmt.Errorf("CRG_TRACES: %w", err))
	}
	s.traces = traces
	s.closers = append(s.closers, func() {
		if err := traces.Close(context.WithoutCancel(ctx)); err != nil {
			s.logger.WarnContext(ctx, "close the traces", "error", err)
		}
	})
	return nil
}

// traced says whether spans go anywhere.
func (s *services) traced() bool { return s.config.Traces != "" }

func (s *services) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
	s.closers = nil
}

// store connects to PostgreSQL.
func (s *services) store(ctx context.Context) (*postgres.Store, error) {
	open := postgres.Open
	if s.traced() {
		open = func(ctx context.Context, url string) (*postgres.Store, error) {
			return postgres.OpenTraced(ctx, url, s.traces.Provider())
		}
	}
	store, err := open(ctx, s.config.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("open DATABASE_URL: %w", err)
	}
	s.closers = append(s.closers, store.Close)
	return store, schemaFits(ctx, store)
}

// schemaFits refuses a database that lacks migrations. One that is away may come back: whoever starts waits for it.
func schemaFits(ctx context.Context, store *postgres.Store) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var schema *postgres.SchemaError
	if errors.As(store.Ping(ctx), &schema) {
		return fmt.Errorf("DATABASE_URL: %w", schema)
	}
	return nil
}

// graph prepares the connection to Neo4j, which may be away; nil without NEO4J_URI.
func (s *services) graph() (*graph.Graph, error) {
	if s.config.Neo4jURI == "" {
		return nil, nil //nolint:nilnil // no graph is a way to run
	}
	config := graph.Config{
		URI: s.config.Neo4jURI, Username: s.config.Neo4jUsername, Password: s.config.Neo4jPassword, Prefix: s.config.GraphPrefix,
	}
	if s.traced() {
		config.Traces = s.traces.Provider()
	}
	g, err := graph.Open(config)
	if err != nil {
		return nil, usage(fmt.Errorf("NEO4J_URI: %w", err))
	}
	s.closers = append(s.closers, func() {
		if err := g.Close(context.Background()); err != nil {
			s.logger.Warn("close the graph", "error", err)
		}
	})
	return g, nil
}

// objects opens the object storage.
func (s *services) objects(ctx context.Context) (*blobs.Bucket, error) {
	bucket, err := blobs.Open(ctx, s.config.Blobs)
	if err != nil {
		return nil, fmt.Errorf("open CRG_BLOBS: %w", err)
	}
	s.closers = append(s.closers, func() {
		if err := bucket.Close(); err != nil {
			s.logger.WarnContext(context.WithoutCancel(ctx), "close the object storage", "error", err)
		}
	})
	return bucket, nil
}

// cache connects to Redis, which may be away.
func (s *services) cache() (*cache.Cache, error) {
	c, err := cache.Open(s.config.RedisURL, s.logger)
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() {
		if err := c.Close(); err != nil {
			s.logger.Warn("close the cache", "error", err)
		}
	})
	if s.traced() {
		return c, c.Trace(s.traces.Provider())
	}
	return c, nil
}

// scheduler looks after the schedules of this installation, and reads what the server holds of them sealed.
func (s *services) scheduler() (workflows.Scheduler, error) {
	temporal, err := s.temporal()
	if err != nil {
		return workflows.Scheduler{}, err
	}
	keys, err := codec.ParseKeys(s.config.CodecKeys)
	if err != nil {
		return workflows.Scheduler{}, fmt.Errorf("CRG_CODEC_KEYS: %w", err)
	}
	return workflows.Scheduler{Client: temporal, Converter: codec.Converter(keys)}, nil
}

// temporal prepares a client that connects when it is first used, so that a process may start before its server.
func (s *services) temporal() (client.Client, error) {
	handler, stop, err := s.metrics.TemporalMetrics(s.logger)
	if err != nil {
		return nil, err
	}
	options := client.Options{
		HostPort: s.config.TemporalAddress, Namespace: s.config.TemporalNamespace,
		Logger: telemetry.TemporalLogger(s.logger), MetricsHandler: handler,
	}
	keys, err := codec.ParseKeys(s.config.CodecKeys)
	if err != nil {
		return nil, fmt.Errorf("CRG_CODEC_KEYS: %w", err)
	}
	if keys != nil {
		codec.Secure(&options, keys)
	}
	if s.traced() {
		spans, err := s.traces.Temporal()
		if err != nil {
			return nil, fmt.Errorf("trace Temporal: %w", err)
		}
		options.Interceptors = append(options.Interceptors, spans)
	}
	c, err := client.NewLazyClient(options)
	if err != nil {
		return nil, fmt.Errorf("TEMPORAL_ADDRESS %s: %w", s.config.TemporalAddress, err)
	}
	s.closers = append(s.closers, c.Close, func() { _ = stop(context.Background()) })
	return c, nil
}
