package cache

import (
	"fmt"

	"github.com/redis/go-redis/extra/redisotel/v9"
	"go.opentelemetry.io/otel/trace"
)

// Trace records a span for each command from now on, without its arguments: keys name callers.
func (c *Cache) Trace(provider trace.TracerProvider) error {
	if err := redisotel.InstrumentTracing(c.redis, redisotel.WithTracerProvider(provider), redisotel.WithDBStatement(false),
		redisotel.WithCallerEnabled(false)); err != nil {
		return fmt.Errorf("trace redis: %w", err)
	}
	return nil
}
