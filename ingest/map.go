package ingest

import (
	"fmt"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/convert"
	"github.com/city-resource-graph/crg/ingest/source"
)

// mapper turns the records of one data set into rows.
type mapper struct {
	*dataset
	file    string // as the data folder names it
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
	row := Row{Dataset: m.ID, File: or(record.File, m.file), Line: record.Line, Place: record.Place()}
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
