package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"html/template"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
	"github.com/city-resource-graph/crg/valuation/report"
)

func document(t *testing.T) *report.Document {
	t.Helper()
	distance := func(km float64) map[valuation.Name]float64 {
		return map[valuation.Name]float64{valuation.DistanceKm: km}
	}
	summary, err := valuation.Portfolio(valuation.Default(), []valuation.Match{
		{ID: "food", Category: "food.produce", Quantity: 120, Ward: "6", Quality: city.Measured, Overrides: distance(2), Giver: "g1", Receiver: "r1"},
		{ID: "<chair>", Category: "goods.furniture", Quantity: 1, Ward: "7", Quality: city.Inferred, Origin: city.Modelled, Overrides: distance(3)},
		{ID: "=loss()", Category: "food.grocery-mixed", Quantity: 1, Ward: "8", Overrides: distance(9)},
	}, valuation.Simulation{Draws: 500, Seed: 9})
	require.NoError(t, err)
	made, err := report.NewDocument(valuation.Default(), summary)
	require.NoError(t, err)
	return made
}

func TestJSONHasTwoDecimalsAndSixForTonnes(t *testing.T) {
	t.Parallel()
	encoded, err := json.Marshal(document(t))
	require.NoError(t, err)
	require.Regexp(t, `"nsv":-?\d+\.\d\d[,}]`, string(encoded))
	require.NotRegexp(t, `"(nsv|receiver|donor|gross|nsv_p5)":-?\d+(\.\d|\.\d{3,})?[,}]`, string(encoded))
	require.Regexp(t, `"co2e_t":-?\d+\.\d{6}[,}]`, string(encoded))
	require.NotContains(t, string(encoded), "-0.00,")

	var read struct {
		Matches []struct {
			NSV      json.Number
			Accounts map[string]json.Number
			Items    []struct {
				Factors map[string]struct{ Parameter string }
			}
		}
		Total      map[string]any
		Parameters map[string]struct{ Source, Evidence string }
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	require.NoError(t, decoder.Decode(&read))
	require.Len(t, read.Matches, 3)
	for _, key := range []string{"nsv", "nsv_p5", "nsv_p50", "nsv_p95", "gross", "expected", "attributed", "estimated_share", "accounts"} {
		require.Contains(t, read.Total, key)
	}
	for _, match := range read.Matches {
		sum := int64(0)
		for _, account := range match.Accounts {
			sum += minor(t, account)
		}
		require.Equal(t, minor(t, match.NSV), sum)
		for _, item := range match.Items {
			for name, factor := range item.Factors {
				if factor.Parameter != "" {
					require.NotEmpty(t, read.Parameters[factor.Parameter].Source, name)
					require.NotEmpty(t, read.Parameters[factor.Parameter].Evidence, name)
				}
			}
		}
	}
}

func minor(t *testing.T, n json.Number) int64 {
	t.Helper()
	cents, err := city.ParseMinor(n.String(), "USD")
	require.NoError(t, err)
	return cents
}

func TestCSVNamesItsMethodAndCannotRunFormulas(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, report.CSV(&out, document(t)))
	rows, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 4)
	require.Contains(t, rows[0], "nsv_usd_2025")
	require.Equal(t, []string{"2026.1", valuation.Formulas, "food"}, rows[1][:3])
	require.Equal(t, "'=loss()", rows[3][2])
	require.Regexp(t, `^-\d`, rows[3][15], "a negative amount stays a number")
}

func TestTextShowsAssumptionsAndSources(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, report.Text(&out, document(t)))
	for _, part := range []string{
		"Method 2026.1, formulas " + valuation.Formulas + ", USD at prices of 2025, 500 draws, seed 9", "Total of 3 matches",
		"gross: price x quantity, full fee, full CO2 (not a value)",
		"Line items of food, quantity measured", "ASSUMPTION", "Known, to be checked", "By origin", "modelled", "What the range comes from",
	} {
		require.Contains(t, out.String(), part)
	}
}

// What an input calls its matches is text: it does not command the terminal.
func TestTextShowsNoControlCharacters(t *testing.T) {
	t.Parallel()
	odd := valuation.Match{ID: "\x1b[31mred\r", Category: "food", Quantity: 1}
	summary, err := valuation.Portfolio(valuation.Default(), []valuation.Match{odd}, valuation.Simulation{Draws: 100})
	require.NoError(t, err)
	made, err := report.NewDocument(valuation.Default(), summary)
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, report.Text(&out, made))
	require.NotContains(t, out.String(), "\x1b")
	require.NotContains(t, out.String(), "\r")
	require.Contains(t, out.String(), "\ufffd[31mred")
}

// Shares that add up to all must be seen to: 99.6 % and 0.4 % are not 100 % and 0 %.
func TestPercentSaysAllOnlyOfAll(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64]string{
		0: "0 %", 1: "100 %", 0.5: "50 %", 0.996: "99.6 %", 0.004: "0.4 %", 0.987: "99 %", 0.99995: "over 99.9 %", 0.00001: "under 0.1 %",
		1.2: "120 %", -0.2: "-20 %",
	} {
		require.Equal(t, want, report.Percent(share))
	}
}

