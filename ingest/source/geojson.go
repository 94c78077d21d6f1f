package source

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// collection reads the features of a GeoJSON FeatureCollection (RFC 7946) one by one. It trusts neither the file nor its
// line structure: a feature that is broken ends where the next one starts, and reading goes on there.
type collection struct {
	in     *bufio.Reader
	back   []byte // bytes to be read again
	offset int64  // of the next byte
	line   int64  // of the next byte
	row    int64
	known  columnNames
	ended  bool
	room   []byte // for the feature that is being read
}

func newCollection(in io.Reader, at Cursor) *collection {
	return &collection{in: bufio.NewReaderSize(in, 64<<10), offset: at.Offset, line: at.Line, row: at.Row, known: columnNames{}}
}

// Cursor is where the next row starts, or the white space and comma before it.
func (c *collection) Cursor() Cursor { return Cursor{Offset: c.offset, Line: c.line, Row: c.row} }

// Next returns the next feature, or io.EOF.
func (c *collection) Next() (Record, error) {
	if c.ended {
		return Record{}, io.EOF
	}
	if err := c.skip(" \t\r\n,"); err != nil {
		return c.finish(err)
	}
	first, err := c.read()
	if err != nil {
		return c.finish(err)
	}
	switch first {
	case ']':
		return c.close()
	case '{':
		return c.feature()
	}
	return c.junk(first)
}

// feature reads one feature of which the opening brace is already read.
func (c *collection) feature() (Record, error) {
	c.row++
	record := Record{Line: c.line, Number: c.row}
	raw, fault, err := c.object()
	if err != nil {
		return Record{}, err
	}
	raw = bytes.Clone(raw)
	record.Raw, record.Fault = raw, fault
	if record.Fault == nil {
		record.Fault = checkJSON(raw)
	}
	if record.Fault == nil {
		c.fill(&record)
	}
	if record.Fault != nil {
		record.Raw = raw[:min(len(raw), 120)]
	}
	return record, nil
}

func (c *collection) fill(record *Record) {
	var kind, properties []byte
	members(record.Raw, func(name, value []byte) {
		switch string(name) {
		case "type":
			kind = value
		case "geometry":
			record.Geometry = value
		case "properties":
			properties = value
		}
	})
	switch {
	case string(kind) != `"Feature"`:
		record.Fault = &Fault{Field: "type", Value: excerpt(kind), Reason: `want "Feature"`}
	case len(properties) == 0 || string(properties) == "null":
		record.properties = []byte("{}")
	case properties[0] != '{':
		record.Fault = &Fault{Field: "properties", Value: excerpt(properties), Reason: "want an object"}
	default:
		record.fill(properties, c.known)
	}
}

// close checks what follows the list of features.
func (c *collection) close() (Record, error) {
	c.ended = true
	if err := c.skip(" \t\r\n"); err == nil {
		return Record{}, io.EOF // the collection's end, or members after the features
	}
	return c.cut("the file ends after the features without closing the collection")
}

// finish ends reading; a file that simply stops is told as one faulty row, because rows may be missing.
func (c *collection) finish(err error) (Record, error) {
	c.ended = true
	if !errors.Is(err, io.EOF) {
		return Record{}, err
	}
	return c.cut("the file ends inside the list of features")
}

func (c *collection) cut(reason string) (Record, error) {
	c.row++
	return Record{Line: c.line, Number: c.row, Fault: &Fault{Reason: reason + ": it may have been cut"}}, nil
}

// junk skips what stands between two features and is none.
func (c *collection) junk(first byte) (Record, error) {
	c.row++
	record := Record{Line: c.line, Number: c.row, Raw: []byte{first}}
	for {
		next, err := c.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Record{}, err
		}
		if next == '{' || next == ']' {
			c.unread([]byte{next})
			break
		}
		if len(record.Raw) < 120 {
			record.Raw = append(record.Raw, next)
		}
	}
	record.Fault = &Fault{Value: excerpt(bytes.TrimSpace(record.Raw)), Reason: "not a feature: want { at its beginning"}
	return record, nil
}

