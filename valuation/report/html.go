package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

//go:embed page.html
var pageTemplate string

//go:embed style.css
var styleSheet string

// Extras is what a report may show beside the valuation itself; empty parts are left out.
type Extras struct {
	Title       string
	Areas       []Area                        // wards, for the map
	Scarcity    []Scarcity                    // from the run's certificate
	Overrides   []OverrideCost                // choices of approvers against the proposal
	Change      *valuation.Explanation        // against the earlier valuation
	Calibration *valuation.Calibration        // of the stated chances of success; nil = no data
	Attempts    []Attempts                    // real ones of the city's records, from before there were matches
	Origins     map[city.Origin]string        // what the city calls its origins, where it says more than the word
	Names       map[city.ParticipantID]string // of those who are no private persons, where they are known
}

// Scarcity is what one more unit would have added, as an interval: prices of an optimum are not unique. It is the mean over
// a category's listings.
type Scarcity struct {
	Category  city.Leaf
	Side      city.Side
	Ward      string
	Low, High int64 // minor units per unit
	Most      int64 // at the listing where one more is worth most
	ValidFor  int64 // units of that listing that are each worth just that
}

// Attempts holds the chance of success that the method states against real attempts of one kind, and beside it the
// chances that could have been learned from each attempt's forerunners.
type Attempts struct {
	What            string
	Stated, Learned valuation.Calibration
}

// OverrideCost is what refusing a match costs against the proposal, shown before it was confirmed; minor units.
type OverrideCost struct {
	Match           string
	AtLeast, AtMost int64
	Decided         string // what became of it
}

// HTML writes one page that needs nothing else: no script, no font, no request.
func HTML(w io.Writer, d *Document, extras Extras) error {
	page, err := template.New("valuation").Funcs(template.FuncMap{
		"waterfall": func() template.HTML { return Waterfall(d) },
		"ranges":    func(dimension valuation.Dimension) template.HTML { return RangeBars(d, dimension) },
		"tornado":   func() template.HTML { return Tornado(d) },
		"wardmap":   func() template.HTML { return WardMap(d, extras.Areas) },
		"style":     func() template.CSS { return template.CSS(styleSheet) }, //nolint:gosec // our own embedded style
		"money":     func(minor int64) string { return Grouped(amount(minor, d.Currency)) },
		"grouped":   Grouped,
		"percent":   func(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) },
		"evidence":  func(e city.Evidence) string { return evidenceNames[e] },
		"share":     Percent,
		"figure":    figure,
		"became":    Became,
		"brief":     brief,
		"whole":     whole,
		"short":     shortNumber,
		"draw":      DrawName,
		"cause":     CauseName,
		"dimension": func(d valuation.Dimension) string { return dimensionNames[d] },
		"parties":   func() []Party { return largest(d.Parties) },
	}).Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("the page template: %w", err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, struct {
		*Document
		Extras
		Dimensions []valuation.Dimension
	}{d, extras, valuation.Dimensions()}); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return WriteStacked(w, out.Bytes())
}
