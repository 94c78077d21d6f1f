package report

import (
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	value "github.com/city-resource-graph/crg/valuation/report"
)

const noData = template.HTML(`<p class="nodata">No data.</p>`)

// step is one bar of the funnel.
type step struct {
	Label string
	Count int64
	Note  string
}

// funnel lists the steps from listing to receipt, so that every loss has its place.
func funnel(r *Report) []step {
	m := r.Matches
	approved := m.ApprovedByPolicy + m.ApprovedByPerson
	return []step{
		{"listed", r.Listings.Resources + r.Listings.Needs, "resources and needs"},
		{"entered the run", r.Run.Resources + r.Run.Needs, "open and confirmed"},
		{"proposed", m.Proposed, fmt.Sprintf("%d of them an alternative after a refusal or failure", m.Alternatives)},
		{"approved", approved, fmt.Sprintf("%d by policy, %d by people (%d by two)", m.ApprovedByPolicy, m.ApprovedByPerson, m.ApprovedByTwo)},
		{"received", m.Confirmed, fmt.Sprintf("%d did not happen after approval", m.Failed)},
	}
}

// funnelSVG draws the steps as bars from one zero, so that lengths compare as the counts do: beside their labels, and for a
// telephone below them. The style shows the one that fits.
func funnelSVG(steps []step) template.HTML {
	most := 1.0
	said := make([]string, len(steps))
	for i, s := range steps {
		most = math.Max(most, float64(s.Count))
		said[i] = s.Label + " " + thousands(s.Count)
	}
	label := "From listing to receipt: " + strings.Join(said, "; ")
	wide := openChart("chart wide", 900, 34*float64(len(steps))+4, label)
	tall := openChart("chart tall", 340, 70*float64(len(steps))+4, label)
	for i, s := range steps {
		const left, longest = 130.0, 360.0
		y, share, count := 34*float64(i), float64(s.Count)/most, thousands(s.Count)
		end := left + longest*share
		fmt.Fprintf(wide, `<text class="label" x="%.0f" y="%.1f">%s</text>`, left-10, y+21, template.HTMLEscapeString(s.Label))
		fmt.Fprintf(wide, `<rect class="bar" x="%.0f" y="%.1f" width="%.1f" height="24" rx="2"/>`, left, y+4, math.Max(end-left, 1))
		fmt.Fprintf(wide, `<text class="value" x="%.1f" y="%.1f">%s</text>`, end+8, y+21, count)
		fmt.Fprintf(wide, `<text class="note" x="%.1f" y="%.1f">%s</text>`, end+16+9*float64(len(count)), y+21, template.HTMLEscapeString(s.Note))

		y = 70 * float64(i)
		fmt.Fprintf(tall, `<text x="0" y="%.1f">%s</text>`, y+15, template.HTMLEscapeString(s.Label))
		fmt.Fprintf(tall, `<text class="value end" x="340" y="%.1f">%s</text>`, y+15, count)
		fmt.Fprintf(tall, `<rect class="bar" x="0" y="%.1f" width="%.1f" height="18" rx="2"/>`, y+22, math.Max(340*share, 1))
		fmt.Fprintf(tall, `<text class="note" x="0" y="%.1f">%s</text>`, y+56, template.HTMLEscapeString(s.Note))
	}
	return template.HTML(wide.String() + `</svg>` + tall.String() + `</svg>`) //nolint:gosec // built from numbers and escaped text only
}

func openChart(class string, width, height float64, label string) *strings.Builder {
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg class="%s" viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`, class, width, height, template.HTMLEscapeString(label))
	return &svg
}

// curveSVG draws the price of fairness: the share of food that reaches the focus wards against what it costs, and as a
// line the share of the people who live there.
func curveSVG(f Fairness) template.HTML {
	if len(f.Curve) < 2 {
		return noData
	}
	return drawCurve(f, "wide", 620) + drawCurve(f, "tall", 340)
}

func drawCurve(f Fairness, form string, width float64) template.HTML {
	curve := f.Curve
	const height, left, top, bottom = 290.0, 60.0, 40.0, 44.0
	mostLoss := 0.0
	for _, p := range curve {
		mostLoss = math.Max(mostLoss, p.Loss)
	}
	mostLoss = math.Max(mostLoss, 0.001) * 1.1
	x := func(loss float64) float64 { return left + loss/mostLoss*(width-left-20) }
	y := func(share float64) float64 { return (height - bottom) - share*(height-bottom-top) }
	var path strings.Builder
	svg := openChart("chart curve "+form, width, height, "Price of fairness")
	for _, tick := range []float64{0, 0.25, 0.5, 0.75, 1} {
		fmt.Fprintf(svg, `<line class="grid" x1="%.0f" y1="%.1f" x2="%.0f" y2="%.1f"/><text class="label" x="%.0f" y="%.1f">%.0f %%</text>`,
			left, y(tick), width-20, y(tick), left-8, y(tick)+4, tick*100)
	}
	for i, p := range curve {
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", command, x(p.Loss), y(p.Share))
	}
	fmt.Fprintf(svg, `<text class="axis" x="0" y="16">share of the food that reaches wards %s</text>`,
		template.HTMLEscapeString(strings.Join(f.Focus, " and ")))
	fmt.Fprintf(svg, `<line class="people" x1="%.0f" y1="%.1f" x2="%.0f" y2="%.1f"/><text class="note end" x="%.0f" y="%.1f">their share of the people</text>`,
		left, y(f.PeopleShare), width-20, y(f.PeopleShare), width-20, y(f.PeopleShare)-5)
	fmt.Fprintf(svg, `<path class="line" d="%s"/>`, path.String())
	for _, p := range curve {
		fmt.Fprintf(svg, `<circle class="dot" cx="%.1f" cy="%.1f" r="3.5"><title>bonus %s a unit: %.1f %% of the food, costs %.2f %% of the score</title></circle>`,
			x(p.Loss), y(p.Share), template.HTMLEscapeString(p.Bonus), p.Share*100, p.Loss*100)
	}
	last := curve[len(curve)-1]
	fmt.Fprintf(svg, `<text class="axis" x="%.1f" y="%.1f">0 %%</text><text class="axis end" x="%.1f" y="%.1f">%.2f %%</text>`,
		left, height-bottom+18, x(last.Loss), height-bottom+18, last.Loss*100)
	fmt.Fprintf(svg, `<text class="axis end" x="%.0f" y="%.0f">share of the run's score given up</text></svg>`, width-20, height-4)
	return template.HTML(svg.String()) //nolint:gosec // built from numbers and escaped text only
}

// thousands writes a count with separators.
func thousands(n int64) string { return value.Grouped(json.Number(strconv.FormatInt(n, 10))) }

// grouped writes a decimal amount with separators.
func grouped(amount string) string { return value.Grouped(json.Number(amount)) }

// rounded writes an uncertain amount without its decimals: a range of thousands has no cents.
func rounded(amount string) string {
	number, err := strconv.ParseFloat(amount, 64)
	if err != nil {
		return amount
	}
	return thousands(int64(math.Round(number)))
}
