package ingest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/profile"
	"github.com/city-resource-graph/crg/ingest/source"
)

// checkHeader refuses a CSV file without a column that the profile names, or with one that it does not.
func (d *dataset) checkHeader(path string, header []string) error {
	for _, name := range sortedKeys(d.Fields) {
		if f := d.Fields[name]; !f.Optional && !slices.Contains(header, f.Column) {
			return d.missingColumn(path, name, f, header)
		}
	}
	for _, column := range header {
		if d.OtherFields != "keep" && !d.columns[column] {
			return &source.FileError{Path: path, Line: 1, Reason: fmt.Sprintf(
				"column %q is not known to the profile (%s): name it under fields, or say other_fields: keep", column, d.Position)}
		}
	}
	return nil
}

// checkColumns refuses a file of JSON in which no row at all has a column that the profile names.
func (d *dataset) checkColumns(path string, s *survey) error {
	if len(s.columns) == 0 {
		return nil
	}
	for _, name := range sortedKeys(d.Fields) {
		if f := d.Fields[name]; !s.columns[f.Column] && !f.Optional && (f.Required || d.OtherFields == "keep") {
			return d.missingColumn(path, name, f, sortedKeys(s.columns))
		}
	}
	return nil
}

func (d *dataset) missingColumn(path, name string, f profile.Field, have []string) error {
	reason := fmt.Sprintf("no column %q, which the profile names (%s, field %q); the file has %s", f.Column, f.Position, name, strings.Join(have, ", "))
	if near := city.Nearest(f.Column, have); near != "" {
		reason += fmt.Sprintf("; did you mean %q?", near)
	}
	return &source.FileError{Path: path, Line: 1, Reason: reason}
}
