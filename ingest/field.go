package ingest

import (
	"slices"
	"strconv"

	"github.com/city-resource-graph/crg/ingest/convert"
	"github.com/city-resource-graph/crg/ingest/source"
)

// keyOf builds the key of a row from its key fields.
func (d *dataset) keyOf(record *source.Record) (string, *rejection) {
	parts := make([]string, len(d.key))
	for i, index := range d.key {
		value, rejected := d.fields[index].read(record, 0)
		if rejected != nil {
			return "", rejected
		}
		parts[i] = value.Text
	}
	key := slug(parts, d.keyLimit)
	if key == "" {
		return "", reject(d.fields[d.key[0]].Column, "", "no key: want a value that identifies the row")
	}
	return key, nil
}

func (m *mapper) medianOf(field int) float64 {
	if !m.fields[field].median {
		return 0
	}
	return m.state.Medians[m.ID+"."+m.fields[field].name]
}

// read converts one field of a record.
func (f *field) read(record *source.Record, median float64) (convert.Value, *rejection) {
	text := f.text(record)
	value, rejected := f.parse(text)
	if rejected != nil || value.Kind != convert.Missing {
		return value, rejected
	}
	if f.Required {
		return value, reject(f.Column, text, "a value is required")
	}
	if f.median {
		return convert.FromNumber(median), nil
	}
	return f.missing, nil
}

// text is the field as the file has it: one column, or two where both have a value.
func (f *field) text(record *source.Record) string {
	raw := record.Get(f.Column)
	if raw.Kind == source.Missing {
		return ""
	}
	if f.And == "" {
		return raw.Text()
	}
	more := record.Get(f.And)
	if more.Kind == source.Missing {
		return ""
	}
	return raw.Text() + " " + more.Text()
}

func (f *field) parse(text string) (convert.Value, *rejection) {
	if text == "" || slices.Contains(f.Blank, text) {
		return convert.Value{}, nil
	}
	value, err := f.convert(text, f.locale)
	if err != nil {
		return value, reject(f.Column, text, "%v", err)
	}
	if value.Kind == convert.Number {
		if f.Min != nil && value.Number < *f.Min {
			return value, reject(f.Column, text, "want at least %s", plain(*f.Min))
		}
		if f.Max != nil && value.Number > *f.Max {
			return value, reject(f.Column, text, "want at most %s", plain(*f.Max))
		}
	}
	if len(f.OneOf) > 0 && !anyOf(f.OneOf, value.Text, func(text, word string) bool { return text == word }) {
		return value, reject(f.Column, text, "want one of %v", f.OneOf)
	}
	return value, nil
}

// plain writes a number without an exponent.
func plain(number float64) string { return strconv.FormatFloat(number, 'f', -1, 64) }
