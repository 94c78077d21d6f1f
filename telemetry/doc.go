// Package telemetry is how a crg process is watched: JSON logs that carry the ids of the request and the workflow they
// belong to, one Prometheus registry with the product's metrics, the Go runtime's and the Temporal SDK's, and traces that
// follow a request through workflow and activities down to the stores.
//
// Nothing here is global: a process makes one Logger, one Metrics and one Traces and hands them to what it starts.
package telemetry
