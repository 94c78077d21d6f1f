package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/city-resource-graph/crg/valuation"
)

// Area is the outline of a ward, in any plane coordinates with north up (metres of the city's projection).
type Area struct {
	Ward  string
	Rings [][][2]float64
}

// WardMap colours each ward by its net social value, in five equal steps from zero to the largest. Wards without matches
// stay blank, losses have a colour of their own.
func WardMap(d *Document, areas []Area) template.HTML {
	worth := map[string]Group{}
	most := 0.0
	for _, group := range d.By[valuation.ByWard] {
		worth[group.Key] = group
		most = math.Max(most, pixels(group.NSV))
	}
	if len(areas) == 0 || len(worth) == 0 {
		return `<p>No places known.</p>`
	}
	frame := frameOf(areas)
	const width = 520.0
	chart := newSVG(form{class: "map", width: width}, width*frame.height()/frame.width(), "Net social value by ward")
	for _, area := range areas {
		class, title := "none", "ward "+area.Ward+": no matches"
		if group, known := worth[area.Ward]; known {
			class, title = step(pixels(group.NSV), most), fmt.Sprintf("ward %s: %s %s", area.Ward, Grouped(group.NSV), d.Currency)
			chart.said = append(chart.said, title)
		}
		chart.add(`<path class="ward %s" d="%s"><title>%s</title></path>`, class, frame.path(area.Rings, width), escape(title))
	}
	for _, area := range areas {
		if middle, placed := Middle(area.Rings); placed {
			x, y := frame.pixel(middle, width)
			text := area.Ward
			if group, known := worth[area.Ward]; known {
				text += ": " + brief(group.NSV)
			}
			chart.label("wardname", "middle", x, y, text)
		}
	}
	return chart.end()
}

// step is the colour class of an amount.
func step(amount, most float64) string {
	if amount < 0 {
		return "loss"
	}
	if most == 0 {
		return "step1"
	}
	return fmt.Sprintf("step%d", 1+min(4, int(5*amount/most)))
}

// frame is the bounding box of all areas.
type frame struct{ west, south, east, north float64 }

func frameOf(areas []Area) frame {
	f := frame{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, area := range areas {
		for _, ring := range area.Rings {
			for _, point := range ring {
				f.west, f.east = math.Min(f.west, point[0]), math.Max(f.east, point[0])
				f.south, f.north = math.Min(f.south, point[1]), math.Max(f.north, point[1])
			}
		}
	}
	return f
}

func (f frame) width() float64  { return math.Max(f.east-f.west, 1) }
func (f frame) height() float64 { return math.Max(f.north-f.south, 1) }

// Middle is the centroid of the largest ring, where a name is read best; none where no ring has an area.
func Middle(rings [][][2]float64) (middle [2]float64, placed bool) {
	most := 0.0
	for _, ring := range rings {
		var area, sumX, sumY float64
		for i, a := range ring {
			b, origin := ring[(i+1)%len(ring)], ring[0] // far from zero, the products would lose what the differences say
			ax, ay, bx, by := a[0]-origin[0], a[1]-origin[1], b[0]-origin[0], b[1]-origin[1]
			cross := ax*by - bx*ay
			area, sumX, sumY = area+cross, sumX+(ax+bx)*cross, sumY+(ay+by)*cross
		}
		if math.Abs(area) > most {
			most, placed = math.Abs(area), true
			middle = [2]float64{ring[0][0] + sumX/(3*area), ring[0][1] + sumY/(3*area)}
		}
	}
	return middle, placed
}

// pixel is where a point lies on a chart of this width; north is up, so y is turned round.
func (f frame) pixel(point [2]float64, width float64) (x, y float64) {
	return (point[0] - f.west) / f.width() * width, (f.north - point[1]) / f.width() * width
}

// path writes rings as an SVG path.
func (f frame) path(rings [][][2]float64, width float64) string {
	var path strings.Builder
	for _, ring := range rings {
		for i, point := range ring {
			command := "L"
			if i == 0 {
				command = "M"
			}
			x, y := f.pixel(point, width)
			fmt.Fprintf(&path, "%s%.1f %.1f", command, x, y)
		}
		path.WriteString("Z")
	}
	return path.String()
}
