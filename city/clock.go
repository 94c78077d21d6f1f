package city

import (
	"fmt"
	"time"
)

// Clock is the city clock. Data of the past is replayed as of a date that is shifted by whole weeks to now, so that
// weekdays stay weekdays, and one scale divides every waiting time (with 86,400 a day passes in a second). Workflows
// and SQL ask it; nobody asks the wall clock.
type Clock struct {
	AsOf    time.Time `json:"as_of"`   // the moment of the data, in its own time
	Started time.Time `json:"started"` // wall time at which the city clock showed Epoch
	Epoch   time.Time `json:"epoch"`   // city time at Started: AsOf plus whole weeks
	Scale   int64     `json:"scale"`   // city seconds per wall second, at least 1
}

const week = 7 * 24 * time.Hour

// NewClock starts a clock at the wall time started for data as of asOf (zero: the data is of now).
func NewClock(asOf, started time.Time, scale int64) (Clock, error) {
	if scale < 1 {
		return Clock{}, fmt.Errorf("time_scale %d: want at least 1", scale)
	}
	if asOf.IsZero() {
		return Clock{AsOf: started, Started: started, Epoch: started, Scale: scale}, nil
	}
	if asOf.After(started) {
		return Clock{}, fmt.Errorf("as_of %s lies in the future", asOf.Format(time.RFC3339))
	}
	// Calendar days, not hours: a shift across a daylight-saving change must keep the local hour.
	weeks := int(started.Sub(asOf) / week)
	return Clock{AsOf: asOf, Started: started, Epoch: asOf.AddDate(0, 0, 7*weeks), Scale: scale}, nil
}

// Now is the city time at the wall time now. Whole seconds are scaled as integers: a duration in nanoseconds would
// overflow after a day of wall time at a scale of 86,400.
func (c Clock) Now(now time.Time) time.Time {
	elapsed := now.Sub(c.Started)
	whole := c.Epoch.Unix() + int64(elapsed/time.Second)*c.Scale
	rest := time.Duration(c.Epoch.Nanosecond()) + elapsed%time.Second*time.Duration(c.Scale)
	return time.Unix(whole, 0).Add(rest).In(c.Epoch.Location())
}

// Wait is how long a wall clock has to wait for d to pass in the city.
func (c Clock) Wait(d time.Duration) time.Duration { return d / time.Duration(c.Scale) }

// Shift moves a date of the data to city time by the same whole weeks as the epoch.
func (c Clock) Shift(t time.Time) time.Time {
	days := int(c.Epoch.Sub(c.AsOf).Round(24*time.Hour) / (24 * time.Hour))
	return t.AddDate(0, 0, days)
}
