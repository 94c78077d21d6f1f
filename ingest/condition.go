package ingest

import (
	"strings"
	"time"

	"github.com/city-resource-graph/crg/ingest/convert"
	"github.com/city-resource-graph/crg/ingest/profile"
)

// condition is one test of one field.
type condition struct {
	field  int // index, or wardField
	test   profile.Test
	before *time.Time
	from   *time.Time
}

const wardField = -1

func (d *dataset) compileConditions(conditions profile.Conditions) []condition {
	compiled := make([]condition, 0, len(conditions))
	for _, name := range sortedKeys(conditions) {
		test := conditions[name]
		for _, words := range []*[]string{
			&test.Is, (*[]string)(&test.Not), (*[]string)(&test.Contains), (*[]string)(&test.Starts),
			(*[]string)(&test.Asks), (*[]string)(&test.Besides),
		} {
			*words = folded(*words)
		}
		c := condition{field: wardField, test: test, before: d.moment(test.Before), from: d.moment(test.From)}
		if name != profile.Ward {
			c.field = d.index[name]
		}
		compiled = append(compiled, c)
	}
	return compiled
}

// moment reads as_of, or a date that has been checked.
func (d *dataset) moment(text string) *time.Time {
	if text == "" {
		return nil
	}
	at := d.city.AsOf
	if text != profile.AsOf {
		at, _ = time.ParseInLocation("2006-01-02", text, d.city.Zone)
	}
	return &at
}

// holds reports whether all conditions hold for a row.
func (r *reading) holds(conditions []condition) bool {
	for i := range conditions {
		c := &conditions[i]
		value := convert.Value{Kind: convert.Text, Text: r.ward}
		if c.field != wardField {
			value = r.values[c.field]
		} else if r.ward == "" {
			value.Kind = convert.Missing
		}
		if !c.holds(value, r.state) {
			return false
		}
	}
	return true
}

func (c *condition) holds(value convert.Value, state *State) bool {
	if value.Kind == convert.Missing {
		return c.holdsMissing()
	}
	t, text := &c.test, fold(value.Text)
	switch {
	case t.Missing != nil && *t.Missing:
		return false
	case len(t.Is) > 0 && !anyOf(t.Is, text, func(text, word string) bool { return text == word }),
		len(t.Contains) > 0 && !anyOf(t.Contains, text, strings.Contains),
		len(t.Starts) > 0 && !anyOf(t.Starts, text, strings.HasPrefix),
		len(t.Asks) > 0 && !convert.Asks(text, t.Asks, t.Besides),
		anyOf(t.Not, text, func(text, word string) bool { return text == word }):
		return false
	case (c.before != nil || c.from != nil) && value.Kind != convert.Time,
		c.before != nil && !value.Time.Before(*c.before),
		c.from != nil && value.Time.Before(*c.from):
		return false
	case (t.AtLeast != nil || t.Below != nil) && value.Kind != convert.Number,
		t.AtLeast != nil && value.Number < *t.AtLeast,
		t.Below != nil && value.Number >= *t.Below:
		return false
	}
	return (t.In == "" || state.contains(t.In, text)) && (t.NotIn == "" || !state.contains(t.NotIn, text))
}

// holdsMissing: a missing field passes tests that only exclude, and the test for missing.
func (c *condition) holdsMissing() bool {
	t := &c.test
	if t.Missing != nil {
		return *t.Missing
	}
	return len(t.Is) == 0 && len(t.Contains) == 0 && len(t.Starts) == 0 && len(t.Asks) == 0 && c.before == nil && c.from == nil &&
		t.AtLeast == nil && t.Below == nil && t.In == ""
}

func anyOf(words []string, text string, fits func(text, word string) bool) bool {
	for _, word := range words {
		if fits(text, word) {
			return true
		}
	}
	return false
}

func folded(words []string) []string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = fold(word)
	}
	return out
}

// fold takes case and outer space out of a comparison.
func fold(text string) string { return strings.ToLower(strings.TrimSpace(text)) }
