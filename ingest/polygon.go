package ingest

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/city-resource-graph/crg/city"
)

// polygon is one or more rings in even-odd order: outer rings and holes need no distinction then. Its edges are sorted
// into horizontal slabs, so that a point is compared with a few dozen edges, not with all.
type polygon struct {
	west, south, east, north float64
	slabs                    [][]edge
}

// edge is one side of a ring.
type edge struct{ ax, ay, bx, by float64 }

const slabCount = 512

// parsePolygon reads a GeoJSON Polygon or MultiPolygon that is known to be JSON.
func parsePolygon(geometry []byte) (*polygon, error) {
	var shape struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(geometry, &shape); err != nil {
		return nil, fmt.Errorf("geometry: %w", err)
	}
	if shape.Type != "Polygon" && shape.Type != "MultiPolygon" {
		return nil, fmt.Errorf("geometry %q: want a Polygon or MultiPolygon", shape.Type)
	}
	all, err := rings(shape.Coordinates)
	if err != nil {
		return nil, err
	}
	var edges []edge
	for _, ring := range all {
		if len(ring) < 4 {
			return nil, fmt.Errorf("a ring of %d points: want at least 4", len(ring))
		}
		for i, at := range ring {
			if err := at.Validate(); err != nil {
				return nil, fmt.Errorf("a ring: %w", err)
			}
			if i > 0 {
				edges = append(edges, edge{ring[i-1].Lon, ring[i-1].Lat, at.Lon, at.Lat})
			}
		}
	}
	if len(edges) == 0 {
		return nil, fmt.Errorf("a %s without rings", shape.Type)
	}
	return newPolygon(edges), nil
}

// rings reads the lists of positions in coordinates of any depth. Outlines have tens of thousands of positions and every
// process of an import reads them, which encoding/json would do ten times slower.
func rings(coordinates []byte) ([][]city.Point, error) {
	var all [][]city.Point
	var ring []city.Point
	var position [3]float64 // the third is a height, which is not used
	numbers := 0
	for i := 0; i < len(coordinates); {
		switch c := coordinates[i]; {
		case c == ']' && numbers > 0:
			if numbers < 2 {
				return nil, fmt.Errorf("position %v: want longitude and latitude", position[0])
			}
			ring, numbers = append(ring, city.Point{Lon: position[0], Lat: position[1]}), 0
			i++
		case c == ']' && len(ring) > 0:
			all, ring = append(all, ring), nil
			i++
		case strings.IndexByte("[], \n\r\t", c) >= 0:
			i++
		default:
			end := i
			for end < len(coordinates) && strings.IndexByte("[], \n\r\t", coordinates[end]) < 0 {
				end++
			}
			number, err := strconv.ParseFloat(string(coordinates[i:end]), 64)
			if err != nil {
				return nil, fmt.Errorf("coordinate %q: want a number", clip(string(coordinates[i:end])))
			}
			position[min(numbers, 2)] = number
			numbers++
			i = end
		}
	}
	return all, nil
}

func newPolygon(edges []edge) *polygon {
	p := &polygon{west: math.Inf(1), south: math.Inf(1), east: math.Inf(-1), north: math.Inf(-1), slabs: make([][]edge, slabCount)}
	for _, e := range edges {
		p.west, p.east = min(p.west, e.ax, e.bx), max(p.east, e.ax, e.bx)
		p.south, p.north = min(p.south, e.ay, e.by), max(p.north, e.ay, e.by)
	}
	for _, e := range edges {
		for slab := p.slab(min(e.ay, e.by)); slab <= p.slab(max(e.ay, e.by)); slab++ {
			p.slabs[slab] = append(p.slabs[slab], e)
		}
	}
	return p
}

func (p *polygon) slab(lat float64) int {
	if p.north <= p.south {
		return 0
	}
	return min(slabCount-1, max(0, int(float64(slabCount)*(lat-p.south)/(p.north-p.south))))
}

// contains counts how often a ray to the west crosses the polygon's edges.
func (p *polygon) contains(at city.Point) bool {
	if at.Lon < p.west || at.Lon > p.east || at.Lat < p.south || at.Lat > p.north {
		return false
	}
	inside := false
	for _, e := range p.slabs[p.slab(at.Lat)] {
		if (e.ay > at.Lat) != (e.by > at.Lat) && at.Lon < (e.bx-e.ax)*(at.Lat-e.ay)/(e.by-e.ay)+e.ax {
			inside = !inside
		}
	}
	return inside
}

// centre is the centroid of the area; of a shape without area the middle of its box.
func (p *polygon) centre(edges []edge) city.Point {
	var area, x, y float64
	for _, e := range edges {
		// Relative to a corner: the products of full degrees would cancel out the last digits.
		ax, ay, bx, by := e.ax-p.west, e.ay-p.south, e.bx-p.west, e.by-p.south
		cross := ax*by - bx*ay
		area, x, y = area+cross, x+(ax+bx)*cross, y+(ay+by)*cross
	}
	if math.Abs(area) < 1e-15 {
		return city.Point{Lon: (p.west + p.east) / 2, Lat: (p.south + p.north) / 2}
	}
	return city.Point{Lon: p.west + x/(3*area), Lat: p.south + y/(3*area)}
}
