package ingest

import (
	"encoding/json"
	"fmt"

	"github.com/city-resource-graph/crg/city"
)

// placeOf finds the point that stands for a GeoJSON geometry: the point itself, or the centre of what has an extent. No
// geometry is no point.
func placeOf(geometry []byte) (*city.Point, error) {
	if len(geometry) == 0 || string(geometry) == "null" {
		return nil, nil //nolint:nilnil // a row without a place is no error
	}
	var shape struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(geometry, &shape); err != nil {
		return nil, fmt.Errorf("want a GeoJSON geometry: %w", err)
	}
	if shape.Type == "Point" {
		var position []float64
		if err := json.Unmarshal(shape.Coordinates, &position); err != nil || len(position) < 2 {
			return nil, fmt.Errorf("want longitude and latitude as two numbers")
		}
		return &city.Point{Lon: position[0], Lat: position[1]}, nil
	}
	edges, err := outline(shape.Type, shape.Coordinates)
	if err != nil {
		return nil, err
	}
	if len(edges) == 0 {
		return nil, fmt.Errorf("a %s without coordinates", shape.Type)
	}
	at := newBox(edges).centre(edges)
	return &at, nil
}

// outline lists the sides of an extended geometry; of a polygon with holes only the outer ring.
func outline(kind string, coordinates json.RawMessage) ([]edge, error) {
	var line [][]float64
	var lines [][][]float64
	var polygons [][][][]float64
	var err error
	switch kind {
	case "LineString", "MultiPoint":
		err = json.Unmarshal(coordinates, &line)
		lines = append(lines, line)
	case "MultiLineString":
		err = json.Unmarshal(coordinates, &lines)
	case "Polygon":
		if err = json.Unmarshal(coordinates, &lines); len(lines) > 1 {
			lines = lines[:1]
		}
	case "MultiPolygon":
		err = json.Unmarshal(coordinates, &polygons)
		for _, part := range polygons {
			if len(part) > 0 {
				lines = append(lines, part[0])
			}
		}
	default:
		return nil, fmt.Errorf("geometry %q: want a point, line or polygon", kind)
	}
	if err != nil {
		return nil, fmt.Errorf("coordinates of a %s: want lists of positions", kind)
	}
	var edges []edge
	for _, line := range lines {
		for i, p := range line {
			if len(p) < 2 {
				return nil, fmt.Errorf("position %v: want longitude and latitude", p)
			}
			from := line[max(0, i-1)]
			edges = append(edges, edge{from[0], from[1], p[0], p[1]})
		}
	}
	return edges, nil
}

// newBox is a polygon of which only the bounds matter.
func newBox(edges []edge) *polygon {
	p := &polygon{west: edges[0].ax, east: edges[0].ax, south: edges[0].ay, north: edges[0].ay}
	for _, e := range edges {
		p.west, p.east = min(p.west, e.ax, e.bx), max(p.east, e.ax, e.bx)
		p.south, p.north = min(p.south, e.ay, e.by), max(p.north, e.ay, e.by)
	}
	return p
}
