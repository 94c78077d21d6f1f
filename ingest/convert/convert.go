package convert

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// Locale is what a text is read by.
type Locale struct {
	Zone     *time.Location // of times without an offset
	Layout   string         // of times, in Go's notation; empty = ISO 8601
	Currency city.Currency  // of amounts
}

// Converter reads a text that is not blank. An error says what would be right. A text that states nothing ("call for
// hours") gives a missing value without an error.
type Converter func(text string, locale Locale) (Value, error)

var types = map[string]Converter{
	"text":    func(text string, _ Locale) (Value, error) { return Value{Kind: Text, Text: text}, nil },
	"integer": integer,
	"decimal": decimal,
	"amount":  amount,
	"flag":    flag,
	"time":    moment,
}

// Named finds the converter of a type or a named function. No name means text.
func Named(name string) (Converter, error) {
	if name == "" {
		name = "text"
	}
	if converter, ok := types[name]; ok {
		return converter, nil
	}
	if converter, ok := functions[name]; ok {
		return converter, nil
	}
	return nil, fmt.Errorf("as %q: want one of %s, or a function: %s", name, names(types), names(functions))
}

func names[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}

func integer(text string, _ Locale) (Value, error) {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || number != math.Trunc(number) || math.Abs(number) > 1<<53 {
		return Value{}, fmt.Errorf("want a whole number without separators")
	}
	return Value{Kind: Number, Text: text, Number: number}, nil
}

func decimal(text string, _ Locale) (Value, error) {
	number, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return Value{}, fmt.Errorf("want a number with a decimal point and without separators")
	case math.IsNaN(number) || math.IsInf(number, 0):
		return Value{}, fmt.Errorf("not a number: want a finite one")
	}
	return Value{Kind: Number, Text: text, Number: number}, nil
}

// amount reads money such as "$1,234.50" or "(5.00)" as minor units.
func amount(text string, locale Locale) (Value, error) {
	plain := strings.TrimSpace(strings.NewReplacer("$", "", ",", "", "€", "", "£", "").Replace(text))
	if strings.HasPrefix(plain, "(") && strings.HasSuffix(plain, ")") {
		plain = "-" + plain[1:len(plain)-1]
	}
	minor, err := city.ParseMinor(plain, locale.Currency)
	if err != nil {
		return Value{}, fmt.Errorf("want an amount such as 1,234.50")
	}
	return Value{Kind: Number, Text: text, Number: float64(minor)}, nil
}

func flag(text string, _ Locale) (Value, error) {
	switch strings.ToLower(text) {
	case "yes", "y", "true", "t", "1", "x":
		return Value{Kind: Flag, Text: "yes"}, nil
	case "no", "n", "false", "f", "0", "none":
		return Value{Kind: Flag, Text: "no"}, nil
	}
	return Value{}, fmt.Errorf("want yes or no")
}

var layouts = []string{
	time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02", "2006-01-02 3 PM", "2006-01-02 3:04 PM",
}

func moment(text string, locale Locale) (Value, error) {
	tried := layouts
	if locale.Layout != "" {
		tried = []string{locale.Layout}
	}
	for _, layout := range tried {
		at, err := time.ParseInLocation(layout, text, locale.Zone)
		if err != nil {
			continue
		}
		if at.Year() < 1900 || at.Year() > 2200 {
			return Value{}, fmt.Errorf("want a year from 1900 to 2200")
		}
		// In the city's zone, so that a shift by whole weeks keeps the local hour across a daylight-saving change.
		return Value{Kind: Time, Text: text, Time: at.In(locale.Zone)}, nil
	}
	if locale.Layout != "" {
		return Value{}, fmt.Errorf("want a time like %s", locale.Layout)
	}
	return Value{}, fmt.Errorf("want a time such as 2016-08-08T14:00:00Z or 2016-08-08")
}
