package city

import (
	"encoding/json"
	"slices"
	"time"
)

// Announcement is an event as listeners get it: what changed, at which place in the one order of all events, and whom it
// concerns.
type Announcement struct {
	Position int64 `json:"position"`
	// Previous is the position of the city's event before this one, 0 when none is kept. Who has read up to Previous
	// or beyond misses nothing.
	Previous int64           `json:"previous"`
	City     ID              `json:"city"`
	Topic    string          `json:"topic"`   // kind of subject: participant, listing, match, run, import
	Payload  json.RawMessage `json:"payload"` // its id and state
	Parties  []ParticipantID `json:"parties"`
	At       time.Time       `json:"at"` // wall time
}

// Concerns reports whether p is a party of what changed.
func (a Announcement) Concerns(p ParticipantID) bool { return p != "" && slices.Contains(a.Parties, p) }
