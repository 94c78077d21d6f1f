package hsds

import (
	"strings"
)

var days = []struct{ code, name string }{
	{"MO", "Monday"}, {"TU", "Tuesday"}, {"WE", "Wednesday"}, {"TH", "Thursday"}, {"FR", "Friday"}, {"SA", "Saturday"}, {"SU", "Sunday"},
}

// hours writes weekly schedules (RFC 5545 in HSDS) as the profile language reads opening hours: Monday: 09:00-17:00; ...
// What is not weekly, or has no hours, is not written: no hours are better than wrong ones.
func hours(schedules []*row) string {
	var out []string
	for _, s := range schedules {
		opens, closes := clock(s.get("opens_at")), clock(s.get("closes_at"))
		if opens == "" || closes == "" || closes <= opens {
			continue
		}
		weekly := strings.EqualFold(s.get("freq"), "WEEKLY") && (s.get("interval") == "" || s.get("interval") == "1")
		daily := strings.EqualFold(s.get("freq"), "DAILY")
		if !weekly && !daily {
			continue
		}
		for _, day := range days {
			if daily || strings.Contains(","+s.get("byday")+",", ","+day.code+",") {
				out = append(out, day.name+": "+opens+"-"+closes)
			}
		}
	}
	return strings.Join(out, "; ")
}

// clock takes hour and minute of 09:00, 09:00:00 or 09:00Z.
func clock(text string) string {
	if len(text) < 5 || text[2] != ':' {
		return ""
	}
	return text[:5]
}
