package report

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
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
	return n.String()
}

// figureText writes a parameter's value: shares as percentages.
func figureText(value float64, unit string) string {
	if unit == "share" {
		return strconv.FormatFloat(100*value, 'f', 0, 64) + " %"
	}
	return fmt.Sprintf("%.3g", value)
}
