package report

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	value "github.com/city-resource-graph/crg/valuation/report"
)

const (
	mapWidth  = 720.0
	mapHeight = 620.0
	mapMargin = 12.0
)

// mapFrame turns degrees into pixels, equirectangular around the middle of what is shown.
type mapFrame struct {
	minLon, maxLat, scale, squeeze float64
	offsetX, offsetY               float64
}

func newMapFrame(wards []WardShape, points []MapPoint) mapFrame {
	minLon, maxLon, minLat, maxLat := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	include := func(lon, lat float64) {
		minLon, maxLon = math.Min(minLon, lon), math.Max(maxLon, lon)
		minLat, maxLat = math.Min(minLat, lat), math.Max(maxLat, lat)
	}
	for _, ward := range wards {
		for _, ring := range ward.Rings {
			for _, corner := range ring {
				include(corner[0], corner[1])
			}
		}
	}
	if len(wards) == 0 {
		for _, point := range points {
			include(point.Lon, point.Lat)
		}
	}
	squeeze := math.Cos((minLat + maxLat) / 2 * math.Pi / 180)
	width, height := math.Max((maxLon-minLon)*squeeze, 1e-6), math.Max(maxLat-minLat, 1e-6)
	scale := math.Min((mapWidth-2*mapMargin)/width, (mapHeight-2*mapMargin)/height)
	return mapFrame{
		minLon: minLon, maxLat: maxLat, scale: scale, squeeze: squeeze,
		offsetX: (mapWidth - width*scale) / 2, offsetY: (mapHeight - height*scale) / 2,
	}
}

func (f mapFrame) pixel(lon, lat float64) (x, y float64) {
	return f.offsetX + (lon-f.minLon)*f.squeeze*f.scale, f.offsetY + (f.maxLat-lat)*f.scale
}

// mapSVG draws ward outlines, what was offered and asked, and which of it was matched. A run inside one ward is shown
// close up.
func mapSVG(ward string, wards []WardShape, points []MapPoint) template.HTML {
	if len(wards) == 0 && len(points) == 0 {
		return `<p class="nodata">No data: no listing has a place that may be shown.</p>`
	}
	frame := newMapFrame(wards, points)
	if i := slices.IndexFunc(wards, func(w WardShape) bool { return w.Ward == ward }); i >= 0 {
		frame = newMapFrame(wards[i:i+1], nil)
	}
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg class="map" viewBox="0 0 %.0f %.0f" role="img" aria-label="Map of offers and needs">`, mapWidth, mapHeight)
	for _, ward := range wards {
		drawWard(&svg, frame, ward)
	}
	// Unmatched first, so that matched ends lie on top.
	for _, matched := range []bool{false, true} {
		for _, point := range points {
			if point.Matched == matched {
				drawPoint(&svg, frame, point)
			}
		}
	}
	for _, ward := range wards { // on top of all, so that they are read
		nameWard(&svg, frame, ward)
	}
	svg.WriteString(`</svg>`)
	return template.HTML(svg.String()) //nolint:gosec // built from numbers and escaped ward names only
}

func drawWard(svg *strings.Builder, frame mapFrame, ward WardShape) {
	var path strings.Builder
	for _, ring := range ward.Rings {
		for i, corner := range ring {
			x, y := frame.pixel(corner[0], corner[1])
			command := "L"
			if i == 0 {
				command = "M"
			}
			fmt.Fprintf(&path, "%s%.1f %.1f", command, x, y)
		}
		path.WriteString("Z")
	}
	fmt.Fprintf(svg, `<path class="ward" d="%s"/>`, path.String())
}

func nameWard(svg *strings.Builder, frame mapFrame, ward WardShape) {
	if middle, placed := value.Middle(ward.Rings); placed {
		x, y := frame.pixel(middle[0], middle[1])
		fmt.Fprintf(svg, `<text class="wardname" x="%.1f" y="%.1f">%s</text>`, x, y, template.HTMLEscapeString(ward.Ward))
	}
}

func drawPoint(svg *strings.Builder, frame mapFrame, point MapPoint) {
	x, y := frame.pixel(point.Lon, point.Lat)
	class := point.Side
	if !point.Matched {
		class += " idle"
	}
	if point.Side == "need" {
		fmt.Fprintf(svg, `<rect class="%s" x="%.1f" y="%.1f" width="6" height="6"/>`, class, x-3, y-3)
		return
	}
	fmt.Fprintf(svg, `<circle class="%s" cx="%.1f" cy="%.1f" r="2.6"/>`, class, x, y)
}
