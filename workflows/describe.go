package workflows

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
)

// Link is the page of a workflow in the Web UI.
func Link(webUI, namespace, workflowID string) string {
	return strings.TrimSuffix(webUI, "/") + "/namespaces/" + url.PathEscape(namespace) + "/workflows/" + url.PathEscape(workflowID)
}

// scope says what a run looks at.
func scope(in activities.RunRef) string {
	text := "the whole city"
	if in.Ward != "" {
		text = "ward " + in.Ward
	}
	for i, leaf := range in.Leaves {
		text += []string{", only ", ", "}[min(i, 1)] + string(leaf)
	}
	if !in.Fairness.IsZero() {
		text += "; " + in.Fairness.String()
	}
	return text
}

// proposalSummary says what a match is, such as "250 kg grocery-mixed, 1.2 km, $477".
func proposalSummary(p activities.Proposal) string {
	_, name, _ := strings.Cut(string(p.Match.Leaf), ".")
	amount := city.FormatMinor(p.ExpectedMinor, p.Currency)
	if whole, _, _ := strings.Cut(amount, "."); len(whole) > 2 { // cents matter below a hundred
		amount = whole
	}
	if p.Currency == "USD" {
		amount = "$" + amount
	} else {
		amount += " " + string(p.Currency)
	}
	kilometres := strconv.FormatFloat(float64(p.DistanceMetres)/1000, 'f', 1, 64)
	return fmt.Sprintf("%d %s %s, %s km, %s", p.Quantity, p.Unit, name, kilometres, amount)
}

// proposalDetails says between whom a match is, by their ids.
func proposalDetails(p activities.Proposal) string {
	text := fmt.Sprintf("from `%s` to `%s`", p.Resource, p.Need)
	if p.AlternativeOf != nil {
		text += fmt.Sprintf("\n\nin place of `%s`", p.AlternativeOf)
	}
	return text
}
