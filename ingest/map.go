package ingest

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/convert"
	"github.com/city-resource-graph/crg/ingest/source"
)

// mapper turns the records of one data set into rows.
type mapper struct {
	*dataset
	areas   *Areas
	state   *State
	covered covered
}

// reading is one record while it is mapped.
type reading struct {
	record *source.Record
	values []convert.Value // by field
	point  *city.Point
	ward   string
	state  *State

	byAddress bool // the place is that of another row with the same address
}

// rejection ends a row: field and value are of the file.
type rejection struct{ field, value, reason string }

func reject(field, value, format string, args ...any) *rejection {
	return &rejection{field: field, value: clip(value), reason: fmt.Sprintf(format, args...)}
}

// row maps one record.
func (m *mapper) row(record *source.Record) (Row, error) {
	row := Row{Dataset: m.ID, File: or(record.File, m.File), Line: record.Line, Place: record.Place()}
	reading, rejected := m.read(record, &row)
	if rejected == nil {
		var err error
		if rejected, err = m.decide(reading, &row); err != nil {
			return Row{}, err
		}
	}
	if rejected != nil {
		row.Outcome, row.Field, row.Value, row.Reason = Rejected, rejected.field, rejected.value, rejected.reason
		if cell := record.Cell(rejected.field); cell != "" && record.Fault == nil {
			row.Reason = "cell " + cell + ": " + row.Reason
		}
		row.Listings, row.Participant, row.Review = nil, nil, ""
	}
	var attempted []byte
	switch row.Outcome {
	case History:
		attempted = m.attempt(reading)
		row.Payload = m.payload(reading, attempted)
	case PlaceFact, PriceEvidence:
		row.Payload = m.payload(reading, nil)
	}
	row.Digest = digest(&row, record.Raw, attempted)
	return row, nil
}

// read converts the record's fields and finds its key, place and date.
func (m *mapper) read(record *source.Record, row *Row) (*reading, *rejection) {
	r := &reading{record: record, state: m.state}
	if record.Fault != nil {
		return r, &rejection{field: record.Fault.Field, value: record.Fault.Value, reason: record.Fault.Reason}
	}
	if rejected := m.otherFields(record); rejected != nil {
		return r, rejected
	}
	if rejected := m.readKey(r, row); rejected != nil {
		return r, rejected
	}
	r.values = make([]convert.Value, len(m.fields))
	for i := range m.fields {
		var rejected *rejection
		if r.values[i], rejected = m.fields[i].read(record, m.medianOf(i)); rejected != nil {
			return r, rejected
		}
	}
	if rejected := m.place(r, row); rejected != nil {
		return r, rejected
	}
	if m.At != "" {
		if value := r.values[m.index[m.At]]; value.Kind == convert.Time {
			at := value.Time
			row.At = &at
		}
	}
	return r, nil
}

func (m *mapper) otherFields(record *source.Record) *rejection {
	if m.OtherFields == "keep" {
		return nil
	}
	for _, column := range record.Columns() {
		if !m.columns[column] {
			return reject(column, record.Get(column).Text(), "the profile does not know this field: want one of %v, or other_fields: keep", sortedKeys(m.columns))
		}
	}
	return nil
}

func (m *mapper) readKey(r *reading, row *Row) *rejection {
	key, rejected := m.keyOf(r.record)
	if rejected != nil {
		return rejected
	}
	row.Key = key
	if first, repeated := m.state.Repeats[m.ID][key]; repeated && first != r.record.Place() {
		return reject(m.fields[m.key[0]].Column, key, "the same key as %s %d", m.counted(), first)
	}
	return nil
}

// counted is what rows are counted by.
func (d *dataset) counted() string {
	if d.Each != "" || d.options.Format == source.HSDS {
		return "row"
	}
	return "line"
}

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

// decide takes the first branch that fits.
func (m *mapper) decide(r *reading, row *Row) (*rejection, error) {
	for i := range m.branches {
		b := &m.branches[i]
		if !r.holds(b.when) {
			continue
		}
		if len(b.lists) == 0 {
			row.Reason = b.Because
			if b.Then == "reject" {
				return reject("", "", "%s", b.Because), nil
			}
			row.Outcome = Outcome(b.Then)
			return nil, nil //nolint:nilnil // no rejection and no error
		}
		rejected, err := m.list(r, row, i)
		if rejected != nil || err != nil || len(row.Listings) > 0 {
			return rejected, err
		}
	}
	return reject("", "", "no branch of the profile fits the row"), nil
}

// list makes the listings of one branch and their holder.
func (m *mapper) list(r *reading, row *Row, branch int) (*rejection, error) {
	for i := range m.branches[branch].lists {
		entry := &m.branches[branch].lists[i]
		if !r.holds(entry.when) || (len(entry.unless) > 0 && r.holds(entry.unless)) {
			continue
		}
		if entry.Stated != "" {
			if r.point == nil {
				return reject(m.placeField(), "", "no coordinates: a listing needs a place"), nil
			}
			stated, rejected := m.stated(r, row, entry)
			if rejected != nil {
				return rejected, nil
			}
			row.Listings = append(row.Listings, stated)
			continue
		}
		quantity, rejected := m.quantity(r, entry)
		if rejected != nil {
			return rejected, nil
		}
		if quantity.Amount <= 0 {
			continue // a station that is neither full nor empty
		}
		if r.point == nil && !m.noPlace() {
			return reject(m.placeField(), "", "no coordinates: a listing needs a place"), nil
		}
		if entry.Near != nil && r.point != nil {
			site, found, err := m.covered(r.record.Number, branch, i, *r.point)
			if err != nil {
				return nil, err
			}
			if found {
				row.Reason = fmt.Sprintf("%s: within %v m of %s, line %d", entry.Leaf.Constant, entry.Near.Metres, site.Dataset, site.Line)
				continue
			}
		}
		listing, rejected := m.listing(r, row, entry, quantity)
		if rejected != nil {
			return rejected, nil
		}
		row.Listings = append(row.Listings, listing)
	}
	if len(row.Listings) == 0 {
		return nil, nil //nolint:nilnil // the next branch is tried
	}
	row.Outcome = Listed
	return m.hold(r, row), nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// plain writes a number without an exponent.
func plain(number float64) string { return strconv.FormatFloat(number, 'f', -1, 64) }

// clip shortens a value for a message.
func clip(value string) string {
	const most = 80
	if len(value) <= most {
		return value
	}
	cut := []rune(value)
	return string(cut[:min(most, len(cut))]) + "..."
}

// window of the plan's horizon: from the as-of moment for as many days.
func (c *City) horizon() city.Window {
	return city.Window{Start: c.AsOf, End: c.AsOf.AddDate(0, 0, c.Horizon)}
}
