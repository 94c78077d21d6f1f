package api

import (
	"time"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
)

func pointOf(p *city.Point) wire.Point {
	if p == nil {
		return wire.Point{}
	}
	return wire.Point{Lon: p.Lon, Lat: p.Lat}
}

// readPoint reads a request's point; the zero point is none, and 0/0 is refused where it was stated.
func readPoint(field string, p *wire.Point) (*city.Point, error) {
	if p == nil {
		return nil, nil
	}
	point := city.Point{Lon: p.Lon, Lat: p.Lat}
	if err := point.Validate(); err != nil {
		return nil, invalidRequest.field(field, "%v", err)
	}
	return &point, nil
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
