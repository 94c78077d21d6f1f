package schedules

import (
	"fmt"
	"time"
)

// DaylightSaving says what is to happen at times which the wall clock of the time zone has not, or has twice.
type DaylightSaving string

// The rules.
const (
	// Avoid refuses a calendar that fires at such a time within two years.
	Avoid DaylightSaving = "avoid"
	// Follow takes what the wall clock gives: no action at a time that is left out in spring, two at one that comes twice in
	// autumn. That is what the server does.
	Follow DaylightSaving = "follow"
)

// ahead is how far the switches of the clock are looked at.
const ahead = 2 * 366 * 24 * time.Hour

// conflict finds the first time, within two years from now, at which the calendar fires and which the wall clock leaves
// out or has twice.
func conflict(c *Calendar, zone *time.Location, now time.Time) error {
	for at := now.UTC().Truncate(time.Hour); at.Before(now.Add(ahead)); at = at.Add(time.Hour) {
		_, before := at.In(zone).Zone()
		_, after := at.Add(time.Hour).In(zone).Zone()
		if before == after {
			continue
		}
		change := switchWithin(at, zone)
		shift := time.Duration(after-before) * time.Second
		// As the wall clock would show it without the switch.
		wall := change.UTC().Add(time.Duration(before) * time.Second)
		if shift > 0 {
			for minute := time.Duration(0); minute < shift; minute += time.Minute {
				if c.fires(wall.Add(minute)) {
					return fmt.Errorf("%s does not exist on %s, when the clock goes forward", wall.Add(minute).Format("15:04"), wall.Format("2 January 2006"))
				}
			}
			continue
		}
		for minute := shift; minute < 0; minute += time.Minute {
			if c.fires(wall.Add(minute)) {
				return fmt.Errorf("%s comes twice on %s, when the clock goes back", wall.Add(minute).Format("15:04"), wall.Format("2 January 2006"))
			}
		}
	}
	return nil
}

// switchWithin finds the minute within an hour at which the zone's offset changes.
func switchWithin(at time.Time, zone *time.Location) time.Time {
	_, before := at.In(zone).Zone()
	for minute := range 60 {
		moment := at.Add(time.Duration(minute+1) * time.Minute)
		if _, offset := moment.In(zone).Zone(); offset != before {
			return moment
		}
	}
	return at.Add(time.Hour)
}
