// Package telemetry is how a crg process is watched: JSON logs that carry the ids of the request and the workflow they
// belong to, and one Prometheus registry with the product's metrics, the Go runtime's and the Temporal SDK's.
//
// Nothing here is global: a process makes one Logger and one Metrics and hands them to what it starts.
package telemetry
