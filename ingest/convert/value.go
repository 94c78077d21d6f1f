package convert

import (
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

// JSON is the value as JSON for the payload of a fact.
func (v Value) JSON() any {
	switch v.Kind {
	case Number:
		return v.Number
	case Flag:
		return v.Text == "yes"
	case Time:
		return v.Time.Format(time.RFC3339)
	}
	return v.Text
}

// FromNumber is a number as if it had been read.
func FromNumber(number float64) Value {
	return Value{Kind: Number, Number: number, Text: strconv.FormatFloat(number, 'f', -1, 64)}
}
