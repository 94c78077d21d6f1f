package report

import (
	"fmt"
	"html/template"
	"math"

	"github.com/city-resource-graph/crg/valuation"
)

// Waterfall draws how the counted items add up to the net social value.
func Waterfall(d *Document) template.HTML {
	return inForms(func(f form) template.HTML { return waterfall(d, f) }, wide, tall)
}

func waterfall(d *Document, f form) template.HTML {
	c := d.Total.Counted
	steps := []struct {
		name   string
		amount float64
		text   string
	}{
		{"receivers", pixels(c.Receiver), brief(c.Receiver)},
		{"givers", pixels(c.Donor), brief(c.Donor)},
		{"people's time", pixels(c.Time), brief(c.Time)},
		{"environment", pixels(c.Environment), brief(c.Environment)},
		{"trips", pixels(c.Logistics), brief(c.Logistics)},
		{"platform", pixels(c.Platform), brief(c.Platform)},
	}
	ends := []float64{}
	sum := 0.0
	for _, step := range steps {
		sum += step.amount
		ends = append(ends, sum)
	}
	axis := scaleOf(f, ends...)
	chart := newRows(f, len(steps)+1, "How the net social value comes about")
	chart.upright("zero", axis.x(0))
	from := 0.0
	for i, step := range steps {
		class := "gain"
		if step.amount < 0 {
			class = "loss"
		}
		drawRow(chart, axis, i, class, step.name, from, from+step.amount, step.text)
		from += step.amount
	}
	drawRow(chart, axis, len(steps), "sum", "net social value", 0, from, brief(d.Total.NSV))
	return chart.end()
}

// drawRow is one horizontal bar with its name and its amount.
func drawRow(chart *svg, axis scale, row int, class, name string, from, to float64, text string) {
	left, right := axis.x(math.Min(from, to)), axis.x(math.Max(from, to))
	chart.named(row, name)
	chart.rect(class, left, chart.top(row), right-left, barHeight, name+": "+text)
	chart.amount(row, right, text)
}

// RangeBars draws, for each group of a dimension and for the total, the 5th to 95th percentile with the central value.
func RangeBars(d *Document, dimension valuation.Dimension) template.HTML {
	return inForms(func(f form) template.HTML { return rangeBars(d, dimension, f) }, wide, tall)
}

func rangeBars(d *Document, dimension valuation.Dimension, f form) template.HTML {
	type row struct {
		name           string
		span           Range
		central        float64
		low, mid, high float64
	}
	rows := []row{{name: "all", span: d.Total.Range, central: pixels(d.Total.NSV)}}
	for _, group := range d.By[dimension] {
		if group.Range != nil {
			name := group.Key
			if name == "" {
				name = "(not stated)"
			}
			rows = append(rows, row{name: name, span: *group.Range, central: pixels(group.NSV)})
		}
	}
	var ends []float64
	for i, r := range rows {
		rows[i].low, rows[i].mid, rows[i].high = pixels(r.span.P5), pixels(r.span.P50), pixels(r.span.P95)
		ends = append(ends, rows[i].low, rows[i].high, r.central)
	}
	axis := scaleOf(f, ends...)
	chart := newRows(f, len(rows), "Range of the net social value by "+dimensionNames[dimension])
	chart.upright("zero", axis.x(0))
	for i, r := range rows {
		y := chart.top(i)
		chart.named(i, r.name)
		chart.rect("range", axis.x(r.low), y+4, axis.x(r.high)-axis.x(r.low), barHeight-8,
			fmt.Sprintf("%s: %s to %s, middle %s", r.name, brief(r.span.P5), brief(r.span.P95), brief(r.span.P50)))
		chart.line("median", axis.x(r.mid), y+1, axis.x(r.mid), y+barHeight-1)
		chart.add(`<circle class="central" cx="%.1f" cy="%.1f" r="4"><title>central value</title></circle>`, axis.x(r.central), y+barHeight/2)
		chart.amount(i, axis.x(math.Max(r.high, r.central)), brief(r.span.P5)+" to "+brief(r.span.P95))
	}
	return chart.end()
}

// Tornado draws how far each of the five widest figures alone moves the total.
func Tornado(d *Document) template.HTML {
	if len(d.Tornado) == 0 {
		return `<p>No figure is uncertain.</p>`
	}
	return inForms(func(f form) template.HTML { return tornado(d, f) }, wide, tallLong)
}

func tornado(d *Document, f form) template.HTML {
	central := pixels(d.Total.NSV)
	ends := []float64{central}
	for _, swing := range d.Tornado {
		ends = append(ends, pixels(swing.NSVLow), pixels(swing.NSVHigh))
	}
	axis := scaleAround(f, ends...)
	chart := newRows(f, len(d.Tornado), "What the range comes from")
	for i, swing := range d.Tornado {
		low, high := axis.x(pixels(swing.NSVLow)), axis.x(pixels(swing.NSVHigh))
		chart.named(i, DrawName(swing.Parameter))
		chart.rect("swing "+string(swing.Evidence), math.Min(low, high), chart.top(i), math.Abs(high-low), barHeight,
			fmt.Sprintf("%s %s (%s)", DrawName(swing.Parameter), swing.text(), evidenceNames[swing.Evidence]))
		chart.amount(i, math.Max(low, high), swing.text())
	}
	chart.upright("zero", axis.x(central))
	return chart.end()
}

// text says what the figure does: "8 % to 42 %: 14,940 to 9,060".
func (s Swing) text() string {
	return fmt.Sprintf("%s to %s: %s to %s", figureText(s.Low, s.Unit), figureText(s.High, s.Unit), brief(s.NSVLow), brief(s.NSVHigh))
}
