package reporting

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/city-resource-graph/crg/report"
)

// figures is what differs from row to row in a reason: quoted values and numbers.
var figures = regexp.MustCompile(`"[^"]*"|-?\b\d+(\.\d+)?\b`)

// kindOf is a reason without what differs from row to row, so that the same fault of many rows is one line.
func kindOf(reason string) string { return figures.ReplaceAllString(reason, "…") }

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
