package notices

import (
	"fmt"
	"time"
)

// Quiet is a daily span in which somebody wants to be left alone, in minutes after midnight of the city's time zone. It
// may reach over midnight; equal ends mean no such span.
type Quiet struct{ From, Until int }

const day = 24 * 60

// ParseQuiet reads two times of day such as 21:00 and 07:00; both empty mean no quiet hours.
func ParseQuiet(from, until string) (Quiet, error) {
	if from == "" && until == "" {
		return Quiet{}, nil
	}
	var q Quiet
	for _, end := range []struct {
		text string
		to   *int
	}{{from, &q.From}, {until, &q.Until}} {
		at, err := time.Parse("15:04", end.text)
		if err != nil {
			return Quiet{}, fmt.Errorf("time of day %q: want hours and minutes such as 21:00", end.text)
		}
		*end.to = at.Hour()*60 + at.Minute()
	}
	if q.From == q.Until {
		return Quiet{}, fmt.Errorf("quiet hours from %s until %s: want two different times", from, until)
	}
	return q, nil
}

// Ends is the local time at which the quiet hours around at end; false when at does not lie in them. The end is a time
// of day, not a length, so that a night on which the clocks change is as quiet as any other.
func (q Quiet) Ends(at time.Time) (time.Time, bool) {
	if q.From == q.Until {
		return time.Time{}, false
	}
	minute := at.Hour()*60 + at.Minute()
	inside := minute >= q.From && minute < q.Until
	date := at.Day()
	if q.From > q.Until {
		inside = minute >= q.From || minute < q.Until
		if minute >= q.From {
			date++
		}
	}
	if !inside {
		return time.Time{}, false
	}
	ends := time.Date(at.Year(), at.Month(), date, q.Until/60, q.Until%60, 0, 0, at.Location())
	// Where the clocks change, a time of day may not exist (it is the moment after the gap) or come twice (the later one
	// is meant, once the first has passed).
	if missing := q.Until - ends.Hour()*60 - ends.Minute(); missing > 0 {
		ends = ends.Add(time.Duration(missing) * time.Minute)
	}
	if !ends.After(at) {
		ends = ends.Add(time.Hour)
	}
	return ends, true
}

// String is both ends; empty without quiet hours.
func (q Quiet) String() string {
	if q.From == q.Until {
		return ""
	}
	return clock(q.From) + "-" + clock(q.Until)
}

// Texts are the two ends as ParseQuiet reads them.
func (q Quiet) Texts() (from, until string) {
	if q.From == q.Until {
		return "", ""
	}
	return clock(q.From), clock(q.Until)
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute%day/60, minute%60) }