// object reads to the closing brace. Depth is counted outside of strings. Two signs say that the feature is broken and
// another has begun: a line end inside a string, which JSON forbids, and a second "type": "Feature" below the first level.
func (c *collection) object() (raw []byte, fault *Fault, err error) {
	raw = c.room[:0]
	raw = append(raw, '{')
	defer func() { c.room = raw[:0] }()
	scan := scanner{opened: []int{0}}
	for {
		raw = c.plain(raw, &scan)
		next, err := c.read()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return raw, nil, err
			}
			c.ended = true
			return raw, &Fault{Value: excerpt(raw), Reason: "the file ends inside this feature: it may have been cut"}, nil
		}
		if len(raw) == MaxRow {
			return c.skipObject(raw, &scan, next, MaxRow+1)
		}
		raw = append(raw, next)
		switch scan.step(raw) {
		case featureDone:
			return raw, nil, nil
		case stringBroken:
			return raw, &Fault{Value: excerpt(raw), Reason: "a text is not closed at the end of its line"}, nil
		case featureInside:
			start := scan.opened[len(scan.opened)-1]
			c.unread(raw[start:])
			return raw[:start], &Fault{Value: excerpt(raw), Reason: "the feature is not closed before the next one begins"}, nil
		}
	}
}

// plain takes in the bytes up to the next one that tells something about the structure, as far as they are at hand: of
// outlines nearly all are numbers.
func (c *collection) plain(raw []byte, scan *scanner) []byte {
	if len(c.back) > 0 {
		return raw
	}
	ahead, _ := c.in.Peek(min(c.in.Buffered(), MaxRow-len(raw))) // no more than what is buffered: no error
	n := scan.plain(ahead)
	_, _ = c.in.Discard(n)
	c.offset += int64(n)
	return append(raw, ahead[:n]...)
}

// skipObject goes to the end of a feature that is too large, holding nothing of it.
func (c *collection) skipObject(raw []byte, scan *scanner, next byte, size int64) ([]byte, *Fault, error) {
	start := bytes.Clone(raw[:120])
	depth, inString, escaped := len(scan.opened), scan.inString, scan.escaped
	for {
		switch {
		case inString && escaped:
			escaped = false
		case inString && next == '\\':
			escaped = true
		case next == '"':
			inString = !inString
		case !inString && next == '{':
			depth++
		case !inString && next == '}':
			depth--
		}
		if depth == 0 {
			return start, tooBig(start, size), nil
		}
		var err error
		if next, err = c.read(); err == nil {
			size++
			continue
		}
		if errors.Is(err, io.EOF) {
			c.ended = true
			fault := tooBig(start, size)
			fault.Reason = fmt.Sprintf("the feature is not closed within %d bytes, to the end of the file", size)
			return start, fault, nil
		}
		return nil, nil, err
	}
}

func (c *collection) skip(set string) error {
	for {
		next, err := c.read()
		if err != nil {
			return err
		}
		if !containsByte(set, next) {
			c.unread([]byte{next})
			return nil
		}
	}
}

func (c *collection) read() (byte, error) {
	var next byte
	if len(c.back) > 0 {
		next, c.back = c.back[0], c.back[1:]
	} else {
		var err error
		if next, err = c.in.ReadByte(); err != nil {
			return 0, err
		}
	}
	c.offset++
	if next == '\n' {
		c.line++
	}
	return next, nil
}

func (c *collection) unread(again []byte) {
	c.back = append(bytes.Clone(again), c.back...)
	c.offset -= int64(len(again))
	c.line -= int64(bytes.Count(again, []byte{'\n'}))
}

func containsByte(set string, b byte) bool {
	for i := range len(set) {
		if set[i] == b {
			return true
		}
	}
	return false
}
