package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	contrib "go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// Traces is where a process sends its spans. One trace follows a request from HTTP through workflow and activities to SQL,
// Redis and Cypher. Spans carry ids, statements without their parameters, and no personal data.
type Traces struct {
	provider trace.TracerProvider
	stop     func(context.Context) error
}

// NoTraces records nothing and costs nothing.
func NoTraces() *Traces {
	return &Traces{provider: noop.NewTracerProvider(), stop: func(context.Context) error { return nil }}
}

// OpenTraces sends spans by OTLP over gRPC to address (http://host:4317, or https:// for TLS). Share is the part of the
// traces begun here that is kept, 0 to 1; a trace that a caller began is kept when the caller keeps it. An empty address is
// NoTraces. A receiver that is away costs spans, never a request.
func OpenTraces(ctx context.Context, address string, share float64, service string, logger *slog.Logger) (*Traces, error) {
	if address == "" {
		return NoTraces(), nil
	}
	target, err := url.Parse(address)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return nil, fmt.Errorf("traces to %q: want http://host:4317 or https://host:4317", address)
	}
	exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(address), otlptracegrpc.WithTimeout(5*time.Second))
	if err != nil {
		return nil, fmt.Errorf("traces to %s: %w", target.Host, err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { logger.WarnContext(ctx, "traces", "error", err) }))
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(share))),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", service), attribute.String("service.namespace", "crg"))),
	)
	return &Traces{provider: provider, stop: provider.Shutdown}, nil
}

// Provider makes tracers for whoever records spans.
func (t *Traces) Provider() trace.TracerProvider { return t.provider }

// Propagator carries a trace over a border: W3C traceparent, without baggage, which strangers could fill.
func (t *Traces) Propagator() propagation.TextMapPropagator { return propagation.TraceContext{} }

// Temporal is the interceptor for a Temporal client's options; workers of that client use it too. The trace travels in the
// headers of workflows, activities and signals.
func (t *Traces) Temporal() (interceptor.Interceptor, error) {
	return contrib.NewTracingInterceptor(contrib.TracerOptions{
		Tracer: t.provider.Tracer("temporal-sdk-go"), TextMapPropagator: t.Propagator(), DisableBaggage: true,
		// Histories outlive configurations: what cannot be read as a span starts a trace of its own.
		AllowInvalidParentSpans: true,
	})
}

// Close sends what is still held, for a few seconds at most.
func (t *Traces) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := t.stop(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}
