package ingest //nolint:testpackage // polygons are not exported

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/city"
)

const square = `{"type":"Polygon","coordinates":[[[0,9e-9],[4,0],[4,4],[0,4],[0,9e-9]],[[1,1],[2,1],[2,2],[1,2],[1,1]]]}`

func TestPolygonContains(t *testing.T) {
	t.Parallel()
	p, err := parsePolygon([]byte(square))
	require.NoError(t, err)
	for at, inside := range map[city.Point]bool{
		{Lon: 3, Lat: 3}: true, {Lon: 1.5, Lat: 1.5}: false, {Lon: 0.5, Lat: 1.5}: true, {Lon: 5, Lat: 1}: false, {Lon: 1, Lat: -1}: false, {Lon: -1, Lat: 2}: false,
	} {
		require.Equal(t, inside, p.contains(at), at)
	}
	two, err := parsePolygon([]byte(`{"type":"MultiPolygon","coordinates":[[[[0,9e-9,9],[1,0,9],[1,1,9],[0,9e-9,9]]],[[[5,5],[6,5],[6,6],[5,5]]]]}`))
	require.NoError(t, err)
	require.True(t, two.contains(city.Point{Lon: 5.9, Lat: 5.5}))
	require.False(t, two.contains(city.Point{Lon: 3, Lat: 3}))
}

func TestPolygonsThatAreNone(t *testing.T) {
	t.Parallel()
	for geometry, want := range map[string]string{
		`{"type":"Point","coordinates":[0,0]}`:                                   `geometry "Point": want a Polygon or MultiPolygon`,
		`{"type":"Polygon","coordinates":[]}`:                                    "without rings",
		`{"type":"Polygon","coordinates":[[[0,1],[1,1],[0,1]]]}`:                 "a ring of 3 points: want at least 4",
		`{"type":"Polygon","coordinates":[[[0],[1,1],[0,1],[0,2]]]}`:             "want longitude and latitude",
		`{"type":"Polygon","coordinates":[[["a",1],[1,1],[0,1],[0,2]]]}`:         "want a number",
		`{"type":"Polygon","coordinates":[[[399000,1],[1,1],[0,1],[399000,1]]]}`: "not degrees",
	} {
		_, err := parsePolygon([]byte(geometry))
		require.ErrorContains(t, err, want)
	}
}

// The slabs are an index and change no answer.
func TestSlabsFindWhatAllEdgesFind(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 40).Draw(t, "corners")
		var edges []edge
		corners := make([][2]float64, n)
		for i := range corners {
			corners[i] = [2]float64{rapid.Float64Range(-2, 2).Draw(t, "x"), rapid.Float64Range(-2, 2).Draw(t, "y")}
		}
		for i, c := range corners {
			d := corners[(i+1)%n]
			edges = append(edges, edge{c[0], c[1], d[0], d[1]})
		}
		at := city.Point{Lon: rapid.Float64Range(-2, 2).Draw(t, "lon"), Lat: rapid.Float64Range(-2, 2).Draw(t, "lat")}
		inside := false
		for _, e := range edges {
			if (e.ay > at.Lat) != (e.by > at.Lat) && at.Lon < (e.bx-e.ax)*(at.Lat-e.ay)/(e.by-e.ay)+e.ax {
				inside = !inside
			}
		}
		require.Equal(t, inside, newPolygon(edges).contains(at))
	})
}

func TestPlaceOfGeometries(t *testing.T) {
	t.Parallel()
	for geometry, want := range map[string]city.Point{
		`{"type":"Point","coordinates":[1,2,3]}`:                              {Lon: 1, Lat: 2},
		`{"type":"LineString","coordinates":[[0,0],[2,4]]}`:                   {Lon: 1, Lat: 2},
		`{"type":"MultiPoint","coordinates":[[0,0],[2,4]]}`:                   {Lon: 1, Lat: 2},
		`{"type":"Polygon","coordinates":[[[0,0],[3,0],[0,3],[0,0]]]}`:        {Lon: 1, Lat: 1},
		`{"type":"MultiPolygon","coordinates":[[[[0,0],[3,0],[0,3],[0,0]]]]}`: {Lon: 1, Lat: 1},
	} {
		at, err := placeOf([]byte(geometry))
		require.NoError(t, err)
		require.InDelta(t, 0, math.Hypot(at.Lon-want.Lon, at.Lat-want.Lat), 1e-12, geometry)
	}
	for _, none := range []string{"", "null"} {
		at, err := placeOf([]byte(none))
		require.NoError(t, err)
		require.Nil(t, at)
	}
	for _, broken := range []string{
		`{"type":"Point","coordinates":[1]}`, `{"type":"Point","coordinates":"x"}`, `{"type":"Circle"}`, `{"type":"Polygon","coordinates":[]}`, `7`,
	} {
		_, err := placeOf([]byte(broken))
		require.Error(t, err, broken)
	}
}
