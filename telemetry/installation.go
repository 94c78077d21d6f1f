package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Installation is what a process shows of the whole installation: what no part can say of itself, above all that it is not
// there. Every process that looks shows the same, so that rules take the max over them. A label city is the city's id.
type Installation struct {
	// Looked is when a store was last seen whole: installation_looked_timestamp_seconds{at}. What is older is no news.
	Looked *prometheus.GaugeVec
	// Backlog and BacklogAge are the tasks that wait for a worker, and how long the oldest has, by the server's account:
	// task_queue_backlog{task_queue,kind}, task_queue_backlog_age_seconds{task_queue,kind}.
	Backlog, BacklogAge *prometheus.GaugeVec
	// Overdue counts matches that are past the deadline of their state: matches_overdue{city}.
	Overdue *prometheus.GaugeVec
	// OutboxLag is how long the oldest unread event waits: outbox_lag_seconds{consumer}, relay or graph.
	OutboxLag *prometheus.GaugeVec
	// GraphDrift is by how many participants the graph and the rows differ in number: graph_drift_participants{city}.
	GraphDrift *prometheus.GaugeVec
	// Repaired is how many differing participants the last reconciliation found: graph_reconciliation_repaired{city}.
	Repaired *prometheus.GaugeVec
	// ReconciliationFailed is 1 when the last one failed: graph_reconciliation_failed. ReconciliationOpen is how long one has
	// been under way: graph_reconciliation_open_seconds.
	ReconciliationFailed, ReconciliationOpen prometheus.Gauge
	// ImportRead and ImportRejected are the rows of the last import by each profile: import_rows_read{city,profile},
	// import_rows_rejected{city,profile}. ImportFailed is 1 when it failed: import_failed{city,profile}.
	ImportRead, ImportRejected, ImportFailed *prometheus.GaugeVec
	// RunGap is what the last run left to its bound, as a share of it: run_gap_ratio{city}. RunFailed is 1 when it failed, as
	// one whose certificate does not hold does: run_failed{city}. RunDamaged counts its stored files that are not what was
	// recorded: run_files_damaged{city}. RunUnvalued is 1 when it was completed and nobody has stated its value:
	// run_unvalued{city}.
	RunGap, RunFailed, RunDamaged, RunUnvalued *prometheus.GaugeVec
}

// NewInstallation registers all of it.
func NewInstallation(registry prometheus.Registerer) *Installation {
	gauges := func(name, help string, labels ...string) *prometheus.GaugeVec {
		vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
		registry.MustRegister(vec)
		return vec
	}
	gauge := func(name, help string) prometheus.Gauge {
		one := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
		registry.MustRegister(one)
		return one
	}
	return &Installation{
		Looked:               gauges("installation_looked_timestamp_seconds", "When a store was last looked at.", "at"),
		Backlog:              gauges("task_queue_backlog", "Tasks that wait for a worker.", "task_queue", "kind"),
		BacklogAge:           gauges("task_queue_backlog_age_seconds", "How long the oldest of them has waited.", "task_queue", "kind"),
		Overdue:              gauges("matches_overdue", "Matches past the deadline of their state, counted to 1,000.", "city"),
		OutboxLag:            gauges("outbox_lag_seconds", "How long the oldest unread event has waited for a reader.", "consumer"),
		GraphDrift:           gauges("graph_drift_participants", "By how many the graph and the rows differ in number.", "city"),
		Repaired:             gauges("graph_reconciliation_repaired", "Participants that the last reconciliation found differing.", "city"),
		ReconciliationFailed: gauge("graph_reconciliation_failed", "1 when the last reconciliation failed."),
		ReconciliationOpen:   gauge("graph_reconciliation_open_seconds", "How long a reconciliation has been under way; 0 = none is."),
		ImportRead:           gauges("import_rows_read", "Rows that the last import read.", "city", "profile"),
		ImportRejected:       gauges("import_rows_rejected", "Rows of it that were rejected.", "city", "profile"),
		ImportFailed:         gauges("import_failed", "1 when it failed as a whole.", "city", "profile"),
		RunGap:               gauges("run_gap_ratio", "Share of its bound that the last run's allocation falls short of.", "city"),
		RunFailed:            gauges("run_failed", "1 when the last run failed.", "city"),
		RunDamaged:           gauges("run_files_damaged", "Stored files of the last run that are lost or changed.", "city"),
		RunUnvalued:          gauges("run_unvalued", "1 when the last run was completed without a statement of its value.", "city"),
	}
}
