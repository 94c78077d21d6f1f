package ingest

import (
	"errors"
	"fmt"
	"math"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest/convert"
	"github.com/city-resource-graph/crg/ingest/profile"
)

// earthRadius is the radius of the sphere of EPSG:3857 in metres.
const earthRadius = 6378137.0

var errSwapped = errors.New("longitude and latitude look swapped: the other way round the point would lie in the city")

// noPlace says that the data set has no places at all.
func (d *dataset) noPlace() bool { return d.Point != nil && d.Point.None }

// placeField names the column that holds the place, for messages.
func (d *dataset) placeField() string {
	switch p := d.Point; {
	case p == nil:
		return "geometry"
	case p.Lon != "":
		return d.Fields[p.Lon].Column + ", " + d.Fields[p.Lat].Column
	case p.Easting != "":
		return d.Fields[p.Easting].Column + ", " + d.Fields[p.Northing].Column
	}
	return ""
}

// place finds the row's point and ward. A point that cannot be, or that lies outside of the city, rejects the row.
func (m *mapper) place(r *reading, row *Row) *rejection {
	at, rejected := m.point(r)
	if rejected != nil {
		return rejected
	}
	if at == nil {
		if at = m.byAddress(r); at == nil {
			return nil
		}
		r.byAddress = true
	}
	value := fmt.Sprintf("%v, %v", at.Lon, at.Lat)
	if err := at.Validate(); err != nil {
		if swapped := (city.Point{Lon: at.Lat, Lat: at.Lon}); m.areas.Ward(swapped) != "" {
			err = errSwapped
		}
		return reject(m.placeField(), value, "%v", err)
	}
	r.ward = m.areas.Ward(*at)
	if r.ward == "" && m.Outside != "keep" {
		return reject(m.placeField(), value, "%s", m.outside(*at))
	}
	r.point = at
	row.Point, row.Ward = at, r.ward
	return nil
}

// outside says where a point outside of the city lies, and whether its numbers look swapped.
func (m *mapper) outside(at city.Point) string {
	if m.areas.Ward(city.Point{Lon: at.Lat, Lat: at.Lon}) != "" {
		return errSwapped.Error()
	}
	kilometres := m.city.Plane().Distance(m.city.Centre, at) / 1000
	return fmt.Sprintf("the point lies outside of %s, %.1f km from its centre", m.city.Name, kilometres)
}

func (m *mapper) point(r *reading) (*city.Point, *rejection) {
	spec := m.Point
	if spec == nil {
		at, err := placeOf(r.record.Geometry)
		if err != nil {
			return nil, reject("geometry", string(r.record.Geometry), "%v", err)
		}
		return at, nil
	}
	switch {
	case spec.None:
		return nil, nil //nolint:nilnil // the rows have no place
	case spec.Easting != "":
		return m.pair(r, spec, spec.Easting, spec.Northing, unproject)
	}
	return m.pair(r, spec, spec.Lon, spec.Lat, func(lon, lat float64) city.Point { return city.Point{Lon: lon, Lat: lat} })
}

func (m *mapper) pair(r *reading, _ *profile.Point, first, second string, point func(a, b float64) city.Point) (*city.Point, *rejection) {
	a, b := r.values[m.index[first]], r.values[m.index[second]]
	if a.Kind == convert.Missing && b.Kind == convert.Missing {
		return nil, nil //nolint:nilnil // a row without a place
	}
	if a.Kind != convert.Number || b.Kind != convert.Number {
		return nil, reject(m.placeField(), a.Text+", "+b.Text, "want two numbers, or none")
	}
	at := point(a.Number, b.Number)
	return &at, nil
}

// unproject turns Web Mercator metres (EPSG:3857) into degrees.
func unproject(easting, northing float64) city.Point {
	return city.Point{
		Lon: easting / earthRadius * 180 / math.Pi,
		Lat: (2*math.Atan(math.Exp(northing/earthRadius)) - math.Pi/2) * 180 / math.Pi,
	}
}
