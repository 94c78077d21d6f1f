package city

import (
	"fmt"
	"math"
)

// Point is a WGS 84 position in degrees.
type Point struct {
	Lon float64 `json:"lon"`
	Lat float64 `json:"lat"`
}

// Validate refuses what cannot be a place: not a number, outside the globe, or exactly 0/0. Values beyond 180 are most
// often Web Mercator metres taken for degrees, so the message says so.
func (p Point) Validate() error {
	switch {
	case math.IsNaN(p.Lon) || math.IsNaN(p.Lat) || math.IsInf(p.Lon, 0) || math.IsInf(p.Lat, 0):
		return fmt.Errorf("coordinates %v, %v: not a number", p.Lon, p.Lat)
	case math.Abs(p.Lon) > 360 || math.Abs(p.Lat) > 180:
		return fmt.Errorf("coordinates %v, %v: not degrees (metres of a projection such as EPSG:3857?)", p.Lon, p.Lat)
	case math.Abs(p.Lon) > 180 || math.Abs(p.Lat) > 90:
		return fmt.Errorf("coordinates %v, %v: want longitude within 180 and latitude within 90 degrees", p.Lon, p.Lat)
	case p.Lon == 0 && p.Lat == 0:
		return fmt.Errorf("coordinates 0, 0: an empty value, not a place")
	}
	return nil
}

// LocationQuality says how well a place is known.
type LocationQuality string

// Location qualities. A default coordinate shared by many records never enters distance matching.
const (
	Exact   LocationQuality = "exact"
	Street  LocationQuality = "street"
	Block   LocationQuality = "block"
	Area    LocationQuality = "area"
	Default LocationQuality = "default"
)

// Validate refuses an unknown location quality.
func (q LocationQuality) Validate() error {
	return oneOf("location quality", q, Exact, Street, Block, Area, Default)
}

// metresPerDegree is the length of one degree of latitude on a sphere of the mean Earth radius (6,371,008.8 m, IUGG).
const metresPerDegree = 6371008.8 * math.Pi / 180

// Plane is the city's metric projection: equirectangular around its centre, below 0.1 % off within 50 km.
type Plane struct {
	Centre Point `json:"centre" yaml:"centre"`
}

// Metres projects p; x grows east and y north of the centre.
func (pl Plane) Metres(p Point) (x, y float64) {
	return (p.Lon - pl.Centre.Lon) * metresPerDegree * math.Cos(pl.Centre.Lat*math.Pi/180), (p.Lat - pl.Centre.Lat) * metresPerDegree
}

// Distance is the straight line between two points in metres.
func (pl Plane) Distance(a, b Point) float64 {
	ax, ay := pl.Metres(a)
	bx, by := pl.Metres(b)
	return math.Hypot(ax-bx, ay-by)
}
