package hsds

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/ingest/source"
)

// maxObject bounds one top-level object: an organization with all that is nested in it.
const maxObject = 32 << 20

// nested are the members that hold entities of their own, and what these are.
var nested = map[string]string{
	"organization": "organization", "organizations": "organization", "service": "service", "services": "service",
	"location": "location", "locations": "location", "service_at_location": "service_at_location",
	"service_at_locations": "service_at_location", "addresses": "address", "schedules": "schedule", "attributes": "attribute",
	"taxonomy_term": "taxonomy_term", "phones": "phone", "contacts": "contact", "program": "program", "programs": "program",
	"taxonomy_detail": "taxonomy",
}

func singular(name string) string {
	if kind, known := nested[name]; known {
		return kind
	}
	switch {
	case strings.HasSuffix(name, "ies"):
		return strings.TrimSuffix(name, "ies") + "y"
	case strings.HasSuffix(name, "ss") || name == "accessibility" || name == "metadata":
		return name
	}
	return strings.TrimSuffix(name, "s")
}

// readJSON reads a list of objects, a page with its contents, one object, or one object a line.
func (t *tables) readJSON(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return notThere(path, err)
	}
	defer func() { _ = file.Close() }()
	counted := &lineCounter{in: file, line: 1}
	in := json.NewDecoder(counted)
	for first := true; ; first = false {
		start, err := in.Token()
		if errors.Is(err, io.EOF) && !first {
			return nil
		}
		if err != nil {
			return t.broken(counted, in, err)
		}
		switch start {
		case json.Delim('['):
			err = t.list(in, counted)
		case json.Delim('{'):
			err = t.top(in, counted)
		default:
			return &source.FileError{Path: path, Line: counted.at(in.InputOffset()), Reason: "want HSDS 3 JSON: an object, or a list of objects"}
		}
		if err != nil {
			return err
		}
	}
}

func (t *tables) broken(counted *lineCounter, in *json.Decoder, err error) error {
	reason := "not JSON: " + err.Error()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		reason = "the file ends too early: it may have been cut"
	}
	return &source.FileError{Path: t.path, Line: counted.at(in.InputOffset()), Reason: reason}
}

// list reads the objects of a list whose bracket has been read.
func (t *tables) list(in *json.Decoder, counted *lineCounter) error {
	for in.More() {
		var raw json.RawMessage
		if err := in.Decode(&raw); err != nil {
			return t.broken(counted, in, err)
		}
		line := counted.at(in.InputOffset() - int64(len(raw)))
		if err := t.object(raw, line); err != nil {
			return err
		}
	}
	if _, err := in.Token(); err != nil {
		return t.broken(counted, in, err)
	}
	return nil
}

// top reads the members of an object whose brace has been read: of a page its contents, else the object itself.
func (t *tables) top(in *json.Decoder, counted *lineCounter) error {
	line := counted.at(in.InputOffset())
	members, page := map[string]json.RawMessage{}, false
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return t.broken(counted, in, err)
		}
		if name == "contents" {
			page = true
			if start, err := in.Token(); err != nil || start != json.Delim('[') {
				return &source.FileError{Path: t.path, Line: counted.at(in.InputOffset()), Reason: `"contents" is not a list`}
			}
			if err := t.list(in, counted); err != nil {
				return err
			}
			continue
		}
		var value json.RawMessage
		if err := in.Decode(&value); err != nil {
			return t.broken(counted, in, err)
		}
		members[fmt.Sprint(name)] = value
	}
	if _, err := in.Token(); err != nil {
		return t.broken(counted, in, err)
	}
	if page {
		return nil
	}
	return t.take(members, kindOf(members), line, false)
}

// object takes one element of a list.
func (t *tables) object(raw json.RawMessage, line int64) error {
	var members map[string]json.RawMessage
	if len(raw) > maxObject || json.Unmarshal(raw, &members) != nil || members == nil {
		reason := "want an object"
		if len(raw) > maxObject {
			reason = fmt.Sprintf("the object has %d bytes: want at most %d", len(raw), maxObject)
		}
		return t.add("service", &row{line: line, values: map[string]string{}, fault: &source.Fault{Value: clip(raw), Reason: reason}}, false)
	}
	return t.take(members, kindOf(members), line, false)
}

func clip(raw []byte) string { return string(raw[:min(len(raw), 80)]) }

// kindOf tells the kinds of top-level object apart by the members that only they have.
func kindOf(members map[string]json.RawMessage) string {
	has := func(names ...string) bool {
		for _, name := range names {
			if _, is := members[name]; is {
				return true
			}
		}
		return false
	}
	switch {
	case has("service", "service_id") && has("location", "location_id"):
		return "service_at_location"
	case has("latitude", "addresses", "location_type"):
		return "location"
	case has("organization", "organization_id", "service_at_locations", "status"):
		return "service"
	}
	return "organization"
}

// take adds an entity and those nested in it, each with the reference that the nesting stands for.
func (t *tables) take(members map[string]json.RawMessage, kind string, line int64, inside bool) error {
	r := &row{line: line, values: map[string]string{}}
	for name, raw := range members {
		if raw = bytes.TrimSpace(raw); raw[0] != '{' && raw[0] != '[' && raw[0] != 'n' {
			r.values[name] = text(raw)
		}
	}
	if r.get("id") == "" {
		r.fault = &source.Fault{Field: "id", Reason: "a value is required in each " + kind}
	}
	for _, name := range slices.Sorted(maps.Keys(nested)) { // the same order each time
		child := nested[name]
		raw := bytes.TrimSpace(members[name])
		if len(raw) == 0 || raw[0] == 'n' {
			continue
		}
		one := raw[0] == '{'
		var list []map[string]json.RawMessage
		if one {
			list = make([]map[string]json.RawMessage, 1)
			_ = json.Unmarshal(raw, &list[0]) // an object, as JSON has been checked
		} else if err := json.Unmarshal(raw, &list); err != nil {
			r.fault = &source.Fault{Field: name, Value: clip(raw), Reason: "want a list of objects"}
			continue
		}
		for _, element := range list {
			if one {
				r.values[child+"_id"] = text(element["id"])
			} else {
				refer(element, kind, child, r.get("id"))
			}
			if err := t.take(element, child, line, true); err != nil {
				return err
			}
		}
	}
	return t.add(kind, r, inside)
}

// refer writes the reference from a nested entity to the one around it, where the file leaves it out.
func refer(element map[string]json.RawMessage, around, child, id string) {
	if element == nil {
		return
	}
	column := around + "_id"
	if child == "attribute" {
		column = "link_id"
	}
	if _, stated := element[column]; !stated {
		element[column], _ = json.Marshal(id) // a text always marshals
	}
}

func text(raw json.RawMessage) string {
	var value string
	if json.Unmarshal(raw, &value) == nil {
		return strings.TrimSpace(value)
	}
	return string(raw)
}

// lineCounter tells on which line a decoder's offset is, for offsets that only rise.
type lineCounter struct {
	in   io.Reader
	line int64

	breaks []int64 // offsets of the line ends read after it
	read   int64
}

func (l *lineCounter) Read(p []byte) (int, error) {
	n, err := l.in.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			l.breaks = append(l.breaks, l.read+int64(i))
		}
	}
	l.read += int64(n)
	return n, err
}

func (l *lineCounter) at(offset int64) int64 {
	for len(l.breaks) > 0 && l.breaks[0] < offset {
		l.breaks = l.breaks[1:]
		l.line++
	}

	return l.line
}
