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
const (
	chartWidth = 900.0
	labelWidth = 240.0
	noteWidth  = 270.0
	rowHeight  = 30.0
)

// svg builds one chart. Who cannot see it hears its label and then what each mark says.
type svg struct {
	width, height float64
	about         string
	said          []string
	text          strings.Builder
}

func newSVG(width, height float64, about string) *svg {
	return &svg{width: width, height: height, about: about}
}

func (s *svg) add(format string, args ...any) { fmt.Fprintf(&s.text, format, args...) }

func (s *svg) bar(class string, x, y, width, height float64, title string) {
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
	open := fmt.Sprintf(`<svg class="chart" viewBox="0 0 %.0f %.0f" role="img" aria-label="%s" xmlns="http://www.w3.org/2000/svg">`, s.width, s.height, label)
	return template.HTML(open + s.text.String() + `</svg>`) //nolint:gosec // numbers and escaped text only
}

func escape(text string) string { return template.HTMLEscapeString(text) }

// scale maps amounts to the pixels between the labels and the notes.
type scale struct{ low, high float64 }

// scaleOf spans all amounts and zero.
func scaleOf(amounts ...float64) scale {
	s := scale{}
	for _, a := range amounts {
		s.low, s.high = math.Min(s.low, a), math.Max(s.high, a)
	}
	if s.low == s.high {
		s.high = s.low + 1
	}
	return s
}

// scaleAround spans the amounts only: where differences matter and zero is far away.
func scaleAround(amounts ...float64) scale {
	s := scale{low: slices.Min(amounts), high: slices.Max(amounts)}
	if s.low == s.high {
		s.high = s.low + 1
	}
	return s
}

func (s scale) x(amount float64) float64 {
	return labelWidth + (amount-s.low)/(s.high-s.low)*(chartWidth-labelWidth-noteWidth)
}

// pixels reads an amount for drawing only.
func pixels(n json.Number) float64 {
	f, err := n.Float64()
	if err != nil {
		return 0
	}
	return f
}
