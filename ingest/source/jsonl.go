package source

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// jsonLines reads one JSON object per line. Blank lines are no rows.
type jsonLines struct {
	lines *lines
	known columnNames
	row   int64
}

func newJSONLines(in io.Reader, at Cursor) *jsonLines {
	return &jsonLines{lines: newLines(in, at), known: columnNames{}, row: at.Row}
}

// Cursor is where the next row starts.
func (j *jsonLines) Cursor() Cursor {
	return Cursor{Offset: j.lines.offset, Line: j.lines.number, Row: j.row}
}

// Next returns the next row, or io.EOF.
func (j *jsonLines) Next() (Record, error) {
	for {
		current, err := j.lines.next()
		if err != nil {
			return Record{}, err
		}
		text := bytes.TrimSpace(current.text)
		if len(text) == 0 {
			continue
		}
		j.row++
		record := Record{Line: current.number, Number: j.row, Raw: text}
		switch {
		case current.tooBig:
			record.Fault = tooBig(text, current.size)
		case text[0] != '{':
			record.Fault = &Fault{Value: excerpt(text), Reason: "want one JSON object on each line"}
		default:
			record.Fault = checkJSON(text)
		}
		if record.Fault != nil && current.open && strings.Contains(record.Fault.Reason, "unexpected end") {
			record.Fault.Reason += "; the file ends here without a line end: it may have been cut"
		}
		if record.Fault == nil {
			record.fill(text, j.known)
		}
		return record, nil
	}
}

func tooBig(start []byte, size int64) *Fault {
	return &Fault{Value: excerpt(start), Reason: fmt.Sprintf("the row has %d bytes: want at most %d", size, MaxRow)}
}
