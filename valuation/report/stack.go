package report

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// tableTag finds the tags that a table is made of; texts of a page hold none, for they are escaped.
var tableTag = regexp.MustCompile(`<(/?)(table|tr|th|td)((?: [^>]*)?)>`)

// WriteStacked writes a page whose tables a narrow screen can show row by row, by its style alone: each cell carries the title of
// its column (data-label), and table, rows and cells say what they are (role), for laid out in another way they would no longer be
// a table to whoever hears them. The first cell of a row is what the row is about. Titles that begin a table become its head, which
// is printed again on each page that the table goes on to.
func WriteStacked(w io.Writer, page []byte) error {
	var out bytes.Buffer
	var titles []string
	at, column, titleFrom := 0, 0, 0
	first, head := false, false // whether the next row is the first of its table, and whether it is the head
	for _, tag := range tableTag.FindAllSubmatchIndex(page, -1) {
		out.Write(page[at:tag[0]])
		at = tag[1]
		closing, name, attributes := tag[2] != tag[3], string(page[tag[4]:tag[5]]), string(page[tag[6]:tag[7]])
		before, after := "", ""
		switch {
		case closing && name == "th":
			titles = append(titles, plainText(string(page[titleFrom:tag[0]])))
		case closing && name == "tr" && head:
			head, after = false, "</thead>"
		case closing:
		case name == "table":
			titles, first = nil, true
			attributes += ` role="table"`
		case name == "tr":
			column = 0
			if bytes.HasPrefix(page[at:], []byte("<th")) {
				attributes += ` class="titles"`
				if head = first; head {
					before = `<thead role="rowgroup">`
				}
			}
			first = false
			attributes += ` role="row"`
		case name == "th":
			titleFrom = at
			attributes += ` role="columnheader"`
		case column == 0:
			column++
			attributes += ` role="rowheader"`
		default:
			attributes += ` role="cell"`
			if column < len(titles) {
				attributes += ` data-label="` + titles[column] + `"`
			}
			column++
		}
		fmt.Fprintf(&out, "%s<%s%s%s>%s", before, page[tag[2]:tag[3]], name, attributes, after)
	}
	out.Write(page[at:])
	if _, err := out.WriteTo(w); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

var anyTag = regexp.MustCompile(`<[^>]*>`)

// plainText is the escaped text of some markup.
func plainText(markup string) string { return strings.TrimSpace(anyTag.ReplaceAllString(markup, "")) }
