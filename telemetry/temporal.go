package telemetry

import (
	"context"
	"fmt"
	"log/slog"

	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	contrib "go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/log"
)

// secondsBuckets suit both a signal of a few milliseconds and an activity of minutes.
var secondsBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900}

// TemporalMetrics is the handler for a Temporal client's or worker's options. The SDK's metrics go through OpenTelemetry
// into the same registry. Call stop when the client is closed.
func (m *Metrics) TemporalMetrics(logger *slog.Logger) (handler client.MetricsHandler, stop func(context.Context) error, err error) {
	reader, err := exporter.New(exporter.WithRegisterer(m.Registry), exporter.WithoutScopeInfo())
	if err != nil {
		return nil, nil, fmt.Errorf("export the Temporal SDK's metrics: %w", err)
	}
	timers := sdkmetric.NewView(
		sdkmetric.Instrument{Kind: sdkmetric.InstrumentKindHistogram},
		sdkmetric.Stream{Aggregation: sdkmetric.AggregationExplicitBucketHistogram{Boundaries: secondsBuckets}},
	)
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithView(timers))
	handler = contrib.NewMetricsHandler(contrib.MetricsHandlerOptions{
		Meter:                provider.Meter("temporal-sdk-go"),
		UseMonotonicCounters: true, // so that Prometheus sees counters, not gauges
		OnError: func(err error) {
			logger.Warn("metric of the Temporal SDK", "error", err)
		},
	})
	return handler, provider.Shutdown, nil
}

// TemporalLogger writes the SDK's lines, which carry WorkflowID and RunID, to logger.
func TemporalLogger(logger *slog.Logger) log.Logger { return log.NewStructuredLogger(logger) }
