package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/valuation"
	value "github.com/city-resource-graph/crg/valuation/report"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var styleSource string

// WriteJSON writes report.json.
func WriteJSON(w io.Writer, r *Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("write report.json: %w", err)
	}
	return nil
}

// WriteHTML writes one page that needs nothing else: no script, no font, no request.
func WriteHTML(w io.Writer, r *Report) error {
	page, err := template.New("report").Funcs(functions()).Funcs(words()).Parse(pageSource)
	if err != nil {
		return fmt.Errorf("report template: %w", err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, r); err != nil {
		return fmt.Errorf("write report.html: %w", err)
	}
	return value.WriteStacked(w, out.Bytes())
}

func functions() template.FuncMap {
	return template.FuncMap{
		"style":     func() template.CSS { return template.CSS(styleSource) }, //nolint:gosec // our own embedded style
		"date":      func(t time.Time) string { return t.Format("Mon 2 Jan 2006") },
		"dayLasts":  dayLasts,
		"simulated": func(r *Report) bool { return !r.Preview && r.Matches.Proposed > r.Matches.Open },
		"moment":    func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 UTC") },
		"changedOf": func(r Recurrence) int64 { return r.Changed + r.Dropped },
		"answer":    answer,
		"count":     thousands,
		"money":     grouped,
		"percent":   func(p float64) string { return strconv.FormatFloat(p, 'f', 2, 64) + " %" },
		"share":     value.Percent,
		"fixed":     func(digits int, v float64) string { return strconv.FormatFloat(v, 'f', digits, 64) },
		"short":     func(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) },
		"tonnes":    func(kg float64) float64 { return kg / 1000 },
		"whole":     func(v float64) int64 { return int64(math.Round(v)) },
		"whole64":   func(v int) int64 { return int64(v) },
		"rounded":   rounded,
		"join":      func(words []string) string { return strings.Join(words, " and ") },
		"mapOf":     func(r *Report) template.HTML { return mapSVG(r.City.Ward, r.Wards, r.Map) },
		"scarce": func(lines []Scarcity) []Scarcity {
			return pick(lines, func(s Scarcity) bool { return s.High != "0.00" })
		},
		"plenty":    plenty,
		"flat":      flat,
		"funnelOf":  func(r *Report) template.HTML { return funnelSVG(funnel(r)) },
		"curveOf":   curveSVG,
		"waterfall": func(r *Report) template.HTML { return drawn(r, value.Waterfall) },
		"tornado":   func(r *Report) template.HTML { return drawn(r, value.Tornado) },
		"rangeBars": func(r *Report) template.HTML {
			return drawn(r, func(d *value.Document) template.HTML { return value.RangeBars(d, valuation.ByClass) })
		},
	}
}

// drawn is a chart of the valuation, or a line that says that nothing was valued.
func drawn(r *Report, chart func(*value.Document) template.HTML) template.HTML {
	if r.Value == nil {
		return noData
	}
	return chart(r.Value)
}

// pick keeps what is asked for.
func pick[T any](lines []T, keep func(T) bool) []T {
	var kept []T
	for _, line := range lines {
		if keep(line) {
			kept = append(kept, line)
		}
	}
	return kept
}

// plenty names what there is enough of: one more unit would add nothing.
func plenty(lines []Scarcity) []string {
	var names []string
	for _, s := range lines {
		if s.High == "0.00" && s.Ward == "all" {
			names = append(names, Named(s.Leaf)+map[string]string{"need": " (wanted)", "resource": " (offered)"}[s.Side])
		}
	}
	return names
}

// flat says that a curve has nothing to show: whatever is paid, nothing moves.
func flat(curve []CurvePoint) bool {
	for _, point := range curve {
		if point.Share != curve[0].Share {
			return false
		}
	}
	return true
}

func dayLasts(scale int64) string {
	if scale <= 1 {
		return "a day"
	}
	text := (24 * time.Hour / time.Duration(scale)).Round(time.Second).String()
	return strings.TrimSuffix(strings.TrimSuffix(text, "0s"), "0m")
}

// answer is the report in four sentences.
func answer(r *Report) []string {
	proof := fmt.Sprintf("No allocation of them could score more than %s %s, and this one reaches %s: at most %.2f %% is left.",
		grouped(r.Run.Bound), r.City.Currency, grouped(r.Run.Achieved), r.Run.GapPercent)
	if r.Run.Optimal {
		proof = fmt.Sprintf("Their score of %s %s is proven to be the most that any allocation could reach.", grouped(r.Run.Achieved), r.City.Currency)
	}
	happened := fmt.Sprintf("%s were approved by policy and %s by people; %s were received, %s refused, %s failed on the way.",
		thousands(r.Matches.ApprovedByPolicy), thousands(r.Matches.ApprovedByPerson), thousands(r.Matches.Confirmed),
		thousands(r.Matches.Rejected), thousands(r.Matches.Failed))
	if r.Preview {
		happened = "In a preview nobody approves and nothing is handed over."
	}
	return []string{
		fmt.Sprintf("From %s offers and %s needs, the run found %s possible pairs and proposed %s matches.",
			thousands(r.Run.Resources), thousands(r.Run.Needs), thousands(r.Run.Candidates), thousands(r.Run.Proposals)),
		proof,
		happened,
		fmt.Sprintf("The net value to society is put at %s %s, and with nine chances in ten between %s and %s.",
			rounded(r.Valuation.NSVP50), r.Valuation.Currency, rounded(r.Valuation.NSVP5), rounded(r.Valuation.NSVP95)),
	}
}
