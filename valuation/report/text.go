package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/city-resource-graph/crg/valuation"
)

// Above these numbers a terminal shows the first rows only and says so.
const (
	textMatches = 40
	textItems   = 5
)

// Text writes a document for a person at a terminal: totals, matches, line items, and the source of every figure.
func Text(w io.Writer, d *Document) error {
	t := &textWriter{out: w, document: d}
	t.line("Method %s, formulas %s, %s at prices of %d, %d draws, seed %d", d.Method, d.Formulas, d.Currency, d.PriceYear, d.Draws, d.Seed)
	t.total()
	t.accounts()
	t.matches()
	t.lineItems()
	t.groups()
	t.tornado()
	t.sources()
	if t.err != nil {
		return fmt.Errorf("write the report: %w", t.err)
	}
	return nil
}

// textWriter keeps the first error.
type textWriter struct {
	out      io.Writer
	document *Document
	err      error
}

func (t *textWriter) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = io.WriteString(t.out, strings.Map(visible, fmt.Sprintf(format, args...))+"\n")
	}
}

// visible keeps what an input calls its matches from commanding the terminal.
func visible(r rune) rune {
	if unicode.IsControl(r) && r != '\n' {
		return unicode.ReplacementChar
	}
	return r
}

func (t *textWriter) heading(format string, args ...any) { t.line("\n"+format, args...) }

// table writes rows in columns as wide as their widest cell: the first to the left, the others to the right.
func (t *textWriter) table(rows [][]string) {
	widths := map[int]int{}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if i == 0 {
				fmt.Fprintf(&line, "  %-*s", widths[i], cell)
			} else {
				fmt.Fprintf(&line, "  %*s", widths[i], cell)
			}
		}
		t.line("%s", strings.TrimRight(line.String(), " "))
	}
}

func (t *textWriter) total() {
	total := t.document.Total
	t.heading("Total of %s", plural(total.Matches, "match", "matches"))
	rows := [][]string{
		{"", "central", "P5", "P50", "P95"},
		{"net social value", total.NSV.String(), total.P5.String(), total.P50.String(), total.P95.String()},
		{"expected, with the chance of success", total.Expected.String(), total.ExpectedP5.String(), total.ExpectedP50.String(), total.ExpectedP95.String()},
		{"avoided CO2e, tonnes", total.CO2eTonnes.String(), total.CO2eP5.String(), total.CO2eP50.String(), total.CO2eP95.String()},
	}
	if r := total.Return; r != nil {
		rows = append(rows, []string{"benefits per unit of cost (social return)"})
		for _, ratio := range []float64{r.Ratio, r.P5, r.P50, r.P95} {
			rows[len(rows)-1] = append(rows[len(rows)-1], fmt.Sprintf("%.2f", ratio))
		}
	}
	for _, view := range total.Equity {
		rows = append(rows, []string{fmt.Sprintf("equity-weighted, elasticity %.1f", view.Elasticity), view.NSV.String()})
	}
	t.table(append(rows, [][]string{
		{"attributed (a claim on the credit, no part of the value)", total.Attributed.String()},
		{"less people's time at its wage (full opportunity cost)", total.NSVFull.String()},
		{"gross: price x quantity, full fee, full CO2 (not a value)", total.Gross.String()},
		{"weight, kg", fmt.Sprintf("%.1f", total.Kg)},
		{"meals", fmt.Sprintf("%.1f", total.Meals)},
		{"people's time, hours", fmt.Sprintf("%.2f", total.Hours)},
	}...))
	t.line("  Above zero in %.1f %% of draws. %.1f %% rests on inferred quantities. Receivers' income known for %d of %d.",
		100*total.Probability, 100*total.Estimated, total.IncomeKnown, total.Matches)
}

func (t *textWriter) accounts() {
	t.heading("Whose money it is")
	a := t.document.Total.Accounts
	t.table([][]string{
		{"giver", a.Giver.String()},
		{"receiver", a.Receiver.String()},
		{"city", a.City.String()},
		{"environment", a.Environment.String()},
		{"platform", a.Platform.String()},
		{"net social value", t.document.Total.NSV.String()},
	})
}

