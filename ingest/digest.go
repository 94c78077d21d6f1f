package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/convert"
)

// digest is over the row as read and all that became of it, in times of the data: a second import of the same files finds
// the same digests, whatever the city clock shows, and a changed rule changes them.
func digest(row *Row, raw, attempted []byte) string {
	text := make([]byte, 0, len(raw)+512)
	text = put(text, string(raw), string(row.Outcome), row.Reason, row.Review, row.Ward)
	text = append(text, attempted...)
	if p := row.Participant; p != nil {
		text = put(text, string(p.ID), string(p.Kind), p.Name, p.AddressID, p.EmailDomain)
		if p.Operator != "" { // rows without one keep the digest that they had before it was read
			text = put(text, "operator", p.Operator)
		}
	}
	for i := range row.Listings {
		text = putListing(text, &row.Listings[i])
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func putListing(out []byte, l *city.Listing) []byte {
	out = put(out, string(l.ID), string(l.Side), l.Title, strconv.FormatInt(l.Quantity.Amount, 10), string(l.Quantity.Unit),
		string(l.Quantity.Quality), string(l.Quantity.Rule), string(l.LocationQuality), string(l.Temperature), string(l.State), string(l.Origin))
	for _, window := range l.Windows {
		out = put(out, strconv.FormatInt(window.Start.Unix(), 10), strconv.FormatInt(window.End.Unix(), 10))
	}
	for _, part := range []any{l.Attributes, l.Resource, l.Need} {
		text, _ := json.Marshal(part) // bools, numbers and texts always marshal
		out = append(out, text...)
	}
	return out
}

// put appends texts with their lengths, so that no two lists of texts are written alike.
func put(out []byte, texts ...string) []byte {
	for _, text := range texts {
		out = strconv.AppendInt(out, int64(len(text)), 10)
		out = append(append(out, ':'), text...)
	}
	return out
}

// payload is what is kept of a fact: the row as read, its fields that are more than text, and what was attempted.
func (m *mapper) payload(r *reading, attempted []byte) json.RawMessage {
	row := r.record.JSON()
	out := make([]byte, 0, len(row)+256)
	out = append(append(out, `{"row":`...), row...)
	before := `,"fields":{"`
	for i, value := range r.values {
		text := value.AppendJSON(nil)
		if text == nil {
			continue
		}
		out = append(append(append(out, before...), m.fields[i].name...), `":`...)
		out, before = append(out, text...), `,"`
	}
	if before == `,"` {
		out = append(out, '}')
	}
	if attempted != nil {
		out = append(append(out, `,"attempt":`...), attempted...)
	}
	return append(out, '}')
}

// attempt is the past attempt that a row records, as JSON; nil for other rows.
func (m *mapper) attempt(r *reading) []byte {
	for i := range m.attempts {
		a := &m.attempts[i]
		at := r.values[m.index[a.At]]
		if at.Kind != convert.Time || !r.holds(a.when) {
			continue
		}
		text, _ := json.Marshal(struct { // texts, times and flags always marshal
			What      string    `json:"what"`
			Leaf      string    `json:"leaf"`
			At        time.Time `json:"at"`
			Succeeded bool      `json:"succeeded"`
		}{a.What, a.Leaf, at.Time.UTC(), !r.holds(a.failed)})
		return text
	}
	return nil
}
