package schedules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Calendar is a cron expression of five fields, each as the values at which it fires, ascending. Of a day both the day of
// the month and the weekday must fit.
type Calendar struct {
	Minute, Hour, Day, Month, Weekday []int // Weekday 0 is Sunday
}

// field is one of the five.
type field struct {
	name      string
	low, high int
	words     []string // for the values from low on
}

func fields() [5]field {
	return [5]field{
		{name: "minute", low: 0, high: 59},
		{name: "hour", low: 0, high: 23},
		{name: "day of the month", low: 1, high: 31},
		{name: "month", low: 1, high: 12, words: strings.Fields("jan feb mar apr may jun jul aug sep oct nov dec")},
		{name: "weekday", low: 0, high: 6, words: strings.Fields("sun mon tue wed thu fri sat")},
	}
}

// ParseCron reads "minute hour day month weekday": each a star, a number, a word (mon, jan), a range a-b, a step a-b/n or
// */n, or several of them with commas.
func ParseCron(text string) (*Calendar, error) {
	parts := strings.Fields(text)
	if len(parts) != 5 {
		return nil, fmt.Errorf("%q has %d fields, want 5: minute hour day month weekday, such as \"0 3 * * *\"", text, len(parts))
	}
	c := &Calendar{}
	for i, into := range []*[]int{&c.Minute, &c.Hour, &c.Day, &c.Month, &c.Weekday} {
		f := fields()[i]
		values, err := f.parse(parts[i])
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		*into = values
	}
	return c, nil
}

func (f field) parse(text string) ([]int, error) {
	var values []int
	for part := range strings.SplitSeq(text, ",") {
		low, high, step, err := f.span(part)
		if err != nil {
			return nil, err
		}
		for v := low; v <= high; v += step {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return slices.Compact(values), nil
}

func (f field) span(part string) (low, high, step int, err error) {
	body, by, stepped := strings.Cut(part, "/")
	step = 1
	if stepped {
		if step, err = strconv.Atoi(by); err != nil || step < 1 || step > f.high {
			return 0, 0, 0, fmt.Errorf("%s %q: want a step of 1..%d after the slash", f.name, part, f.high)
		}
	}
	if body == "*" {
		return f.low, f.high, step, nil
	}
	from, to, ranged := strings.Cut(body, "-")
	if low, err = f.value(from); err != nil {
		return 0, 0, 0, err
	}
	switch {
	case ranged:
		if high, err = f.value(to); err != nil {
			return 0, 0, 0, err
		}
		if high < low {
			return 0, 0, 0, fmt.Errorf("%s %q: the range runs backwards, want %s-%s", f.name, part, to, from)
		}
	case stepped:
		high = f.high
	default:
		high = low
	}
	return low, high, step, nil
}

func (f field) value(text string) (int, error) {
	if k := slices.Index(f.words, strings.ToLower(text)); k >= 0 {
		return f.low + k, nil
	}
	v, err := strconv.Atoi(text)
	if f.name == "weekday" && v == 7 {
		v = 0 // as every cron has it
	}
	if err != nil || v < f.low || v > f.high {
		return 0, fmt.Errorf("%s %q: want %d..%d", f.name, text, f.low, f.high)
	}
	return v, nil
}

// String writes the calendar in the shortest form that ParseCron reads back.
func (c *Calendar) String() string {
	parts := make([]string, 0, 5)
	for i, values := range [][]int{c.Minute, c.Hour, c.Day, c.Month, c.Weekday} {
		parts = append(parts, fields()[i].write(values))
	}
	return strings.Join(parts, " ")
}

func (f field) write(values []int) string {
	if len(values) == f.high-f.low+1 {
		return "*"
	}
	var parts []string
	for i := 0; i < len(values); {
		j := i
		for j+1 < len(values) && values[j+1] == values[j]+1 {
			j++
		}
		part := strconv.Itoa(values[i])
		if j > i {
			part += "-" + strconv.Itoa(values[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ",")
}

// everFires says whether one of the months has one of the days; 30 February never comes.
func (c *Calendar) everFires() bool {
	return slices.ContainsFunc(c.Month, func(month int) bool {
		last := time.Date(2028, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day() // of a leap year
		return slices.Min(c.Day) <= last
	})
}

// fires says whether the calendar fires at a minute of the wall clock.
func (c *Calendar) fires(t time.Time) bool {
	return slices.Contains(c.Minute, t.Minute()) && slices.Contains(c.Hour, t.Hour()) && slices.Contains(c.Day, t.Day()) &&
		slices.Contains(c.Month, int(t.Month())) && slices.Contains(c.Weekday, int(t.Weekday()))
}
