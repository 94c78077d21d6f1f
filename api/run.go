package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// Run serves the API, and /metrics on a port of its own, until ctx ends. Then it stops in order: no new connections,
// requests under way finish within the grace time, and the metrics last, so that the stop can be watched.
func Run(ctx context.Context, config Config, d Dependencies) error {
	handler, stopStreams, err := build(config, d)
	if err != nil {
		return err
	}
	config, err = config.withDefaults()
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", config.Address)
	if err != nil {
		return fmt.Errorf("listen for the API: %w; another address: CRG_API_ADDRESS=127.0.0.1:8081", err)
	}
	// The metrics end after the API, so they do not hang on ctx.
	watched, stopWatching := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWatching()
	group, groupContext := errgroup.WithContext(ctx)
	if config.MetricsAddress != "" {
		group.Go(func() error { return d.Metrics.Serve(watched, config.MetricsAddress, nil) })
	}
	group.Go(func() error { return forgetAnswers(groupContext, d) })
	group.Go(func() error {
		defer stopWatching()
		return serve(groupContext, listener, handler, stopStreams, config, d.Logger)
	})
	return group.Wait()
}

func serve(
	ctx context.Context, listener net.Listener, handler http.Handler, stopStreams func(), config Config, logger *slog.Logger,
) error {
	server := &http.Server{
		Handler: handler, MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: config.RequestTime,
		WriteTimeout: 2 * config.RequestTime, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
	server.RegisterOnShutdown(stopStreams)
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	logger.InfoContext(ctx, "the API listens", "address", listener.Addr().String())
	select {
	case err := <-stopped:
		return fmt.Errorf("serve the API: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), config.GraceTime)
	defer cancel()
	logger.InfoContext(grace, "the API stops", "grace_seconds", config.GraceTime.Seconds())
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		_ = server.Close() // who still waits is cut off; every POST can be repeated
		return fmt.Errorf("stop the API: requests were still under way after %s", config.GraceTime)
	}
	if err != nil {
		return fmt.Errorf("stop the API: %w", err)
	}
	return nil
}

// answersKept is for how long a repeated request gets its first answer; docs/api.md says so.
const answersKept = 7 * 24 * time.Hour

// forgetAnswers drops the answers that nobody will ask for again. Every process does so, once an hour; it is one
// statement, and twice is harmless.
func forgetAnswers(ctx context.Context, d Dependencies) error {
	hourly := time.NewTicker(time.Hour)
	defer hourly.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-hourly.C:
			if _, err := d.Store.DropIdempotencyKeys(ctx, now.Add(-answersKept)); err != nil {
				d.Logger.WarnContext(ctx, "old answers stay for another hour", "error", err)
			}
		}
	}
}
