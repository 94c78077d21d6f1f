package postgres

import (
	"encoding/json"

	"github.com/city-resource-graph/crg/city"
)

// optional is nil for the zero value, as a nullable column wants it.
func optional[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

// texts turns ids and other words into the driver's strings; never nil, because nil would be NULL.
func texts[S ~string](words []S) []string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = string(word)
	}
	return out
}

// words is the way back; nil when there are none.
func words[S ~string](texts []string) []S {
	if len(texts) == 0 {
		return nil
	}
	out := make([]S, len(texts))
	for i, text := range texts {
		out[i] = S(text)
	}
	return out
}

// coordinates splits a point for its two nullable columns.
func coordinates(p *city.Point) (lon, lat *float64) {
	if p == nil {
		return nil, nil
	}
	return &p.Lon, &p.Lat
}

func point(lon, lat *float64) *city.Point {
	if lon == nil || lat == nil {
		return nil
	}
	return &city.Point{Lon: *lon, Lat: *lat}
}

// object is JSON for a column that is never NULL.
func object(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}

// found is translate for a write or read that must have met at least one row.
func found(doing string, rows int64, err error) error {
	if err == nil && rows == 0 {
		err = ErrNotFound
	}
	return translate(doing, err)
}
