package report_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/report"
)

func sample() *report.Report {
	return &report.Report{
		City: report.City{
			ID: "dc", Name: "Washington <DC>", AsOf: time.Date(2016, 8, 8, 0, 0, 0, 0, time.UTC),
			ShownAs: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), TimeScale: 60, Currency: "USD", Ward: "6",
		},
		Import: report.Import{
			Files: 2, Read: 1234567, Accepted: 1234560, Rejected: 7,
			Reasons: []report.ReasonCount{{Reason: "no place", Count: 7, Note: "a.csv, line 7, ..."}},
		},
		Run: report.Run{
			ID: "r1", Resources: 10, Needs: 20, Candidates: 30, Proposals: 5, Skipped: 3, Inactive: 2, Bound: "1234.50", Achieved: "1200.00",
			Gap: "34.50", GapPercent: 2.79, Greedy: "1100.00", FirstCome: "1000.00",
		},
		Scheduled: []report.Scheduled{{
			Schedule: "again", Times: "every 4s", FiredAt: time.Date(2026, 11, 26, 9, 27, 56, 0, time.UTC), Run: "again-1", Proposals: 7, Confirmed: 6,
			NSVP50: "268.41", Follows: report.Recurrence{From: "r1", Warm: true, Fixed: 5, Open: 210, Kept: 207, Changed: 1, Dropped: 2, Added: 7},
		}},
		Participants: report.Participants{Active: 1500, InReview: 2},
		Scarcity: []report.Scarcity{
			{Leaf: "food.grocery-mixed", Unit: "kg", Side: "resource", Ward: "all", Low: "1.75", High: "1.76", Count: 9, Most: "1.91", ValidFor: 1000},
			enough("food.prepared-chilled", "resource"), enough("goods.waste-cart", "need"),
		},
		Matches: report.Matches{
			Reasons:  []report.ReasonCount{{Reason: "failed: giver_absent", Count: 1, Note: "did not happen: the giver did not come"}},
			Given:    []report.ReasonCount{{Reason: "giver_absent", Count: 1, Note: "the giver did not come"}, {Reason: "too_far", Note: "too far"}},
			Proposed: 6, ApprovedByPolicy: 4, ApprovedByPerson: 1, Rejected: 1, Confirmed: 5, Alternatives: 1,
		},
		Valuation: report.Valuation{
			Currency: "USD", PriceYear: 2025, Method: "2026.1", NSV: "900.00", NSVP5: "-100.49", NSVP50: "910.00", NSVP95: "1800.51",
			ByOrigin: map[string]string{"observed": "900.00"}, ByQuality: map[string]string{"measured": "450.00"},
			Accounts: []report.Line{{Name: "giver", Amount: "900.00"}}, Estimated: .5,
			Attempts: []report.Attempts{{What: "visits", Attempts: 2565, Succeeded: .77, Stated: .9, Brier: .195, BrierLearned: .179}},
		},
		Map:   []report.MapPoint{{Lon: -77, Lat: 38.9, Side: "resource", Matched: true}, {Lon: -77.01, Lat: 38.91, Side: "need"}},
		Wards: []report.WardShape{{Ward: "6", Rings: [][][2]float64{{{-77.02, 38.88}, {-76.98, 38.88}, {-76.98, 38.92}, {-77.02, 38.88}}}}},
		Fairness: report.Fairness{
			Focus: []string{"7", "8"}, PeopleShare: .24, FoodShare: .11,
			Curve: []report.CurvePoint{{Bonus: "0.00", Share: .1}, {Bonus: "0.10", Share: .45, Loss: .004}},
			Floors: []report.Floor{{
				Wards: []string{"7", "8"}, What: "food", Unit: "kg", Wanted: 3110, Least: 933, Reached: 940, Without: 411, Price: "0.12",
			}},
			Tiers: []report.Tier{{Urgency: 1, Needs: 40, Served: 38, Achieved: "410.00", Bound: "411.00"}},
			Cost:  "31.50", CostAtMost: "40.00",
		},
		Seconds: map[string]float64{"total": 12.3},
		Links:   report.Links{WebUI: "http://127.0.0.1:8233"},
	}
}

