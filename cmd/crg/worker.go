package main

import (
	"context"
	"net/http"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/city-resource-graph/crg/outbound"
	"github.com/city-resource-graph/crg/workers"
	"github.com/city-resource-graph/crg/workflows"
)

// newWorkerCommand serves task queues until it is told to stop.
func newWorkerCommand() *cobra.Command {
	var queues []string
	command := &cobra.Command{
		Use:   "worker --queue QUEUE [--queue QUEUE ...]",
		Short: "Run workflows and activities of the queues city, matching or recovery; any number of processes may",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withServices(cmd, func(s *services) error {
				if err := s.trace(cmd.Context(), "crg-worker"); err != nil {
					return err
				}
				worker, err := workerConfig(cmd.Context(), s, queues)
				if err != nil {
					return err
				}
				defer workers.CollectRarely(worker.Queues...)()
				return serveWorker(cmd.Context(), s, worker)
			}, "DATABASE_URL", "TEMPORAL_ADDRESS", "CRG_BLOBS")
		},
	}
	command.Flags().StringSliceVar(&queues, "queue", nil, "queue to serve: city, matching or recovery")
	_ = command.MarkFlagRequired("queue")
	return command
}

// importBytes is the largest file that an import fetches. A worker holds it in memory once; larger ones go by a folder.
const importBytes = 64 << 20

func workerConfig(ctx context.Context, s *services, queues []string) (workers.Config, error) {
	worker := workers.Config{
		Namespace: s.config.TemporalNamespace, MatchingSeconds: s.metrics.MatchingSeconds, MakeCurrent: s.config.MakeCurrent,
		GraceTime: s.config.GraceTime, Logger: s.logger, Readiness: &workers.Readiness{},
	}
	for _, name := range queues {
		queue, err := workflows.ParseQueue(name)
		if err != nil {
			return worker, usage(err)
		}
		worker.Queues = append(worker.Queues, queue)
	}
	build, err := workers.BuildID(s.config.BuildID)
	if err != nil {
		return worker, err
	}
	worker.Version = workers.Version{Deployment: workers.DefaultDeployment, BuildID: build}
	if worker.Store, err = s.store(ctx); err != nil {
		return worker, err
	}
	if worker.Objects, err = s.objects(ctx); err != nil {
		return worker, err
	}
	if worker.Senders, err = s.senders(); err != nil {
		return worker, err
	}
	worker.Links = s.config.links()
	if s.config.RedisURL != "" {
		if worker.Cache, err = s.cache(); err != nil {
			return worker, err
		}
	}
	if worker.Graph, err = s.graph(); err != nil {
		return worker, err
	}
	if len(s.config.ImportHosts) > 0 {
		policy, err := s.config.outbound(s.config.ImportHosts)
		if err != nil {
			return worker, usage(err)
		}
		policy.MaxBytes = importBytes
		if worker.Outbound, err = outbound.New(policy); err != nil {
			return worker, err
		}
		s.closers = append(s.closers, worker.Outbound.Close)
	}
	worker.Client, err = s.temporal()
	return worker, err
}

// serveWorker runs the worker beside its metrics and readiness; whichever ends first ends both.
func serveWorker(ctx context.Context, s *services, worker workers.Config) error {
	group, ctx := errgroup.WithContext(ctx)
	ctx, stop := context.WithCancel(ctx)
	group.Go(func() error {
		defer stop()
		return workers.Run(ctx, worker)
	})
	group.Go(func() error {
		return s.metrics.Serve(ctx, s.config.MetricsAddress, map[string]http.Handler{"GET /ready": worker.Readiness})
	})
	return group.Wait()
}
