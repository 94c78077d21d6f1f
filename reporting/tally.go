package reporting

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/report"
)

// figures is what differs from row to row in a reason: quoted values and numbers.
var figures = regexp.MustCompile(`"[^"]*"|-?\b\d+(\.\d+)?\b`)

// kindOf is a reason without what differs from row to row, so that the same fault of many rows is one line.
func kindOf(reason string) string { return figures.ReplaceAllString(reason, "…") }

// examples is how many places a reason is shown with.
const examples = 3

// tally counts reasons, and remembers where each applied first.
type tally map[string]*counted

type counted struct {
	count int64
	first []place
}

type place struct {
	file string
	line int64
}

func newTally() tally { return tally{} }

func (t tally) add(reason string) { t.at(reason, "", 0) }

// at counts a reason that applied to a line of a file.
func (t tally) at(reason, file string, line int64) {
	c := t[reason]
	if c == nil {
		c = &counted{}
		t[reason] = c
	}
	c.count++
	if file != "" && len(c.first) < examples {
		c.first = append(c.first, place{file, line})
	}
}

// where names the first places: "a.csv, line 7, 9; b.csv, line 3, ...".
func (c *counted) where() string {
	var text strings.Builder
	for i, p := range c.first {
		switch {
		case i > 0 && c.first[i-1].file == p.file:
			fmt.Fprintf(&text, ", %d", p.line)
		case i > 0:
			fmt.Fprintf(&text, "; %s, line %d", p.file, p.line)
		default:
			fmt.Fprintf(&text, "%s, line %d", p.file, p.line)
		}
	}
	if c.count > int64(len(c.first)) && len(c.first) > 0 {
		text.WriteString(", ...")
	}
	return text.String()
}

// most lists the reasons that apply most often; what is beyond the limit is summed up in a last line.
func (t tally) most(limit int) []report.ReasonCount {
	counts := make([]report.ReasonCount, 0, len(t))
	for reason, c := range t {
		counts = append(counts, report.ReasonCount{Reason: reason, Count: c.count, Note: c.where()})
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

// Rejections counts why rows of an import were rejected, the same fault of many rows once.
type Rejections struct{ reasons tally }

// NewRejections counts nothing yet.
func NewRejections() Rejections { return Rejections{newTally()} }

// Add counts one rejected row.
func (r Rejections) Add(reason, file string, line int64) { r.reasons.at(kindOf(reason), file, line) }

// Most lists the reasons that apply most often, each with the first rows.
func (r Rejections) Most() []report.ReasonCount { return r.reasons.most(12) }