// enough is of a leaf that one more would add nothing to.
func enough(leaf, side string) report.Scarcity {
	return report.Scarcity{Leaf: leaf, Side: side, Ward: "all", Low: "0.00", High: "0.00", Most: "0.00"}
}

// Each part that scrolls has a name of its own, and no table has a column without one.
func TestPageIsHeard(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	require.NoError(t, report.WriteHTML(&page, sample()))
	regions := regexp.MustCompile(`role="region" aria-label="([^"]+)"`).FindAllStringSubmatch(page.String(), -1)
	heard := map[string]bool{}
	for _, region := range regions {
		heard[region[1]] = true
	}
	require.Len(t, heard, len(regions))
	require.NotRegexp(t, `<th[^>]*></th>`, page.String())
}

func TestPageHasItsTenSectionsAndAsksNoServer(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	require.NoError(t, report.WriteHTML(&page, sample()))
	html := page.String()

	require.Len(t, regexp.MustCompile(`<h2 id="\w+"><span class="n">\d+</span>`).FindAllString(html, -1), 10)
	require.Contains(t, html, "Washington &lt;DC&gt;, ward 6", "what the data says is text, never markup")
	require.NotRegexp(t, `(?i)<script|<link|<img|<iframe|@import|url\(|src=`, html, "nothing is fetched when the page is opened")
	require.NotContains(t, html, "ZgotmplZ", "a value was refused by the template's escaping")
	html = regexp.MustCompile(` (role|data-label)="[^"]*"`).ReplaceAllString(html, "")
	for _, fact := range []string{
		"1,500 active, 2 waiting for a person",
		"3 proposals were not made: for 1 the stock was taken meanwhile, for 2 a holder did not take part any more.",
		"a.csv, line 7, ...", "did not happen: the giver did not come", "Given by nobody here: too far.",
		"50 % of the value rests on estimates", "the source says so", "counted or weighed", "50 %", "disposal saved",
		"2,565 visits: 77 % succeeded", "mixed groceries, per kg", `<td class="num">1.91</td><td class="num">1,000 or more</td>`,
		"1,234,567 rows", "1,234.50 the proven bound", "1,100.00", "between -100 and 1,801", "Wards 7 and 8", "no place", "2.79 %",
		"fired at 26 November 2026, 09:27:56 UTC", "3 of 210 open proposals changed, 7 are new", "prepared food, chilled (offered); waste or recycling cart (wanted)",
		"That cost 31.50 USD of its score, and 40.00 at most, proven", `<td class="num">933</td><td class="num">940</td>`,
		`<td class="num">40</td><td class="num">38</td><td class="num">410.00</td>`,
		"From listing to receipt: listed 0; entered the run 30; proposed 6;", "6 of its 7 matches were received, worth 268.41",
	} {
		require.Contains(t, html, fact)
	}
}

func TestPageSaysWhereThereIsNoData(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	require.NoError(t, report.WriteHTML(&page, &report.Report{Preview: true}))
	require.GreaterOrEqual(t, strings.Count(page.String(), `class="nodata"`), 5)
	require.Contains(t, page.String(), "Nothing was stored")
}

// The keys are read by other programs.
func TestJSONKeepsItsKeys(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	require.NoError(t, report.WriteJSON(&written, sample()))
	var sections map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(written.Bytes(), &sections))
	for section, keys := range map[string][]string{
		"import":       {"read", "accepted", "unchanged", "rejected"},
		"participants": {"active", "in_review", "rejected"},
		"run":          {"id", "resources", "needs", "candidates", "proposals", "bound", "achieved", "gap", "optimal"},
		"matches": {
			"proposed", "approved_by_policy", "approved_by_person", "rejected", "expired", "cancelled", "failed", "confirmed", "open",
		},
		"valuation": {"currency", "price_year", "method", "nsv_p5", "nsv_p50", "nsv_p95", "by_origin"},
		"seconds":   {"total"},
		"links":     {"web_ui", "api", "docs"},
	} {
		var read map[string]any
		require.NoError(t, json.Unmarshal(sections[section], &read), section)
		for _, key := range keys {
			require.Contains(t, read, key, section)
		}
	}
}
