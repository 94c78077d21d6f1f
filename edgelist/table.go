package edgelist

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// maxColumns is the largest number of columns that a table has.
const maxColumns = 5

// table is a CSV file in memory. Fields are taken as they are; a file in which a quote occurs is read by encoding/csv.
type table struct {
	path      string
	data      []byte
	firstLine int // the number of the line that data begins with
	body      int // where the first row starts
	order     []int
	quoted    bool
}

// row is one line's fields in the order in which the table's columns were asked for.
type row [maxColumns][]byte

// openTable reads a file and checks its header: required columns must be there, optional ones may.
func openTable(path string, required, optional []string) (*table, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &InputError{File: path, Problem: "cannot be read: " + cause(err)}
	}
	t := &table{path: path, data: data, firstLine: 1, quoted: bytes.IndexByte(data, '"') >= 0}
	return t, t.readHeader(required, optional)
}

// cause strips the path, which the message already has.
func cause(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

func (t *table) readHeader(required, optional []string) error {
	if form := otherForm(t.data); form != "" {
		return &InputError{File: t.path, Problem: "is " + form + ", want CSV as plain text in UTF-8"}
	}
	start := 0
	if bytes.HasPrefix(t.data, []byte("\xef\xbb\xbf")) {
		start = 3
	}
	end := bytes.IndexByte(t.data[start:], '\n')
	if end < 0 {
		end = len(t.data)
		t.body = end
	} else {
		end += start
		t.body = end + 1
	}
	header := strings.TrimSuffix(string(t.data[start:end]), "\r")
	names := strings.Split(strings.ReplaceAll(header, `"`, ""), ",")
	known := append(slices.Clone(required), optional...)
	want := strings.Join(required, ",")
	for _, name := range optional {
		want += "[," + name + "]"
	}
	if header == "" {
		return t.errorf(1, "the header line is missing, want %s", want)
	}
	t.order = make([]int, len(names))
	for k, name := range names {
		t.order[k] = slices.Index(known, name)
		if t.order[k] < 0 || slices.Contains(t.order[:k], t.order[k]) {
			return t.errorf(1, "the header line has a column %q, want %s", shorten([]byte(name)), want)
		}
	}
	for k, name := range required {
		if !slices.Contains(t.order, k) {
			return t.errorf(1, "the header line has no column %q, want %s", name, want)
		}
	}
	return nil
}

// otherForm names what a file is that somebody may take for CSV: packed, a workbook, or text as some programs save it.
func otherForm(data []byte) string {
	for start, form := range map[string]string{
		"\x1f\x8b": "compressed with gzip", "PK\x03\x04": "a ZIP archive or a workbook",
		"\xff\xfe": "text in UTF-16", "\xfe\xff": "text in UTF-16",
	} {
		if bytes.HasPrefix(data, []byte(start)) {
			return form
		}
	}
	return ""
}

// has reports whether the column with this number, in the order asked for, is in the file.
func (t *table) has(column int) bool { return slices.Contains(t.order, column) }

func (t *table) errorf(line int, format string, args ...any) error {
	return &InputError{File: t.path, Line: line, Problem: fmt.Sprintf(format, args...)}
}

// lineAt returns the number of the line that holds the given byte.
func (t *table) lineAt(offset int) int {
	return t.firstLine + bytes.Count(t.data[:offset], []byte{'\n'})
}

// each calls do with every row in order. Line numbers are counted only when they are asked for.
func (t *table) each(do func(r *row, line func() int) error) error {
	if t.quoted {
		return t.eachQuoted(do)
	}
	var r row
	at := t.body
	line := func() int { return t.lineAt(at) } // one for all rows
	for at < len(t.data) {
		next, err := t.split(at, &r)
		if err != nil {
			return err
		}
		if next < 0 {
			at = -next
			continue
		}
		if err := do(&r, line); err != nil {
			return err
		}
		at = next
	}
	return nil
}

// split cuts the line that starts at the given byte into fields and returns where the next one starts, negated if the
// line is empty.
func (t *table) split(at int, r *row) (next int, err error) {
	length := bytes.IndexByte(t.data[at:], '\n')
	if length < 0 {
		return 0, t.errorf(t.lineAt(at), "the last line does not end in a newline: is the file truncated? (%q)",
			shorten(t.data[at:]))
	}
	line := t.data[at : at+length]
	next = at + length + 1
	if length > 0 && line[length-1] == '\r' {
		line = line[:length-1]
	}
	if len(line) == 0 {
		return -next, nil
	}
	for k, column := range t.order {
		comma := bytes.IndexByte(line, ',')
		if last := k == len(t.order)-1; last != (comma < 0) {
			return 0, t.errorf(t.lineAt(at), "has %d fields, want %d (%q)",
				1+bytes.Count(t.data[at:next], []byte{','}), len(t.order), shorten(t.data[at:next-1]))
		} else if last {
			comma = len(line)
		}
		r[column] = line[:comma]
		line = line[min(comma+1, len(line)):]
	}
	return next, nil
}

func shorten(text []byte) []byte {
	if len(text) > 80 {
		return append(slices.Clone(text[:77]), "..."...)
	}
	return text
}

func (t *table) eachQuoted(do func(r *row, line func() int) error) error {
	body := t.data[t.body:]
	if len(body) > 0 && body[len(body)-1] != '\n' {
		return t.errorf(t.lineAt(len(t.data)-1), "the last line does not end in a newline: is the file truncated?")
	}
	reader := csv.NewReader(bytes.NewReader(body))
	reader.FieldsPerRecord = len(t.order)
	reader.ReuseRecord = true
	for {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			return t.errorf(parse.StartLine+1, "%s", parse.Err)
		}
		if err != nil {
			return err
		}
		var r row
		for k, column := range t.order {
			r[column] = []byte(fields[k])
		}
		line := func() int { at, _ := reader.FieldPos(0); return at + 1 }
		if err := do(&r, line); err != nil {
			return err
		}
	}
}
