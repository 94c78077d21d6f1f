package report

import (
	"fmt"
	"html/template"
	"math"

	"github.com/city-resource-graph/crg/valuation"
)

// Waterfall draws how the counted items add up to the net social value.
func Waterfall(d *Document) template.HTML {
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
	axis := scaleOf(ends...)
	chart := newSVG(chartWidth, rowHeight*float64(len(steps)+1)+4, "How the net social value comes about")
	chart.line("zero", axis.x(0), 0, axis.x(0), rowHeight*float64(len(steps)+1))
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

// drawRow is one horizontal bar with its name on the left and its amount on the right.
func drawRow(chart *svg, axis scale, row int, class, name string, from, to float64, text string) {
	y := rowHeight * float64(row)
	left, right := axis.x(math.Min(from, to)), axis.x(math.Max(from, to))
	chart.label("name", "end", labelWidth-10, y+20, name)
	chart.bar(class, left, y+5, right-left, rowHeight-10, name+": "+text)
	chart.label("amount", "start", right+8, y+20, text)
}

// RangeBars draws, for each group of a dimension and for the total, the 5th to 95th percentile with the central value.
func RangeBars(d *Document, dimension valuation.Dimension) template.HTML {
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
	axis := scaleOf(ends...)
	chart := newSVG(chartWidth, rowHeight*float64(len(rows))+4, "Range of the net social value by "+dimensionNames[dimension])
	chart.line("zero", axis.x(0), 0, axis.x(0), rowHeight*float64(len(rows)))
	for i, r := range rows {
		y := rowHeight * float64(i)
		chart.label("name", "end", labelWidth-10, y+20, r.name)
		chart.bar("range", axis.x(r.low), y+9, axis.x(r.high)-axis.x(r.low), rowHeight-18,
			fmt.Sprintf("%s: %s to %s, middle %s", r.name, brief(r.span.P5), brief(r.span.P95), brief(r.span.P50)))
		chart.line("median", axis.x(r.mid), y+6, axis.x(r.mid), y+rowHeight-6)
		chart.add(`<circle class="central" cx="%.1f" cy="%.1f" r="4"><title>central value</title></circle>`, axis.x(r.central), y+rowHeight/2)
		chart.label("amount", "start", axis.x(math.Max(r.high, r.central))+8, y+20, brief(r.span.P5)+" to "+brief(r.span.P95))
	}
	return chart.end()
}

// Tornado draws how far each of the five widest figures alone moves the total.
func Tornado(d *Document) template.HTML {
	if len(d.Tornado) == 0 {
		return `<p>No figure is uncertain.</p>`
	}
	central := pixels(d.Total.NSV)
	ends := []float64{central}
	for _, swing := range d.Tornado {
		ends = append(ends, pixels(swing.NSVLow), pixels(swing.NSVHigh))
	}
	axis := scaleAround(ends...)
	chart := newSVG(chartWidth, rowHeight*float64(len(d.Tornado))+4, "What the range comes from")
	for i, swing := range d.Tornado {
		y := rowHeight * float64(i)
		low, high := axis.x(pixels(swing.NSVLow)), axis.x(pixels(swing.NSVHigh))
		chart.label("name", "end", labelWidth-10, y+20, DrawName(swing.Parameter))
		chart.bar("swing "+string(swing.Evidence), math.Min(low, high), y+5, math.Abs(high-low), rowHeight-10,
			fmt.Sprintf("%s %s (%s)", DrawName(swing.Parameter), swing.text(), evidenceNames[swing.Evidence]))
		chart.label("amount", "start", math.Max(low, high)+8, y+20, swing.text())
	}
	chart.line("zero", axis.x(central), 0, axis.x(central), rowHeight*float64(len(d.Tornado)))
	return chart.end()
}

// text says what the figure does: "8 % to 42 %: 14,940 to 9,060".
func (s Swing) text() string {
	return fmt.Sprintf("%s to %s: %s to %s", figureText(s.Low, s.Unit), figureText(s.High, s.Unit), brief(s.NSVLow), brief(s.NSVHigh))
}
