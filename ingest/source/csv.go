package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxRowLines bounds how many lines a quoted CSV field may span, so that a stray quote costs one row and not the file.
const maxRowLines = 50

// table reads CSV (RFC 4180) with a header line. A quote that is never closed costs the row in which it stands: the lines
// after it are read again as rows of their own.
type table struct {
	lines     *lines
	header    []string
	delimiter byte
	row       int64
}

func newTable(in io.Reader, header []string, delimiter byte, at Cursor) *table {
	return &table{lines: newLines(in, at), header: header, delimiter: delimiter, row: at.Row}
}

// Cursor is where the next row starts.
func (t *table) Cursor() Cursor {
	return Cursor{Offset: t.lines.offset, Line: t.lines.number, Row: t.row}
}

// Next returns the next row, or io.EOF.
func (t *table) Next() (Record, error) {
	for {
		first, err := t.lines.next()
		if err != nil {
			return Record{}, err
		}
		if len(bytes.TrimSpace(first.text)) == 0 {
			continue // a blank line is no row
		}
		t.row++
		record := Record{Line: first.number, Number: t.row, Raw: first.text}
		if first.tooBig {
			record.Fault = tooBig(first.text, first.size)
			return record, nil
		}
		fields, err := t.fields(&record, first)
		if err != nil {
			return Record{}, err
		}
		if record.Fault == nil {
			record.Fault = t.check(&record, fields, first.open)
		}
		if record.Fault == nil {
			t.fill(&record, fields)
		}
		return record, nil
	}
}

// fields splits a row, taking in further lines while a quote is open. Where that does not lead to a row of the right
// width, only the first line is the faulty row and the others are read again.
func (t *table) fields(record *Record, first line) ([][]byte, error) {
	fields, open, fault := split(first.text, t.delimiter)
	if !open {
		record.Fault = fault
		return fields, nil
	}
	text := bytes.Clone(first.text)
	var taken []line
	for len(taken) < maxRowLines {
		more, err := t.lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		taken = append(taken, more)
		if more.tooBig || len(text)+len(more.text) >= MaxRow {
			break
		}
		text = append(append(text, '\n'), more.text...)
		if bytes.IndexByte(more.text, '"') < 0 {
			continue // nothing in it can close the quote
		}
		if fields, open, fault = split(text, t.delimiter); !open {
			break
		}
	}
	if !open && fault == nil && len(fields) == len(t.header) {
		record.Raw = text
		return fields, nil
	}
	t.lines.unread(taken)
	record.Fault = &Fault{Value: excerpt(first.text), Reason: "a quote is opened on this line and not closed where the row should end"}
	return nil, nil
}

// check refuses a row of another width than the header, and bytes that no text has.
func (t *table) check(record *Record, fields [][]byte, open bool) *Fault {
	if len(fields) != len(t.header) {
		reason := fmt.Sprintf("%d fields, but the header has %d", len(fields), len(t.header))
		if open && len(fields) < len(t.header) {
			reason += "; the file ends here without a line end: it may have been cut"
		}
		return &Fault{Value: excerpt(record.Raw), Reason: reason}
	}
	if utf8.Valid(record.Raw) && bytes.IndexByte(record.Raw, 0) < 0 {
		return nil
	}
	for i, field := range fields {
		if !utf8.Valid(field) {
			return &Fault{Field: t.header[i], Value: excerpt(field), Reason: "not UTF-8: " + invalidByte(field)}
		}
		if bytes.IndexByte(field, 0) >= 0 {
			return &Fault{Field: t.header[i], Value: excerpt(field), Reason: "holds a NUL byte: no text contains it"}
		}
	}
	return nil
}

func (t *table) fill(record *Record, fields [][]byte) {
	record.names = t.header
	record.values = make([]Value, len(fields))
	for i, field := range fields {
		field = bytes.TrimSpace(field)
		record.values[i] = Value{raw: field}
		if len(field) > 0 {
			record.values[i].Kind = Text
		}
	}
}

// split cuts one row into fields. open says that the text ends inside a quoted field.
func split(text []byte, delimiter byte) (fields [][]byte, open bool, fault *Fault) {
	fields = make([][]byte, 0, min(bytes.Count(text, []byte{delimiter})+1, 4096))
	for {
		if len(text) == 0 || text[0] != '"' {
			end := bytes.IndexByte(text, delimiter)
			if end < 0 {
				return append(fields, text), false, nil
			}
			fields, text = append(fields, text[:end]), text[end+1:]
			continue
		}
		field, rest, closed := quoted(text[1:])
		if !closed {
			return fields, true, nil
		}
		fields = append(fields, field)
		if len(rest) == 0 {
			return fields, false, nil
		}
		if rest[0] != delimiter {
			return fields, false, &Fault{Value: excerpt(rest), Reason: fmt.Sprintf("text after a closing quote: want %q or the end of the row", delimiter)}
		}
		text = rest[1:]
	}
}

// quoted reads a field up to its closing quote; a doubled quote stands for one.
func quoted(text []byte) (field, rest []byte, closed bool) {
	doubled := false
	for i := 0; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			doubled = true
			i++
			continue
		}
		field = text[:i]
		if doubled {
			field = bytes.ReplaceAll(field, []byte(`""`), []byte(`"`))
		}
		return field, text[i+1:], true
	}
	return nil, nil, false
}
