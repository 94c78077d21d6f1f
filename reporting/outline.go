package reporting

import (
	"encoding/json"
	"fmt"
)

// outline takes the rings out of a GeoJSON Polygon or MultiPolygon.
func outline(geometry json.RawMessage) ([][][2]float64, error) {
	var shape struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal(geometry, &shape); err != nil {
		return nil, err
	}
	var polygons [][][][2]float64
	switch shape.Type {
	case "Polygon":
		var rings [][][2]float64
		if err := json.Unmarshal(shape.Coordinates, &rings); err != nil {
			return nil, err
		}
		polygons = append(polygons, rings)
	case "MultiPolygon":
		if err := json.Unmarshal(shape.Coordinates, &polygons); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("geometry %q: want Polygon or MultiPolygon", shape.Type)
	}
	var rings [][][2]float64
	for _, polygon := range polygons {
		rings = append(rings, polygon...)
	}
	return rings, nil
}
