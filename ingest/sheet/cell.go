package sheet

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/city-resource-graph/crg/ingest/source"
)

// cell is one cell as the workbook has it.
type cell struct {
	Ref     string   `xml:"r,attr"`
	Kind    string   `xml:"t,attr"`
	Style   int      `xml:"s,attr"`
	Value   string   `xml:"v"`
	Formula *string  `xml:"f"`
	Inline  richText `xml:"is"`
}

// value is a cell as JSON; empty when it is blank.
func (w *workbook) value(c *cell) (string, *source.Fault) {
	if c.Formula != nil {
		return "", &source.Fault{Value: "=" + *c.Formula, Reason: "a formula, which is never executed: put the value itself there (copy, paste values only)"}
	}
	text := c.Value
	switch c.Kind {
	case "e":
		return "", &source.Fault{Value: c.Value, Reason: "the cell holds an error: put a value there"}
	case "b":
		return strconv.FormatBool(text == "1"), nil
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 || n >= len(w.texts) {
			return "", &source.Fault{Value: text, Reason: "a text that the workbook does not hold: it is damaged"}
		}
		text = w.texts[n]
	case "inlineStr":
		text = c.Inline.String()
	case "", "n":
		return w.number(c)
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", nil
	}
	quoted, _ := json.Marshal(text) // a text always marshals
	return string(quoted), nil
}

func (w *workbook) number(c *cell) (string, *source.Fault) {
	if c.Value == "" {
		return "", nil
	}
	if c.Style >= 0 && c.Style < len(w.dates) && w.dates[c.Style] != (dateStyle{}) {
		text, is := w.date(c.Value, w.dates[c.Style])
		if !is {
			return "", &source.Fault{Value: c.Value, Reason: "a date that cannot be: want one such as 2025-06-02"}
		}
		return strconv.Quote(text), nil
	}
	number, err := strconv.ParseFloat(c.Value, 64)
	if err != nil {
		return "", &source.Fault{Value: c.Value, Reason: "a number that cannot be read: the workbook is damaged"}
	}
	return strconv.FormatFloat(number, 'f', -1, 64), nil
}

func unquoted(value string) string {
	var text string
	if json.Unmarshal([]byte(value), &text) != nil {
		text = value
	}
	return strings.TrimSpace(text)
}

// place reads E17 as column 5, row 17.
func place(ref string) (column, row int64) {
	for i, r := range ref {
		if r < 'A' || r > 'Z' {
			row, _ = strconv.ParseInt(ref[i:], 10, 64)
			break
		}
		column = column*26 + int64(r-'A') + 1
	}
	return column, row
}

// letters writes column 5 as E.
func letters(column int64) string {
	text := ""
	for ; column > 0; column = (column - 1) / 26 {
		text = string(rune('A'+(column-1)%26)) + text
	}
	return text
}
