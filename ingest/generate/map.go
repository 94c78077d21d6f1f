package generate

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// The town is a rectangle of 13 km by 10 km around its centre, in a grid of eight wards. The centre is that of
// cities/generated/city.yaml; a test compares the two.
const (
	centreLon, centreLat = -94.5, 41.5
	widthKM, heightKM    = 13.0, 10.0
	columns, rows        = 4, 2
	kmPerDegree          = 111.195
	clusterCount         = 14
)

// incomes are the wards' median incomes, US dollars a year: the east is poorer than the west.
var incomes = [columns * rows]int{81_000, 62_000, 47_000, 31_000, 74_000, 55_000, 36_000, 24_000}

// cluster is a neighbourhood around which participants stand.
type cluster struct{ x, y, spread, weight float64 } // km from the centre

func (t *town) makeClusters() []cluster {
	clusters := make([]cluster, clusterCount)
	for i := range clusters {
		clusters[i] = cluster{
			x: (t.random.Float64() - 0.5) * (widthKM - 2), y: (t.random.Float64() - 0.5) * (heightKM - 2),
			spread: 0.4 + 0.9*t.random.Float64(), weight: 1 / float64(i+1),
		}
	}
	return clusters
}

// place draws a point: mostly around a cluster, sometimes anywhere in the town.
func (t *town) place() (lon, lat float64) {
	x, y := (t.random.Float64()-0.5)*widthKM, (t.random.Float64()-0.5)*heightKM
	if t.random.Float64() < 0.85 {
		c := t.cluster()
		x, y = c.x+t.random.NormFloat64()*c.spread, c.y+t.random.NormFloat64()*c.spread
	}
	const margin = 0.02
	x = min(widthKM/2-margin, max(-widthKM/2+margin, x))
	y = min(heightKM/2-margin, max(-heightKM/2+margin, y))
	lon, lat = degrees(x, y)
	return round6(lon), round6(lat)
}

func (t *town) cluster() cluster {
	var sum float64
	for _, c := range t.clusters {
		sum += c.weight
	}
	u := t.random.Float64() * sum
	for _, c := range t.clusters {
		if u -= c.weight; u < 0 {
			return c
		}
	}
	return t.clusters[0]
}

// degrees turns kilometres from the centre into a position.
func degrees(x, y float64) (lon, lat float64) {
	return centreLon + x/(kmPerDegree*math.Cos(centreLat*math.Pi/180)), centreLat + y/kmPerDegree
}

func round6(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// writeWards writes the grid of wards as GeoJSON.
func (t *town) writeWards(out io.Writer) error {
	if _, err := io.WriteString(out, `{"type":"FeatureCollection","features":[`+"\n"); err != nil {
		return err
	}
	for i := range columns * rows {
		column, row := i%columns, i/columns
		west, east := widthKM*(float64(column)/columns-0.5), widthKM*(float64(column+1)/columns-0.5)
		south, north := heightKM*(0.5-float64(row+1)/rows), heightKM*(0.5-float64(row)/rows)
		ring := [][]float64{}
		for _, corner := range [][2]float64{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}} {
			lon, lat := degrees(corner[0], corner[1])
			ring = append(ring, []float64{round6(lon), round6(lat)})
		}
		feature := map[string]any{
			"type":     "Feature",
			"geometry": map[string]any{"type": "Polygon", "coordinates": [][][]float64{ring}},
			"properties": map[string]any{
				"ward": fmt.Sprint(i + 1), "name": fmt.Sprintf("Ward %d", i+1),
				"population": t.options.Participants * (30 - 2*column - row), "median_income": incomes[i],
			},
		}
		text, err := json.Marshal(feature)
		if err != nil {
			return err
		}
		end := ",\n"
		if i == columns*rows-1 {
			end = "\n]}\n"
		}
		if _, err := out.Write(append(text, end...)); err != nil {
			return err
		}
	}
	return nil
}
