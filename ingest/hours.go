package ingest

import (
	"slices"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/convert"
	"github.com/city-resource-graph/crg/ingest/profile"
)

// weekly writes a pattern of the profile out over the horizon.
func (c *City) weekly(pattern profile.Weekly) []city.Window {
	from, _ := profile.ParseClock(pattern.From) // checked when the profile was read
	to, _ := profile.ParseClock(pattern.To)
	spans := make([]convert.Span, 0, len(pattern.Days))
	for _, day := range pattern.Days {
		weekday := time.Weekday((slices.Index(profile.Days, day) + 1) % 7)
		spans = append(spans, convert.Span{Day: weekday, From: from, To: to})
	}
	return c.write(spans)
}

// write turns weekly hours into windows over the horizon, in order, overlapping and adjacent ones joined.
func (c *City) write(spans []convert.Span) []city.Window {
	var windows []city.Window
	for day := range c.Horizon {
		date := c.AsOf.AddDate(0, 0, day)
		for _, span := range spans {
			if span.Day == date.Weekday() {
				windows = append(windows, city.Window{Start: atClock(date, span.From), End: atClock(date, span.To)})
			}
		}
	}
	slices.SortFunc(windows, func(a, b city.Window) int { return a.Start.Compare(b.Start) })
	var joined []city.Window
	for _, window := range windows {
		last := len(joined) - 1
		if last >= 0 && !window.Start.After(joined[last].End) {
			if window.End.After(joined[last].End) {
				joined[last].End = window.End
			}
			continue
		}
		joined = append(joined, window)
	}
	return joined
}

// atClock is a time of day on a date, also on days that do not have 24 hours.
func atClock(date time.Time, clock time.Duration) time.Time {
	return time.Date(date.Year(), date.Month(), date.Day(), 0, int(clock/time.Minute), 0, 0, date.Location())
}
