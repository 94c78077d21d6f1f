package hsds

import (
	"fmt"
	"strings"

	"github.com/city-resource-graph/crg/ingest/source"
)

// Bounds of a package: its tables are held in memory while they are joined.
const (
	maxRows  = 500_000
	maxBytes = 256 << 20
)

// row is one row of a table.
type row struct {
	file   string // of the package's folder; empty = the file that was opened
	line   int64
	values map[string]string
	fault  *source.Fault
}

func (r *row) get(column string) string { return r.values[column] }

// tables are the rows of a package by the name of what they are: organization, service, location ...
type tables struct {
	path  string
	rows  map[string][]*row
	byID  map[string]map[string]*row
	count int
	bytes int
}

func newTables(path string) *tables {
	return &tables{path: path, rows: map[string][]*row{}, byID: map[string]map[string]*row{}}
}

// add takes in a row. Of JSON the same entity may be nested in many others: the first is kept, nested is then false-free.
func (t *tables) add(kind string, r *row, nested bool) error {
	id := r.get("id")
	if t.byID[kind] == nil {
		t.byID[kind] = map[string]*row{}
	}
	if id != "" {
		if _, known := t.byID[kind][id]; known && nested {
			return nil
		}
	}
	if t.count++; t.count > maxRows {
		return &source.FileError{Path: t.path, Reason: fmt.Sprintf("the package has more than %d rows: split it", maxRows)}
	}
	for column, value := range r.values {
		t.bytes += len(column) + len(value) + 32
	}
	if t.bytes > maxBytes {
		return &source.FileError{Path: t.path, Reason: fmt.Sprintf("the package holds more than %d MB: split it", maxBytes>>20)}
	}
	t.rows[kind] = append(t.rows[kind], r)
	if id == "" {
		return nil
	}
	if first, twice := t.byID[kind][id]; twice {
		if r.fault == nil {
			r.fault = &source.Fault{Field: "id", Value: id, Reason: fmt.Sprintf("the same id as line %d: want one of each", first.line)}
		}
		return nil
	}
	t.byID[kind][id] = r
	return nil
}

func (t *tables) find(kind, id string) *row { return t.byID[kind][id] }

// links finds the first reference of a row that leads nowhere. A column <kind>_id refers to that kind, if the package has it.
func (t *tables) links(kind string, r *row) *source.Fault {
	for _, to := range []string{
		"organization", "service", "location", "service_at_location", "program", "contact", "phone", "taxonomy_term", "taxonomy",
	} {
		column := to + "_id"
		id := r.get(column)
		if id == "" || to == kind {
			continue
		}
		if len(t.rows[to]) == 0 && !required(kind, to) {
			continue // a package without that table says nothing about it
		}
		if t.find(to, id) == nil {
			return &source.Fault{Field: column, Value: id, Reason: fmt.Sprintf("a dangling reference: the package has no %s with this id", to)}
		}
	}
	if kind == "attribute" {
		return t.link(r)
	}
	return nil
}

// link checks an attribute's reference, whose kind stands in a column of its own where the publisher knows its tables.
func (t *tables) link(r *row) *source.Fault {
	id, kind := r.get("link_id"), strings.TrimSuffix(strings.ToLower(r.get("link_entity")), "s")
	if id == "" {
		return nil
	}
	for _, to := range []string{"service", "organization", "location", "service_at_location", "program", "schedule", "contact", "phone"} {
		if t.find(to, id) != nil {
			return nil
		}
	}
	return &source.Fault{Field: "link_id", Value: id, Reason: fmt.Sprintf("a dangling reference: the package has no %s with this id", or(kind, "row"))}
}

func required(kind, to string) bool {
	switch kind {
	case "service":
		return to == "organization"
	case "service_at_location":
		return to == "service" || to == "location"
	}
	return false
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