func (t *textWriter) matches() {
	t.heading("Matches (items before additionality A)")
	rows := [][]string{{
		"id", "category", "quantity", "receiver", "donor", "time", "environment", "logistics", "platform", "A", "NSV", "expected", "CO2e t", "kg",
	}}
	for _, m := range t.document.Matches[:min(textMatches, len(t.document.Matches))] {
		rows = append(rows, []string{
			m.ID, string(m.Category), fmt.Sprintf("%g %s", m.Quantity, m.Unit), m.Receiver.String(), m.Donor.String(), m.Time.String(),
			m.Environment.String(), m.Logistics.String(), m.Platform.String(), fmt.Sprintf("%.2f", m.Additionality),
			m.NSV.String(), m.Expected.String(), m.CO2eTonnes.String(), fmt.Sprintf("%.1f", m.Kg),
		})
	}
	t.table(rows)
	if hidden := t.document.Total.Matches - textMatches; hidden > 0 {
		t.line("  ... and %d more: --json shows all", hidden)
	}
}

func (t *textWriter) lineItems() {
	if t.document.Total.Matches > textItems {
		return
	}
	for _, m := range t.document.Matches {
		t.heading("Line items of %s, quantity %s", m.ID, m.Quality)
		for _, item := range m.LineItems {
			t.line("  %s %s = %s", item.Item, item.Amount, item.Formula)
			for _, name := range t.order(item.Factors) {
				t.line("      %s = %s", name, t.factor(item.Factors[name]))
			}
		}
	}
}

// order lists an item's factors as the formulas do.
func (t *textWriter) order(factors map[valuation.Name]Factor) []valuation.Name {
	all := valuation.Names()
	return slices.SortedFunc(maps.Keys(factors), func(a, b valuation.Name) int {
		return cmp.Compare(slices.Index(all, a), slices.Index(all, b))
	})
}

func (t *textWriter) factor(factor Factor) string {
	if factor.Value != nil {
		return fmt.Sprintf("%.6g %s, stated", *factor.Value, factor.Unit)
	}
	p := t.document.Parameters[factor.Parameter]
	return fmt.Sprintf("%.6g %s (%.6g to %.6g, %s)", p.Central, p.unit(), p.Low, p.High, p.Evidence)
}

// unit is what the figure counts, with currency and price year of money.
func (p Parameter) unit() string {
	if p.Currency == "" {
		return p.Unit
	}
	return fmt.Sprintf("%s of %d %s", p.Currency, p.PriceYear, p.Unit)
}

func (t *textWriter) groups() {
	for _, dimension := range valuation.Dimensions() {
		groups := t.document.By[dimension]
		if len(groups) == 0 || (len(groups) == 1 && dimension != valuation.ByOrigin && dimension != valuation.ByQuality) {
			continue
		}
		t.heading("By %s", strings.ReplaceAll(string(dimension), "_", " "))
		rows := [][]string{{"", "matches", "NSV", "P5", "P50", "P95", "kg"}}
		for _, group := range groups {
			if group.Range == nil {
				group.Range = &Range{P5: "-", P50: "-", P95: "-"}
			}
			rows = append(rows, []string{
				cmp.Or(group.Key, "(not stated)"), fmt.Sprint(group.Matches), group.NSV.String(),
				group.P5.String(), group.P50.String(), group.P95.String(), fmt.Sprintf("%.1f", group.Kg),
			})
		}
		t.table(rows)
	}
}

func (t *textWriter) tornado() {
	if len(t.document.Tornado) == 0 {
		return
	}
	t.heading("What the range comes from: each figure alone at its 5th and 95th percentile")
	rows := [][]string{{"", "low", "high", "NSV at low", "NSV at high", "evidence"}}
	for _, swing := range t.document.Tornado {
		rows = append(rows, []string{
			swing.Parameter, fmt.Sprintf("%.4g", swing.Low), fmt.Sprintf("%.4g", swing.High),
			swing.NSVLow.String(), swing.NSVHigh.String(), string(swing.Evidence),
		})
	}
	t.table(rows)
}

// sources lists every figure used. Assumptions and what still has to be checked say so.
func (t *textWriter) sources() {
	t.heading("Figures used (low, central, high; money at prices of the method's year)")
	for _, key := range slices.Sorted(maps.Keys(t.document.Parameters)) {
		p := t.document.Parameters[key]
		t.line("  %s: %.6g, %.6g, %.6g %s. %s: %s%s", key, p.Low, p.Central, p.High, p.unit(), evidenceWords[string(p.Evidence)], p.Source, note(p.Note))
	}
	if t.document.PriceIndex == "" {
		t.line("\nNOT INDEXED: amounts of different price years were taken as published. For checks, not for reports.")
	} else {
		t.line("\nPrice years joined by: %s", t.document.PriceIndex)
	}
	t.line("Parameters SHA-256 %s", t.document.ParameterHash)
}

// evidenceWords is what a reader is told of a figure.
var evidenceWords = map[string]string{
	"verified": "Verified", "known": "Known, to be checked", "assumption": "ASSUMPTION",
}

func note(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
