package reporting

import (
	"cmp"
	"slices"

	"github.com/city-resource-graph/crg/report"
)

// tally counts reasons.
type tally map[string]int64

func newTally() tally { return tally{} }

func (t tally) add(reason string) { t[reason]++ }

// most lists the reasons that apply most often; what is beyond the limit is summed up in a last line.
func (t tally) most(limit int) []report.ReasonCount {
	counts := make([]report.ReasonCount, 0, len(t))
	for reason, count := range t {
		counts = append(counts, report.ReasonCount{Reason: reason, Count: count})
	}
	slices.SortFunc(counts, func(a, b report.ReasonCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	if len(counts) <= limit {
		return counts
	}
	rest := report.ReasonCount{Reason: "other reasons"}
	for _, count := range counts[limit:] {
		rest.Count += count.Count
	}
	return append(counts[:limit], rest)
}
