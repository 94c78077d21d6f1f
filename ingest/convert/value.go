package convert

import (
	"math"
	"strconv"
	"time"
)

// Kind is what a value is.
type Kind uint8

// Kinds of value.
const (
	Missing Kind = iota
	Text
	Number // whole or decimal; an amount of money in minor units
	Flag   // its Text is yes or no
	Time
	Hours
)

// Value is one typed value of a row.
type Value struct {
	Kind   Kind
	Text   string // as read, without outer space
	Number float64
	Time   time.Time
	Hours  []Span
}

// Span is opening hours on one weekday, as times since midnight.
type Span struct {
	Day      time.Weekday
	From, To time.Duration
}

// AppendJSON appends a number, time or flag as JSON; nothing for text and what is missing.
func (v Value) AppendJSON(to []byte) []byte {
	switch v.Kind {
	case Number:
		format := byte('f')
		if math.Abs(v.Number) >= 1e15 {
			format = 'g'
		}
		return strconv.AppendFloat(to, v.Number, format, -1, 64)
	case Flag:
		return strconv.AppendBool(to, v.Text == "yes")
	case Time:
		return append(v.Time.AppendFormat(append(to, '"'), time.RFC3339), '"')
	}
	return to
}

// FromNumber is a number as if it had been read.
func FromNumber(number float64) Value {
	return Value{Kind: Number, Number: number, Text: strconv.FormatFloat(number, 'f', -1, 64)}
}
