// Package reporting reads a run back from the stores and assembles its report: counts from PostgreSQL, findings from the
// run's frozen files, the value from its append-only record. What can be computed again (the valuation, the graph) is, and
// must come out as it was recorded; a report that does not agree with the record is refused.
package reporting
