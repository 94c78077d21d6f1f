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
			return withServices(cmd, func(s *services) error {
				dependencies, err := s.dependencies(cmd.Context())
				if err != nil {
					return err
				}
				fetching, err := s.config.outbound(s.config.ImportHosts)
				if err != nil {
					return usage(err)
				}
				watcher := s.watcher(dependencies)
				if s.config.Blobs != "" { // without it the API serves everything but what is computed from stored files
					objects, err := s.objects(cmd.Context())
					if err != nil {
						return err
					}
					dependencies.Objects, watcher.Objects = objects, objects
				}
				return serveAPI(cmd.Context(), watcher, api.Config{
					Address: s.config.APIAddress, MetricsAddress: s.config.MetricsAddress, WebUI: s.config.WebUI,
					Namespace: s.config.TemporalNamespace, ImportFolders: s.config.ImportFolders, ProfileFolders: s.config.ProfileFolders,
					GraceTime: s.config.GraceTime, Links: s.config.links(), Outbound: fetching,
				}, dependencies)
			}, "DATABASE_URL", "REDIS_URL", "TEMPORAL_ADDRESS")
		},
	}
}

// dependencies opens what the API works with.
func (s *services) dependencies(ctx context.Context) (api.Dependencies, error) {
	d := api.Dependencies{Metrics: s.metrics, Logger: s.logger}
	if err := s.trace(ctx, "crg-api"); err != nil {
		return d, err
	}
	if s.traced() {
		d.Traces = s.traces
	}
	var err error
	if d.Store, err = s.store(ctx); err != nil {
		return d, err
	}
	if d.Keys, err = codec.ParseKeys(s.config.CodecKeys); err != nil {
		return d, usage(err)
	}
	if d.Cache, err = s.cache(); err != nil {
		return d, err
	}
	if d.Graph, err = s.graph(); err != nil {
		return d, err
	}
	if d.Temporal, err = s.temporal(); err != nil {
		return d, err
	}
	d.Webhooks, err = s.hooks()
	return d, err
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
