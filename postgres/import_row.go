package postgres

import (
	"encoding/json"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// RowOutcome is what a source row became.
type RowOutcome string

// Outcomes of a row.
const (
	RowListing       RowOutcome = "listing"
	RowPlaceFact     RowOutcome = "place_fact"
	RowHistory       RowOutcome = "history"
	RowPriceEvidence RowOutcome = "price_evidence"
	RowRejected      RowOutcome = "rejected"
)

// Batch is a number of mapped rows of one file, loaded in one transaction. Batches of one data set are loaded in order,
// because of two rows with the same key the later one is rejected.
type Batch struct {
	City    city.ID
	Import  string
	Dataset string
	File    string
	Number  int
	Rows    []ImportRow

	// New says that the data set had no rows before this import (HasRows), so that rows are only looked up where they
	// may repeat an earlier one. Where it is wrong, loading takes longer and comes to the same.
	New bool
}

// ImportRow is one row of a source as the mapping profile understood it.
type ImportRow struct {
	Line    int64
	Key     string // the source's own key, or one derived from its content; unique in the data set
	Digest  []byte // over the row and the profile that mapped it; equal digest = unchanged
	Outcome RowOutcome
	Reason  string // of a rejected row: field, value and what would be right

	Participants []city.Participant // holders of the listings; the first mention of one in a batch counts
	Again        string             // why a person looks at the holders again who were decided on; "" = what was decided stands
	Listings     []ImportListing    // their Source and SourceKey are the batch's Dataset and the row's Key

	Payload json.RawMessage // of a fact
	Point   *city.Point     // of a fact
	Ward    string          // of a fact; empty with a point: found by polygon, for participants and listings too
}

// fact is the payload that is kept: an object for a fact, nothing for other rows.
func (r ImportRow) fact() json.RawMessage {
	switch r.Outcome {
	case RowPlaceFact, RowHistory, RowPriceEvidence:
		return object(r.Payload)
	}
	return nil
}

// ImportListing is a listing of a source row.
type ImportListing struct {
	city.Listing
	ExpiresAt *time.Time
}
