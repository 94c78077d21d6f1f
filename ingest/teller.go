package ingest

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Teller says line by line what would become of rows, as CSV.
type Teller struct{ out *csv.Writer }

// NewTeller begins with a header line.
func NewTeller(w io.Writer) *Teller {
	t := &Teller{out: csv.NewWriter(w)}
	_ = t.out.Write([]string{"file", "line", "key", "outcome", "says"}) // Flush tells
	return t
}

// Row tells one row, of which the outcome may be that nothing about it is new.
func (t *Teller) Row(r *Row, outcome Outcome) {
	_ = t.out.Write([]string{r.File, strconv.FormatInt(r.Line, 10), r.Key, string(outcome), r.Says()}) // Flush tells
}

// Flush writes what is held and says whether all could be written.
func (t *Teller) Flush() error {
	t.out.Flush()
	if err := t.out.Error(); err != nil {
		return fmt.Errorf("tell the rows: %w", err)
	}
	return nil
}

// Says is what becomes of a row in one line: its listings, or why it is none.
func (r *Row) Says() string {
	switch {
	case r.Outcome == Rejected && r.Field != "":
		return fmt.Sprintf("%s %q: %s", r.Field, r.Value, r.Reason)
	case r.Outcome != Listed:
		return r.Reason
	}
	parts := make([]string, 0, len(r.Listings)+1)
	for i := range r.Listings {
		l := &r.Listings[i]
		parts = append(parts, fmt.Sprintf("%s: %d %s of %s, %s, %d windows, %s",
			l.Side, l.Quantity.Amount, l.Quantity.Unit, l.Leaf, l.Quantity.Quality, len(l.Windows), or(r.Ward, "no ward")))
	}
	if r.Review != "" {
		parts = append(parts, "a person looks at the holder first: "+r.Review)
	}
	return strings.Join(parts, "; ")
}
