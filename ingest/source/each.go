package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Unnest writes a row for each element of lists inside the rows of a file, such as each date of each event of each agency.
// Each is the path of the innermost list. Columns are named by their path: name, events.name, events.event_dates.date.
// Objects are opened, other lists stay as they are. A row whose list is empty or missing is written once, without its
// columns, so that none is lost.
func Unnest(in *File, each string, out *FlatWriter) error {
	path := strings.Split(each, ".")
	for {
		record, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if record.Fault != nil {
			err = out.Fault(record.Line, record.File, *record.Fault)
		} else {
			u := unnester{out: out, record: &record, path: path}
			err = u.object(record.properties, "", nil)
		}
		if err != nil {
			return err
		}
	}
}

type unnester struct {
	out    *FlatWriter
	record *Record
	path   []string
}

// column is one value of the row that is being put together.
type column struct {
	name  string
	value []byte
}

// maxElements bounds the rows that one row becomes.
const maxElements = 100_000

// object takes in an object at a prefix, then goes down the list that is next on the path, or writes the row.
func (u *unnester) object(raw []byte, prefix string, above []column) error {
	columns := above[:len(above):len(above)]
	list := []byte(nil)
	next := ""
	if depth := strings.Count(prefix, "."); depth < len(u.path) {
		next = prefix + u.path[depth]
	}
	u.open(raw, prefix, next, &columns, &list)
	if next == "" {
		return u.write(columns)
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(list, &elements); list != nil && err != nil {
		return u.out.Fault(u.record.Line, u.record.File, Fault{Field: next, Value: excerpt(list), Reason: "want a list"})
	}
	if len(elements) == 0 {
		return u.write(columns)
	}
	if len(elements) > maxElements {
		return u.out.Fault(u.record.Line, u.record.File, Fault{Field: next, Reason: fmt.Sprintf("%d elements: want at most %d", len(elements), maxElements)})
	}
	for i, element := range elements {
		if kindOf(element) != Compound || element[0] != '{' {
			reason := fmt.Sprintf("element %d of the list: want an object", i+1)
			if err := u.out.Fault(u.record.Line, u.record.File, Fault{Field: next, Value: excerpt(element), Reason: reason}); err != nil {
				return err
			}
			continue
		}
		if err := u.object(element, next+".", columns); err != nil {
			return err
		}
	}
	return nil
}

// open lists an object's columns, objects inside it opened, and finds the list of that name.
func (u *unnester) open(raw []byte, prefix, next string, columns *[]column, list *[]byte) {
	members(raw, func(name, value []byte) {
		full := prefix + string(name)
		switch {
		case full == next:
			*list = value
		case value[0] == '{':
			u.open(value, full+".", next, columns, list)
		default:
			*columns = append(*columns, column{full, value})
		}
	})
}

func (u *unnester) write(columns []column) error {
	var row bytes.Buffer
	row.WriteByte('{')
	for i, c := range columns {
		if i > 0 {
			row.WriteByte(',')
		}
		row.WriteByte('"')
		row.WriteString(c.name) // as the file escapes it
		row.WriteString(`":`)
		row.Write(c.value)
	}
	row.WriteByte('}')
	return u.out.Row(u.record.Line, u.record.File, row.Bytes())
}
