package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

// DrawName names an uncertain figure for people: "displacement/food" is displacement (food), a rule is named as one.
func DrawName(draw string) string {
	name, scope, scoped := strings.Cut(draw, "/")
	name = strings.ReplaceAll(name, "_", " ")
	switch {
	case !scoped:
		return name
	case name == "rule":
		scope, _, _ = strings.Cut(scope, "@")
		return "rule " + scope
	case name == "equity":
		scope = strings.ReplaceAll(scope, "_", " ")
	}
	return name + " (" + scope + ")"
}

// Grouped writes an amount with separators, as stored: to the cent.
func Grouped(n json.Number) string {
	whole, fraction, _ := strings.Cut(n.String(), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + "." + fraction
}

// brief writes an amount for a chart: from a hundred on without cents, for nobody reads them there.
func brief(n json.Number) string {
	if value := pixels(n); math.Abs(value) >= 100 {
		return Grouped(json.Number(strconv.FormatFloat(math.Round(value), 'f', 0, 64)))
	}
	if pixels(n) == 0 {
		return "0"
	}
	return n.String()
}

// figureText writes a parameter's value: shares as percentages.
func figureText(value float64, unit string) string {
	if strings.HasPrefix(unit, "x ") { // of a rule: its error is common to all that it derived
		return fmt.Sprintf("×%.2f", value)
	}
	if unit == "share" {
		return strconv.FormatFloat(100*value, 'f', 0, 64) + " %"
	}
	return fmt.Sprintf("%.3g", value)
}

// CauseName says why a value differs from an earlier one.
func CauseName(cause valuation.Cause) string {
	switch cause.Kind {
	case valuation.FormulasCause:
		return "formulas of a later version"
	case valuation.QuantityCause:
		return "weighed instead of promised"
	case valuation.RemovedCause:
		return "matches that did not come about"
	case valuation.AddedCause:
		return "alternatives that took their place"
	}
	return string(cause.Kind) + ": " + DrawName(cause.Name)
}

// dimensionNames are the ways to split a total, for headings.
var dimensionNames = map[valuation.Dimension]string{
	valuation.ByClass: "class", valuation.ByCategory: "category", valuation.ByOrigin: "origin of the listings",
	valuation.ByQuality: "quality of the quantities", valuation.ByWard: "ward", valuation.ByGiverKind: "kind of giver",
	valuation.ByReceiverKind: "kind of receiver", valuation.ByPeriod: "period", valuation.ByRun: "run",
}

// evidenceNames are how well a figure is known, for a page whose colours say the rest.
var evidenceNames = map[city.Evidence]string{city.Verified: "verified", city.Known: "known, to be checked", city.Assumption: "assumption"}

// whole is a number without its decimals, with separators.
func whole(number any) string {
	switch n := number.(type) {
	case int:
		return Grouped(json.Number(strconv.Itoa(n)))
	case int64:
		return Grouped(json.Number(strconv.FormatInt(n, 10)))
	case float64:
		return Grouped(json.Number(strconv.FormatFloat(math.Round(n), 'f', 0, 64)))
	}
	return fmt.Sprint(number)
}

// shortNumber keeps three figures of a small number and the whole ones of a large one.
func shortNumber(n json.Number) string {
	value := pixels(n)
	switch {
	case math.Abs(value) >= 100:
		return whole(value)
	case math.Abs(value) >= 1:
		return strconv.FormatFloat(value, 'f', 1, 64)
	}
	return strconv.FormatFloat(value, 'g', 2, 64)
}

// Percent writes a share so that only what is all says 100 % and only what is nothing 0 %: from a percent below either on
// with a decimal.
func Percent(share float64) string {
	percent := 100 * share
	switch away := math.Min(math.Abs(percent), math.Abs(100-percent)); {
	case away == 0 || away >= 1:
		return strconv.FormatFloat(percent, 'f', 0, 64) + " %"
	case away >= 0.05:
		return strconv.FormatFloat(percent, 'f', 1, 64) + " %"
	case math.Abs(percent) < 1:
		return "under 0.1 %"
	}
	return "over 99.9 %"
}

// figure writes a parameter's number with separators.
func figure(value float64) string {
	if math.Abs(value) >= 1 {
		value = round(value, 4)
	}
	return Grouped(json.Number(strconv.FormatFloat(value, 'f', -1, 64)))
}

// Became is a match's state in a word that needs no state machine.
func Became(state string) string {
	switch city.MatchState(state) {
	case city.MatchConfirmed:
		return "received"
	case city.MatchRejected:
		return "refused"
	case city.MatchFailed:
		return "did not happen"
	}
	return strings.ReplaceAll(state, "_", " ")
}

// mostParties is how many accounts a page shows on each side.
const mostParties = 10

// largest picks the largest accounts of each side, persons left out: a page is passed on.
func largest(parties []Party) []Party {
	kept := map[city.Party]int{}
	var shown []Party
	for _, party := range slices.SortedStableFunc(slices.Values(parties), func(a, b Party) int {
		return cmp.Or(cmp.Compare(a.Side, b.Side), cmp.Compare(math.Abs(pixels(b.Account)), math.Abs(pixels(a.Account))))
	}) {
		if party.Kind != city.Person && kept[party.Side] < mostParties {
			kept[party.Side]++
			shown = append(shown, party)
		}
	}
	return shown
}
