package api

import (
	"reflect"
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// sameListing says whether a listing states what one that exists states, whatever became of that one since.
func sameListing(there, stated postgres.Listing) bool {
	return reflect.DeepEqual(statement(there), statement(stated))
}

// statement is a listing as the database keeps it: times to the microsecond, windows that touch as one, nothing where
// nothing was stated.
func statement(l postgres.Listing) postgres.Listing {
	s := postgres.Listing{Listing: l.Listing, ExpiresAt: kept(l.ExpiresAt)}
	s.State, s.Windows = "", union(l.Windows)
	if len(s.Attributes) == 0 {
		s.Attributes = nil
	}
	if s.Resource != nil {
		terms := *s.Resource
		terms.PerishBy = kept(terms.PerishBy)
		s.Resource = &terms
	}
	return s
}

func union(windows []city.Window) []city.Window {
	var joined []city.Window
	for _, w := range slices.SortedFunc(slices.Values(windows), func(a, b city.Window) int { return a.Start.Compare(b.Start) }) {
		w = city.Window{Start: *kept(&w.Start), End: *kept(&w.End)}
		if last := len(joined) - 1; last >= 0 && !w.Start.After(joined[last].End) {
			if w.End.After(joined[last].End) {
				joined[last].End = w.End
			}
			continue
		}
		joined = append(joined, w)
	}
	return joined
}

func kept(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	utc := at.UTC().Truncate(time.Microsecond)
	return &utc
}
