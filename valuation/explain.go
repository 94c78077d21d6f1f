package valuation

import (
	"slices"
	"strings"

	"github.com/city-resource-graph/crg/city"
)

// LineItem is one item of a match with all that it was computed from.
type LineItem struct {
	Item     Item
	Formula  string // the terms that are not zero, in the words of the parameters
	Amount   int64  // minor units before additionality; costs are positive
	Counted  int64  // as it enters the NSV; costs are negative
	Quality  city.Quality
	Factors  []Factor
	Transfer bool // moves money between two parties and leaves the NSV as it is
	Beside   bool // computed from the NSV and no part of it
}

// Factor is one number in a line item.
type Factor struct {
	Name      Name
	Value     float64 // at the method's price year when it is money
	Low, High float64
	Unit      string
	Currency  city.Currency
	PriceYear int
	Source    string
	Evidence  city.Evidence
	Note      string
	Stated    bool   // overridden for this match: a certain value
	Draw      string // the draw that its error is shared with
}

// Explain values one match and returns every line item with its formula, factors and sources.
func Explain(p *Parameters, m Match) (Result, []LineItem, error) {
	r, err := p.resolve(m)
	if err != nil {
		return Result{}, nil, err
	}
	result, err := p.value(r)
	if err != nil {
		return Result{}, nil, err
	}
	return result, p.lineItems(r, result), nil
}

// ExplainResult lists the line items of a match that was valued by these parameters.
func ExplainResult(p *Parameters, result Result) ([]LineItem, error) {
	r, err := p.resolve(result.Match)
	if err != nil {
		return nil, err
	}
	return p.lineItems(r, result), nil
}

func (p *Parameters) lineItems(r *resolved, result Result) []LineItem {
	amounts := []int64{result.Receiver, result.Donor, result.Time, result.Environment, result.Logistics, result.Platform}
	c := result.Counted
	counted := []int64{c.Receiver, c.Donor, c.Time, c.Environment, c.Logistics, c.Platform}
	items := make([]LineItem, 0, len(amounts)+4)
	for i, item := range Items() {
		line := LineItem{Item: item, Amount: amounts[i], Counted: counted[i], Quality: r.match.Quality}
		line.Formula, line.Factors = p.describe(r, item)
		items = append(items, line)
	}
	items = append(items, p.transfers(r.match)...)
	return append(items, p.derivedItems(r, result)...)
}

// derivedItems explains the figures beside the NSV: they are computed from it and are no part of it.
func (p *Parameters) derivedItems(r *resolved, result Result) []LineItem {
	failure := is(FailedTripShare)
	text := "success x nsv - (1 - success) x failed_trip_share x (logistics + trip emissions)"
	if _, stated := r.match.Overrides[FailedCost]; stated {
		failure, text = is(FailedCost), "success x nsv - (1 - success) x failed_attempt_cost"
	}
	items := []LineItem{
		{Item: "expected", Formula: text, Amount: result.Expected, Factors: []Factor{p.factor(r, is(Success)), p.factor(r, failure)}},
		{Item: "attributed", Formula: "attribution x nsv", Amount: result.Attributed, Factors: []Factor{p.factor(r, is(Attribution))}},
	}
	for i := range items {
		items[i].Quality, items[i].Beside = r.match.Quality, true
	}
	return items
}

// transfers shows what passed between the parties.
func (p *Parameters) transfers(m Match) []LineItem {
	var items []LineItem
	for _, transfer := range []struct {
		item   Item
		text   string
		amount float64
	}{
		{"price_paid", "from receiver to giver: cancels in the NSV", m.PricePaid},
		{"platform_fee", "from receiver to platform: cancels in the NSV", m.PlatformFee},
	} {
		if transfer.amount > 0 {
			items = append(items, LineItem{
				Item: transfer.item, Formula: transfer.text, Amount: roundHalfAway(transfer.amount * p.scale()), Quality: m.Quality, Transfer: true,
			})
		}
	}
	return items
}

