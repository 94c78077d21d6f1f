package ingest

import (
	"encoding/json"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// Outcome is what became of a row.
type Outcome string

// Outcomes. Each row has exactly one.
const (
	Listed        Outcome = "listing"
	PlaceFact     Outcome = "place_fact"
	History       Outcome = "history"
	PriceEvidence Outcome = "price_evidence"
	Rejected      Outcome = "rejected"
)

// Row is one row of a file and what became of it.
type Row struct {
	Dataset string
	File    string // in the data folder
	Line    int64
	Place   int64  // rises from row to row; the line, except where several rows come from one line or from several files
	Key     string // identifies the row in its data set; "" when it could not be read
	Digest  string // SHA-256 over the row and what became of it; equal digests mean that nothing changed
	Outcome Outcome
	Reason  string // why it is no listing, or why it is rejected
	Field   string // of a rejected row: the column that is at fault, with its value
	Value   string

	Payload json.RawMessage // of a fact: {"row": as read, "fields": numbers, times and flags, "attempt": of a past attempt}
	Point   *city.Point
	Ward    string
	At      *time.Time // the row's own date

	Participant *city.Participant // who holds the listings; the same for many rows when it is shared
	Review      string            // why a person must look at the participant first; "" = it may be activated
	Listings    []city.Listing
}

// Shift moves the row's times from those of the data to city time, by whole weeks.
func (r *Row) Shift(clock city.Clock) { r.ShiftBy(clock.Shift) }

// ShiftBy is Shift by any function of times.
func (r *Row) ShiftBy(shift func(time.Time) time.Time) {
	if r.At != nil {
		at := shift(*r.At)
		r.At = &at
	}
	for i := range r.Listings {
		shiftListing(&r.Listings[i], shift)
	}
}

func shiftListing(listing *city.Listing, shift func(time.Time) time.Time) {
	for i, window := range listing.Windows {
		listing.Windows[i] = city.Window{Start: shift(window.Start), End: shift(window.End)}
	}
	if listing.Resource != nil && listing.Resource.PerishBy != nil {
		by := shift(*listing.Resource.PerishBy)
		listing.Resource.PerishBy = &by
	}
}
