package report

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
)

// Charts are inline SVG without scripts, fonts or requests. Colours come from the classes of style.css, so that a page
// decides on light and dark; every mark has its number beside it or in a title.
//
// A chart of rows is drawn in two forms, of which the style shows the one that fits: wide, with names left of the bars and
// amounts right of them, and tall, for a telephone, with both above.
type form struct {
	class       string
	width       float64
	left, right float64 // between which bars lie
	row         float64 // height of one
	bar         float64 // where in its row the bar begins
	amountBelow bool    // in the tall form: amounts too long to stand beside a name
}

const barHeight = 20.0

var (
	wide     = form{class: "wide", width: 900, left: 240, right: 630, row: 30, bar: 5}
	tall     = form{class: "tall", width: 340, left: 2, right: 338, row: 50, bar: 22}
	tallLong = form{class: "tall", width: 340, left: 2, right: 338, row: 68, bar: 40, amountBelow: true}
)

// inForms draws a chart in each form.
func inForms(draw func(form) template.HTML, forms ...form) template.HTML {
	var all template.HTML
	for _, f := range forms {
		all += draw(f)
	}
	return all
}

// svg builds one chart. Who cannot see it hears its label and then what each mark says.
type svg struct {
	form
	height float64
	about  string
	said   []string
	text   strings.Builder
}

func newSVG(f form, height float64, about string) *svg {
	return &svg{form: f, height: height, about: about}
}

// newRows is a chart of so many rows.
func newRows(f form, rows int, about string) *svg { return newSVG(f, f.row*float64(rows)+4, about) }

// top is where the bar of a row begins.
func (s *svg) top(row int) float64 { return s.row*float64(row) + s.bar }

// named writes a row's name.
func (s *svg) named(row int, text string) {
	if s.class == wide.class {
		s.label("name", "end", s.left-10, s.row*float64(row)+20, text)
		return
	}
	s.label("name", "start", 0, s.row*float64(row)+15, text)
}

// amount writes what a row's bar, which ends at x, amounts to.
func (s *svg) amount(row int, x float64, text string) {
	switch {
	case s.class == wide.class:
		s.label("amount", "start", x+8, s.row*float64(row)+20, text)
	case s.amountBelow:
		s.label("amount", "start", 0, s.row*float64(row)+33, text)
	default:
		s.label("amount", "end", s.width, s.row*float64(row)+15, text)
	}
}

// upright draws a line at x through all rows; where words stand above the bars, through the bars only.
func (s *svg) upright(class string, x float64) {
	if s.class == wide.class {
		s.line(class, x, 0, x, s.height-4)
		return
	}
	for y := s.bar; y < s.height; y += s.row {
		s.line(class, x, y-2, x, y+barHeight+2)
	}
}

func (s *svg) add(format string, args ...any) { fmt.Fprintf(&s.text, format, args...) }

func (s *svg) rect(class string, x, y, width, height float64, title string) {
	s.said = append(s.said, title)
	s.add(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s</title></rect>`, class, x, y, math.Max(width, 1), height, escape(title))
}

func (s *svg) label(class, anchor string, x, y float64, text string) {
	s.add(`<text class="%s" text-anchor="%s" x="%.1f" y="%.1f">%s</text>`, class, anchor, x, y, escape(text))
}

func (s *svg) line(class string, x1, y1, x2, y2 float64) {
	s.add(`<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, class, x1, y1, x2, y2)
}

func (s *svg) end() template.HTML {
	label := escape(s.about + ": " + strings.Join(s.said, "; "))
	open := fmt.Sprintf(`<svg class="chart %s" viewBox="0 0 %.0f %.0f" role="img" aria-label="%s" xmlns="http://www.w3.org/2000/svg">`,
		s.class, s.width, s.height, label)
	return template.HTML(open + s.text.String() + `</svg>`) //nolint:gosec // numbers and escaped text only
}

func escape(text string) string { return template.HTMLEscapeString(text) }

// scale maps amounts to the pixels between which a form's bars lie.
type scale struct {
	form
	low, high float64
}

// scaleOf spans all amounts and zero.
func scaleOf(f form, amounts ...float64) scale {
	s := scale{form: f}
	for _, a := range amounts {
		s.low, s.high = math.Min(s.low, a), math.Max(s.high, a)
	}
	if s.low == s.high {
		s.high = s.low + 1
	}
	return s
}

// scaleAround spans the amounts only: where differences matter and zero is far away.
func scaleAround(f form, amounts ...float64) scale {
	s := scale{f, slices.Min(amounts), slices.Max(amounts)}
	if s.low == s.high {
		s.high = s.low + 1
	}
	return s
}

func (s scale) x(amount float64) float64 {
	return s.left + (amount-s.low)/(s.high-s.low)*(s.right-s.left)
}

// pixels reads an amount for drawing only.
func pixels(n json.Number) float64 {
	f, err := n.Float64()
	if err != nil {
		return 0
	}
	return f
}