// describe writes an item's formula from its terms that are not zero, so that text and arithmetic cannot differ, and
// collects their factors.
func (p *Parameters) describe(r *resolved, item Item) (string, []Factor) {
	told := toldForAYear
	if r.value(Years) > 1 {
		told = toldForYears
	}
	var text strings.Builder
	var factors []Factor
	var seen [len(table{})]bool
	for i, t := range terms {
		if t.item != item || r.eval(t) == 0 {
			continue
		}
		switch {
		case text.Len() == 0 && t.sign < 0 && !item.IsCost():
			text.WriteString("- ")
		case text.Len() > 0 && t.sign < 0 && !item.IsCost():
			text.WriteString(" - ")
		case text.Len() > 0:
			text.WriteString(" + ")
		}
		text.WriteString(told[i].text)
		factors = slices.Grow(factors, len(told[i].figures))
		for _, a := range told[i].figures {
			if !seen[a.place] {
				seen[a.place] = true
				factors = append(factors, p.factor(r, a))
			}
		}
	}
	if text.Len() == 0 {
		return "0", nil
	}
	slices.SortStableFunc(factors, func(a, b Factor) int { return specIndex[a.Name] - specIndex[b.Name] })
	return text.String(), factors
}

// toldTerm is a term in the words of the parameters, and its factors that are figures.
type toldTerm struct {
	text    string
	figures []atom
}

// The terms as they are told of a match that serves its receiver for one year, and for several.
var toldForAYear, toldForYears = tellTerms(false), tellTerms(true)

func tellTerms(lasting bool) []toldTerm {
	told := make([]toldTerm, len(terms))
	for i, t := range terms {
		if !t.item.IsCost() {
			t = t.with(additionality...)
		}
		told[i] = toldTerm{t.text(lasting), t.figures(lasting)}
	}
	return told
}

// figures lists the term's factors that are figures; in the place of an annuity of some years stands what it is made of.
func (t term) figures(lasting bool) []atom {
	var figures []atom
	for _, a := range t.atoms {
		switch {
		case a.name == annuity && lasting:
			figures = append(figures, is(Years), is(Dropoff), is(DiscountRate))
		case specs[a.place].source != derived:
			figures = append(figures, a)
		}
	}
	return figures
}

// text is the term in the words of the parameters, without additionality and without an annuity of one year.
func (t term) text(lasting bool) string {
	var parts []string
	for _, a := range t.atoms {
		switch {
		case a.name == Deadweight || a.name == Moved || (a.name == annuity && !lasting):
		case a.name == annuity:
			parts = append(parts, "annuity(years, dropoff, discount_rate)")
		case a.how == complement:
			parts = append(parts, "(1 - "+string(a.name)+")")
		case a.how == increment:
			parts = append(parts, "(1 + "+string(a.name)+")")
		default:
			parts = append(parts, string(a.name))
		}
	}
	text := strings.Join(parts, " x ")
	for _, c := range t.convert {
		text += " " + c.text
	}
	return text
}

func (p *Parameters) factor(r *resolved, a atom) Factor {
	s := specs[a.place]
	factor := Factor{Name: a.name, Value: r.inputs[a.place].value, Unit: s.unit}
	if s.money {
		factor.Currency, factor.PriceYear = p.Currency, p.PriceYear
	}
	if _, factor.Stated = r.match.Overrides[a.name]; factor.Stated {
		factor.Low, factor.High = factor.Value, factor.Value
		factor.Source, factor.Evidence = "stated with the match", city.Evidence("stated")
		return factor
	}
	if chosen := p.tables[r.match.Category][a.place]; chosen != nil {
		figure := chosen.figure
		factor.Low, factor.High, factor.Source, factor.Evidence, factor.Note = figure.Low, figure.High, figure.Source, figure.Evidence, figure.Note
		factor.Draw = chosen.draw
	}
	return factor
}