func TestDrawNamesAreWords(t *testing.T) {
	t.Parallel()
	for draw, want := range map[string]string{
		"social_cost_co2": "social cost co2", "displacement/food": "displacement (food)", "unit_kg/goods.waste-cart": "unit kg (goods.waste-cart)",
		"rule/dc.grocery.kg_week@1": "rule dc.grocery.kg_week", "equity/reference_income": "equity (reference income)",
	} {
		require.Equal(t, want, report.DrawName(draw))
	}
}

// Who cannot see a chart hears what its marks say.
func TestChartsAreHeard(t *testing.T) {
	t.Parallel()
	d := document(t)
	for chart, want := range map[template.HTML]string{
		report.Waterfall(d):                     `How the net social value comes about: receivers: ` + report.Grouped(d.Total.Counted.Receiver)[:2],
		report.RangeBars(d, valuation.ByOrigin): "Range of the net social value by origin of the listings: all: ",
		report.Tornado(d):                       "What the range comes from: " + report.DrawName(d.Tornado[0].Parameter),
		report.WardMap(d, []report.Area{{Ward: "8", Rings: [][][2]float64{{{0, 0}, {0, 5}, {5, 5}}}}}): "Net social value by ward: ward 8: -",
	} {
		require.Contains(t, string(chart), `role="img" aria-label="`+want)
	}
}

func TestHTMLStandsAloneAndEscapes(t *testing.T) {
	t.Parallel()
	change := valuation.Explanation{
		Before: 100, After: 320, Change: 220,
		Causes: []valuation.Cause{{Kind: valuation.FigureCause, Name: "social_cost_co2", Amount: 220}},
	}
	square := [][][2]float64{{{0, 0}, {0, 10}, {10, 10}, {10, 0}}}
	var out strings.Builder
	require.NoError(t, report.HTML(&out, document(t), report.Extras{
		Title: "A <week>", Change: &change, Areas: []report.Area{{Ward: "6", Rings: square}, {Ward: "9", Rings: square}},
		Scarcity:  []report.Scarcity{{Category: "food.produce", Side: city.ResourceSide, Ward: "6", Low: 100, High: 150, ValidFor: 40}},
		Overrides: []report.OverrideCost{{Match: "food", AtLeast: 1000, AtMost: 1234, Decided: "confirmed"}},
	}))
	page := out.String()
	for _, foreign := range []string{"<script", "src=", "@import", "url(", "<link", "A <week>", "<chair>"} {
		require.NotContains(t, page, foreign)
	}
	for _, part := range []string{
		"A &lt;week&gt;", "social cost co2", "12.34", "ward 6", "No data of matches", `class="ward none"`, `>received</td>`, "42,690 USD of 2013",
	} {
		require.Contains(t, page, part)
	}
	regions := regexp.MustCompile(`role="region" aria-label="([^"]+)"`).FindAllStringSubmatch(page, -1)
	heard := map[string]bool{}
	for _, region := range regions {
		heard[region[1]] = true
	}
	require.Len(t, heard, len(regions), "each region that scrolls has a name of its own")
	require.Equal(t, strings.Count(page, "<table"), strings.Count(page, `<tr class="titles"`), "each table says what its columns are")
	require.NotContains(t, strings.ReplaceAll(page, `xmlns="http://www.w3.org/2000/svg"`, ""), `="http`)
}

func TestChartsAreWellFormed(t *testing.T) {
	t.Parallel()
	d := document(t)
	for name, chart := range map[string]template.HTML{
		"waterfall": report.Waterfall(d), "ranges": report.RangeBars(d, valuation.ByOrigin), "tornado": report.Tornado(d),
		"map": report.WardMap(d, []report.Area{{Ward: "8", Rings: [][][2]float64{{{0, 0}, {0, 5}, {5, 5}}}}}),
	} {
		decoder := xml.NewDecoder(strings.NewReader(string(chart)))
		marks := 0
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, name)
			if start, ok := token.(xml.StartElement); ok {
				marks++
				for _, attribute := range start.Attr {
					require.NotContains(t, attribute.Value, "NaN", name)
					require.NotContains(t, attribute.Value, "Inf", name)
				}
			}
		}
		require.Greater(t, marks, 2, name)
	}
	require.Len(t, d.Tornado, 5)
}

func TestReportRefusesOtherParameters(t *testing.T) {
	t.Parallel()
	summary, err := valuation.Portfolio(valuation.Default(), nil, valuation.Simulation{Draws: 100})
	require.NoError(t, err)
	other, err := valuation.Default().Unindexed()
	require.NoError(t, err)
	_, err = report.NewDocument(other, summary)
	require.ErrorContains(t, err, "want the parameters that the summary was made with")
	empty, err := report.NewDocument(valuation.Default(), summary)
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, report.HTML(&out, empty, report.Extras{}))
	require.NoError(t, report.Text(&out, empty))
}
