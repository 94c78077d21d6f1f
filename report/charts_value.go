package report

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

const (
	valueWidth = 900.0
	valueLeft  = 250.0
	valueRow   = 32.0
)

// axis maps money to pixels of the value charts.
type axis struct{ low, high float64 }

func (a axis) x(v float64) float64 {
	span := math.Max(a.high-a.low, 1e-9)
	return valueLeft + (v-a.low)/span*(valueWidth-valueLeft-110)
}

// bar is one horizontal bar from From to To.
type bar struct {
	label, class, note string
	from, to           float64
}

// barsSVG draws horizontal bars on one axis, with a line at zero.
func barsSVG(name string, bars []bar) template.HTML {
	if len(bars) == 0 {
		return noData
	}
	scale := axis{low: bars[0].from, high: bars[0].from}
	for _, b := range bars {
		scale.low, scale.high = math.Min(scale.low, math.Min(b.from, b.to)), math.Max(scale.high, math.Max(b.from, b.to))
	}
	height := valueRow*float64(len(bars)) + 6
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg class="chart" viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`, valueWidth, height, name)
	if scale.low <= 0 && scale.high >= 0 {
		fmt.Fprintf(&svg, `<line class="grid" x1="%.1f" y1="0" x2="%.1f" y2="%.0f"/>`, scale.x(0), scale.x(0), height)
	}
	for i, b := range bars {
		y := valueRow * float64(i)
		left, right := scale.x(math.Min(b.from, b.to)), scale.x(math.Max(b.from, b.to))
		fmt.Fprintf(&svg, `<text class="label" x="%.0f" y="%.1f">%s</text>`, valueLeft-10, y+20, template.HTMLEscapeString(b.label))
		fmt.Fprintf(&svg, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="22" rx="2"/>`, b.class, left, y+4, math.Max(right-left, 1))
		fmt.Fprintf(&svg, `<text class="value" x="%.1f" y="%.1f">%s</text>`, right+8, y+20, template.HTMLEscapeString(b.note))
	}
	svg.WriteString(`</svg>`)
	return template.HTML(svg.String()) //nolint:gosec // built from numbers and escaped text only
}

// waterfall draws how the parts add up to the central value.
func waterfall(r *Report) template.HTML {
	if len(r.Valuation.Parts) == 0 {
		return noData
	}
	var bars []bar
	sum := 0.0
	for _, part := range r.Valuation.Parts {
		class := "up"
		if part.Value < 0 {
			class = "down"
		}
		bars = append(bars, bar{label: part.Name, class: class, note: part.Amount, from: sum, to: sum + part.Value})
		sum += part.Value
	}
	bars = append(bars, bar{label: "net social value", class: "total", note: r.Valuation.NSV, to: sum})
	return barsSVG("How the net social value comes about", bars)
}

// rangeBars draws the 90 % range, and the single figures beside it.
func rangeBars(r *Report) template.HTML {
	v := r.Valuation
	low, errLow := strconv.ParseFloat(v.NSVP5, 64)
	high, errHigh := strconv.ParseFloat(v.NSVP95, 64)
	if errLow != nil || errHigh != nil {
		return noData
	}
	bars := []bar{{label: "net social value, 5 % to 95 %", class: "total", note: v.NSVP5 + " to " + v.NSVP95, from: low, to: high}}
	for _, single := range []struct{ label, amount string }{
		{"central value", v.NSV}, {"equity-weighted", v.Weighted}, {"gross (price x quantity)", v.Gross},
	} {
		if amount, err := strconv.ParseFloat(single.amount, 64); err == nil {
			bars = append(bars, bar{label: single.label, class: "bar", note: single.amount, to: amount})
		}
	}
	return barsSVG("Range of the net social value", bars)
}

// tornado draws how far each input alone moves the total.
func tornado(r *Report) template.HTML {
	var bars []bar
	for _, d := range r.Valuation.Doubts {
		bars = append(bars, bar{
			label: d.Name, class: "bar", from: d.Low, to: d.High,
			note: strconv.FormatFloat(d.Low, 'f', 0, 64) + " to " + strconv.FormatFloat(d.High, 'f', 0, 64),
		})
	}
	return barsSVG("What moves the total most", bars)
}
