package convert

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
)

// The named functions of the profile language. A new one is a line here, a function below and a case in the test.
var functions = map[string]Converter{
	"opening_hours": openingHours,
	"opening_days":  openingDays,
	"weekly_hours":  weeklyHours,
	"nigp_code":     nigpCode,
}

// Quantity computes a quantity from numeric fields and a share. Zero or less means that there is nothing to list.
type Quantity struct {
	Of      []string // what its fields are, in their order
	Compute func(of []float64, share float64) float64
}

var quantities = map[string]Quantity{
	"bikes_above": {Of: []string{"bikes", "empty docks"}, Compute: bikesAbove},
	"bikes_below": {Of: []string{"bikes", "empty docks"}, Compute: bikesBelow},
}

// NamedQuantity finds a quantity function.
func NamedQuantity(name string) (Quantity, error) {
	if quantity, ok := quantities[name]; ok {
		return quantity, nil
	}
	return Quantity{}, fmt.Errorf("function %q: want one of %s", name, names(quantities))
}

var (
	dayPattern  = regexp.MustCompile(`(Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday)\s*:([^;]*)`)
	spanPattern = regexp.MustCompile(`(\d{1,2}):(\d{2})(?::\d{2})?\s*-\s*(\d{1,2}):(\d{2})(?::\d{2})?`)
	weekdays    = map[string]time.Weekday{
		"Sunday": time.Sunday, "Monday": time.Monday, "Tuesday": time.Tuesday, "Wednesday": time.Wednesday,
		"Thursday": time.Thursday, "Friday": time.Friday, "Saturday": time.Saturday,
	}
)

// openingHours reads "Thursday: 14:30:00-17:30:00, 14:30:00-17:30:00; Saturday: ..." as the Capital Area Food Bank writes
// it: the same interval often three times over, some of them ending before they start. Those are left out.
func openingHours(text string, _ Locale) (Value, error) {
	var spans []Span
	for _, day := range dayPattern.FindAllStringSubmatch(text, -1) {
		for _, hours := range spanPattern.FindAllStringSubmatch(day[2], -1) {
			span := Span{Day: weekdays[day[1]], From: clock(hours[1], hours[2]), To: clock(hours[3], hours[4])}
			if span.From < span.To && span.To <= 24*time.Hour {
				spans = append(spans, span)
			}
		}
	}
	if len(spans) == 0 {
		return Value{}, nil
	}
	return Value{Kind: Hours, Text: text, Hours: spans}, nil
}

var (
	weeklyDay   = regexp.MustCompile(`^(Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday)\s*:\s*(\S.*)$`)
	weeklySpans = regexp.MustCompile(`^(\d{1,2}):([0-5]\d)\s*[-–]\s*(\d{1,2}):([0-5]\d)$`)
)

// weeklyHours reads hours that somebody fills in for us, such as "Monday: 09:00-12:00, 13:00-17:00; Friday: 09:00-12:00". What
// it cannot read is an error: whoever typed it is there to mend it, and must not be taken to be open all week.
func weeklyHours(text string, _ Locale) (Value, error) {
	var spans []Span
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		day := weeklyDay.FindStringSubmatch(part)
		if day == nil {
			return Value{}, fmt.Errorf("%q: want hours such as Monday: 09:00-17:00; Friday: 09:00-12:00", part)
		}
		for hours := range strings.SplitSeq(day[2], ",") {
			span, err := weeklySpan(weekdays[day[1]], strings.TrimSpace(hours))
			if err != nil {
				return Value{}, err
			}
			spans = append(spans, span)
		}
	}
	return Value{Kind: Hours, Text: text, Hours: spans}, nil
}

func weeklySpan(day time.Weekday, hours string) (Span, error) {
	at := weeklySpans.FindStringSubmatch(hours)
	if at == nil {
		return Span{}, fmt.Errorf("%q: want hours such as 09:00-17:00", hours)
	}
	span := Span{Day: day, From: clock(at[1], at[2]), To: clock(at[3], at[4])}
	if span.From >= span.To || span.To > 24*time.Hour {
		return Span{}, fmt.Errorf("%q: want an end after the start, 24:00 at most; what passes midnight goes on under the next day", hours)
	}
	return span, nil
}

func clock(hour, minute string) time.Duration {
	at, err := time.ParseDuration(hour + "h" + minute + "m")
	if err != nil {
		return 0
	}
	return at
}

// openingDays counts the weekdays that opening hours name.
func openingDays(text string, _ Locale) (Value, error) {
	days := map[string]bool{}
	for _, day := range dayPattern.FindAllStringSubmatch(text, -1) {
		days[day[1]] = true
	}
	if len(days) == 0 {
		return Value{}, nil
	}
	return FromNumber(float64(len(days))), nil
}

// nigpCode takes the commodity code from "9132700:Construction, Highway and Road"; a hundred order lines have only the
// text, which then stands for itself. The code set is licensed: codes serve as opaque keys.
func nigpCode(text string, _ Locale) (Value, error) {
	code, _, found := strings.Cut(text, ":")
	if !found || strings.Trim(code, "0123456789") != "" {
		return Value{Kind: Text, Text: text}, nil
	}
	return Value{Kind: Text, Text: code}, nil
}

// bikesAbove is how many whole bikes a station holds beyond a share of its docks.
func bikesAbove(of []float64, share float64) float64 {
	bikes, empty := of[0], of[1]
	return math.Floor(bikes - share*(bikes+empty))
}

// bikesBelow is how many bikes a station lacks to a share of its docks.
func bikesBelow(of []float64, share float64) float64 {
	bikes, empty := of[0], of[1]
	return math.Ceil(share*(bikes+empty) - bikes)
}
