package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Serve answers /metrics, and whatever routes adds, on a port of its own until ctx ends. It is for the inside of an
// installation: nothing on it asks for a key.
func (m *Metrics) Serve(ctx context.Context, address string, routes map[string]http.Handler) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	for pattern, handler := range routes {
		mux.Handle(pattern, handler)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen for /metrics: %w; another port: CRG_METRICS_ADDRESS=127.0.0.1:0", err)
	}
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute,
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		return fmt.Errorf("serve /metrics: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop /metrics: %w", err)
	}
	return nil
}
