package report

import (
	"html/template"
	"strconv"
	"strings"

	"github.com/city-resource-graph/crg/city"
	value "github.com/city-resource-graph/crg/valuation/report"
)

// words are the functions of the page that turn the report's own words into those of its readers.
func words() template.FuncMap {
	return template.FuncMap{
		"named":   Named,
		"became":  value.Became,
		"meaning": func(word string) string { return meanings[word] },
		"account": func(party string) string { return accounts[party] },
		"within":  func(match, run string) string { return strings.TrimPrefix(match, run+":") },
		"counted": counted,
		"never":   never,
		"leftOut": leftOut,
		"part":    part,
		"above":   func(a, b string) bool { return decimal(a) > decimal(b) },
	}
}

// Named is a category's title as it stands inside a sentence; its code where the taxonomy does not know it.
func Named(leaf string) string {
	category, err := city.DefaultTaxonomy().Category(city.Leaf(leaf))
	if err != nil {
		return leaf
	}
	first, rest := category.Title[:1], category.Title[1:]
	if strings.ToUpper(rest[:1]) == rest[:1] && rest[0] != ' ' { // IT support stays as it is
		return category.Title
	}
	return strings.ToLower(first) + rest
}

// meanings of the words for where a listing and a quantity come from.
var meanings = map[string]string{
	string(city.Observed):  "the source says so",
	string(city.Modelled):  "a rule says so, and nobody was asked",
	string(city.Generated): "made up for a demonstration",
	string(city.Measured):  "counted or weighed",
	string(city.Declared):  "stated by the holder",
	string(city.Inferred):  "derived by a rule, with a range",
}

// accounts says what stands in whose account.
var accounts = map[string]string{
	"giver":       "disposal saved, less sales forgone",
	"receiver":    "what it would have cost to buy, or was worth to those who would not have bought",
	"city":        "trips and handling, which it pays",
	"environment": "emissions avoided, less those of the trips",
	"platform":    "its fees, less its cost",
}

// counted is a number with its noun.
func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}

// leftOut says which proposals were not made, and why; nothing when all were.
func leftOut(r Run) string {
	var why []string
	if taken := r.Skipped - r.Inactive; taken > 0 {
		why = append(why, "for "+thousands(taken)+" the stock was taken meanwhile")
	}
	if r.Inactive > 0 {
		why = append(why, "for "+thousands(r.Inactive)+" a holder did not take part any more")
	}
	if len(why) == 0 {
		return ""
	}
	return counted(r.Skipped, "proposal was", "proposals were") + " not made: " + strings.Join(why, ", ") + "."
}

// never lists the reasons that nobody gave.
func never(given []ReasonCount) string {
	var names []string
	for _, reason := range given {
		if reason.Count == 0 {
			names = append(names, reason.Note)
		}
	}
	return strings.Join(names, ", ")
}

// part is a share of a whole.
func part(amount, whole string) string {
	if decimal(whole) == 0 {
		return ""
	}
	return value.Percent(decimal(amount) / decimal(whole))
}

// decimal reads an amount for comparison only; what is none is nothing.
func decimal(amount string) float64 {
	number, err := strconv.ParseFloat(amount, 64)
	if err != nil {
		return 0
	}
	return number
}
