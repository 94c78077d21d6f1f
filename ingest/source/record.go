package source

import (
	"bytes"
	"encoding/json"
	"strings"
)

// MaxRow bounds the bytes of one row. The largest row of the known city files is 12 KB.
const MaxRow = 1 << 20

// Record is one row of a file. Its values are found by column name; a column that the row lacks, leaves blank or sets to
// null is missing.
type Record struct {
	Line     int64  // line of the file on which the row starts, from 1; of a sheet its row
	File     string // where the row came from, in the folder of the file that was opened; empty = that file
	Number   int64  // number of the row in its file, from 1
	Raw      []byte // the row as read; of a faulty record at most its first 120 bytes
	Geometry []byte // GeoJSON only: the feature's geometry
	Fault    *Fault // set when the row cannot be read; it then has no values

	names      []string
	values     []Value
	properties []byte // of JSON formats: the object that holds the values
	cells      map[string]string
	unpacked   bool // several rows may come from one line, or from several files
}

// Fault says why a row cannot be read.
type Fault struct {
	Field  string `json:"field,omitempty"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"` // what is wrong and what would be right
}

// Kind is what a value is in its file. CSV knows only text.
type Kind uint8

// Kinds of value.
const (
	Missing Kind = iota
	Text
	Number
	Flag
	Compound // a list or an object
)

// Value is one value as the file has it.
type Value struct {
	Kind Kind
	raw  []byte // of JSON text with its quotes
	json bool
}

// Text is the value without quotes and escapes, composed (NFC); of a list or an object its JSON.
func (v Value) Text() string { return composed(v.text()) }

func (v Value) text() string {
	if !v.json || v.Kind != Text {
		return string(v.raw)
	}
	inner := v.raw[1 : len(v.raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	var text string
	if json.Unmarshal(v.raw, &text) != nil {
		return string(inner)
	}
	return text
}

// Get finds the value of a column.
func (r *Record) Get(column string) Value {
	for i, name := range r.names {
		if name == column {
			return r.values[i]
		}
	}
	return Value{}
}

// Columns lists the columns that the row has, in the file's order. The slice is valid until the next record.
func (r *Record) Columns() []string { return r.names }

// JSON is the row as a JSON object: of JSON formats the object as read, of CSV its columns that are not blank.
func (r *Record) JSON() []byte {
	if r.properties != nil {
		return r.properties
	}
	var out bytes.Buffer
	out.Grow(2*len(r.Raw) + 20*len(r.names))
	out.WriteByte('{')
	for i, name := range r.names {
		if r.values[i].Kind == Missing {
			continue
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		writeString(&out, name)
		out.WriteByte(':')
		writeString(&out, string(r.values[i].raw))
	}
	out.WriteByte('}')
	return out.Bytes()
}

func writeString(out *bytes.Buffer, text string) {
	if strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0xFFFD || r > 0x7E }) < 0 {
		out.WriteByte('"')
		out.WriteString(text)
		out.WriteByte('"')
		return
	}
	quoted, _ := json.Marshal(text) // a string always marshals; invalid UTF-8 becomes the replacement character
	out.Write(quoted)
}

// excerpt is the beginning of a row for an error message.
func excerpt(raw []byte) string {
	const most = 120
	if len(raw) <= most {
		return strings.ToValidUTF8(string(raw), "?")
	}
	return strings.ToValidUTF8(string(raw[:most]), "?") + "..."
}
