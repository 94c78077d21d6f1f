package main

import (
	"context"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/codec"
	"github.com/city-resource-graph/crg/telemetry"
	"github.com/city-resource-graph/crg/watch"
)

// newAPICommand serves the API until it is told to stop.
func newAPICommand() *cobra.Command {
	return &cobra.Command{
		Use:   "api",
		Short: "Serve the REST API, its explorer under /docs, and /metrics on a port of its own",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := loadConfig()
			if err != nil {
				return err
			}
			if err := config.require("DATABASE_URL", "REDIS_URL", "TEMPORAL_ADDRESS"); err != nil {
				return err
			}
			s := newServices(config, cmd.ErrOrStderr())
			defer s.close()
			if err := s.trace(cmd.Context(), "crg-api"); err != nil {
				return err
			}
			dependencies := api.Dependencies{Metrics: s.metrics, Logger: s.logger}
			if s.traced() {
				dependencies.Traces = s.traces
			}
			if dependencies.Store, err = s.store(cmd.Context()); err != nil {
				return err
			}
			if dependencies.Keys, err = codec.ParseKeys(config.CodecKeys); err != nil {
				return usage(err)
			}
			if dependencies.Cache, err = s.cache(); err != nil {
				return err
			}
			if dependencies.Graph, err = s.graph(); err != nil {
				return err
			}
			if dependencies.Temporal, err = s.temporal(); err != nil {
				return err
			}
			if dependencies.Webhooks, err = s.hooks(); err != nil {
				return err
			}
			watcher := s.watcher(dependencies)
			if config.Blobs != "" { // without it the API serves everything but what is computed from stored files
				objects, err := s.objects(cmd.Context())
				if err != nil {
					return err
				}
				dependencies.Objects, watcher.Objects = objects, objects
			}
			fetching, err := config.outbound(config.ImportHosts)
			if err != nil {
				return usage(err)
			}
			return serveAPI(cmd.Context(), watcher, api.Config{
				Address: config.APIAddress, MetricsAddress: config.MetricsAddress, WebUI: config.WebUI,
				Namespace: config.TemporalNamespace, ImportFolders: config.ImportFolders, ProfileFolders: config.ProfileFolders,
				GraceTime: config.GraceTime, Links: config.links(), Outbound: fetching,
			}, dependencies)
		},
	}
}

// watcher looks at the installation for the metrics of this process.
func (s *services) watcher(d api.Dependencies) *watch.Watcher {
	return &watch.Watcher{
		Store: d.Store, Temporal: d.Temporal, Namespace: s.config.TemporalNamespace, Graph: d.Graph,
		Metrics: telemetry.NewInstallation(s.metrics.Registry), Logger: s.logger, Interval: s.config.WatchInterval,
	}
}

// serveAPI runs the API with the watcher beside it, which ends with it.
func serveAPI(ctx context.Context, watcher *watch.Watcher, config api.Config, dependencies api.Dependencies) error {
	group, ctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithCancel(ctx)
	group.Go(func() error {
		defer stop()
		return api.Run(ctx, config, dependencies)
	})
	if watcher.Interval > 0 {
		group.Go(func() error { return watcher.Run(ctx) })
	}
	return group.Wait()
}
