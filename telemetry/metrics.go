package telemetry

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is the one registry of a process and the product's own metrics in it. The three names are those on which the
// alert rules rest.
type Metrics struct {
	Registry *prometheus.Registry
	// Requests counts answered HTTP requests: http_requests_total{method,route,status}. Route is the pattern of
	// the API document, never the path, so that its values stay few.
	Requests *prometheus.CounterVec
	// RequestSeconds is how long they took: http_request_duration_seconds{method,route}.
	RequestSeconds *prometheus.HistogramVec
	// MatchingSeconds is how long a matching run computes, from snapshot to certificate: matching_duration_seconds.
	MatchingSeconds prometheus.Histogram
	// Listeners is how many clients listen to live events of this process: event_listeners.
	Listeners prometheus.Gauge
}

// NewMetrics registers everything that a process shows of itself.
func NewMetrics() *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		Requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total", Help: "HTTP requests answered.",
		}, []string{"method", "route", "status"}),
		RequestSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time from reading an HTTP request to its answer.",
			// The goals are 20, 25 and 100 ms: finest around them.
			Buckets: []float64{.001, .0025, .005, .01, .015, .02, .025, .035, .05, .075, .1, .15, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route"}),
		MatchingSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "matching_duration_seconds", Help: "Computing time of a matching run, snapshot to certificate.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800},
		}),
		Listeners: prometheus.NewGauge(prometheus.GaugeOpts{Name: "event_listeners", Help: "Clients that listen to live events."}),
	}
	m.Registry.MustRegister(m.Requests, m.RequestSeconds, m.MatchingSeconds, m.Listeners,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers /metrics. What cannot be collected is left out rather than failing the whole page.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{
		Registry: m.Registry, EnableOpenMetrics: true, ErrorHandling: promhttp.ContinueOnError,
	})
}
