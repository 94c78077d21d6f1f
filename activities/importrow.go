package activities

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/postgres"
)

// importRow hands a row that the importer mapped to the database.
func importRow(r *ingest.Row) (postgres.ImportRow, error) {
	digest, err := hex.DecodeString(r.Digest)
	if err != nil {
		return postgres.ImportRow{}, fmt.Errorf("%w: digest of %s, line %d: %w", errInvalid, r.File, r.Line, err)
	}
	row := postgres.ImportRow{
		Line: r.Place, Key: r.Key, Digest: digest, Outcome: postgres.RowOutcome(r.Outcome), Payload: r.Payload, Point: r.Point,
		Ward: r.Ward,
	}
	if row.Key == "" { // a row that could not be read as far as its key
		row.Key = "line-" + strconv.FormatInt(r.Place, 10)
	}
	if r.Outcome == ingest.Rejected {
		row.Reason = rejection(r)
	}
	if r.Outcome != ingest.Listed {
		return row, nil
	}
	row.Payload = nil
	if r.Participant != nil {
		row.Participants = []city.Participant{*r.Participant}
	}
	for _, l := range r.Listings {
		row.Listings = append(row.Listings, postgres.ImportListing{Listing: l, ExpiresAt: expiry(l)})
	}
	return row, nil
}

// rejection names field and value of what is wrong with a row, and what would be right; and its line, where the row is
// counted otherwise.
func rejection(r *ingest.Row) string {
	reason := r.Reason
	if r.Field != "" {
		reason = fmt.Sprintf("%s %q: %s", r.Field, r.Value, r.Reason)
	}
	if r.Place != r.Line {
		reason = fmt.Sprintf("%s, line %d: %s", r.File, r.Line, reason)
	}
	return reason
}

// expiry is when a listing is of no use any more: when it has perished, or when its last window ends.
func expiry(l city.Listing) *time.Time {
	var last *time.Time
	for _, window := range l.Windows {
		if last == nil || window.End.After(*last) {
			last = &window.End
		}
	}
	if l.Resource != nil && l.Resource.PerishBy != nil && (last == nil || l.Resource.PerishBy.Before(*last)) {
		last = l.Resource.PerishBy
	}
	return last
}
