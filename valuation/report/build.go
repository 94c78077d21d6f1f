package report

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/valuation"
)

// tornadoBars is how many figures a tornado shows.
const tornadoBars = 5

// NewDocument puts a summary and the line items of its matches into a document. The summary must have been made with
// these parameters.
func NewDocument(p *valuation.Parameters, summary *valuation.Summary) (*Document, error) {
	return newDocument(p, summary, len(summary.Results))
}

// NewOutline is a document with the first few matches only, as many as Text shows. What is said of all of them is whole, so that
// Text and HTML make the same of it.
func NewOutline(p *valuation.Parameters, summary *valuation.Summary) (*Document, error) {
	return newDocument(p, summary, min(textMatches, len(summary.Results)))
}

func newDocument(p *valuation.Parameters, summary *valuation.Summary, kept int) (*Document, error) {
	head, err := newHead(p, summary)
	if err != nil {
		return nil, err
	}
	b := newBuilder(summary)
	rows := make([]MatchRow, kept)
	for i, result := range summary.Results {
		row, err := b.match(p, result)
		if err != nil {
			return nil, err
		}
		if i < kept {
			rows[i] = row
		}
	}
	return &Document{head, rows, b.rest(p, summary)}, nil
}

func newHead(p *valuation.Parameters, summary *valuation.Summary) (Head, error) {
	if summary.ParameterHash != p.Hash {
		return Head{}, fmt.Errorf("report on method %s with parameters of %s: want the parameters that the summary was made with", summary.Method, p.Version)
	}
	return Head{
		Method: summary.Method, ParameterHash: summary.ParameterHash, Formulas: summary.Formulas, Taxonomy: summary.TaxonomyVersion,
		Currency: summary.Currency, PriceYear: summary.PriceYear, PriceIndex: p.IndexSource(), Draws: summary.Draws, Seed: summary.Seed,
	}, nil
}

// builder collects the parameters that line items refer to while it makes rows.
type builder struct {
	currency   city.Currency
	parameters map[string]Parameter
}

func newBuilder(summary *valuation.Summary) builder {
	return builder{summary.Currency, map[string]Parameter{}}
}

// rest is what follows the matches, once all their rows were made.
func (b builder) rest(p *valuation.Parameters, summary *valuation.Summary) Rest {
	for key, figure := range p.Figures() {
		b.parameters[key] = Parameter{
			Low: figure.Low, Central: figure.Central, High: figure.High, Unit: figure.Unit, Currency: figure.Currency,
			PriceYear: figure.PriceYear, Source: figure.Source, Evidence: figure.Evidence, Note: figure.Note,
		}
	}
	rest := Rest{Total: b.total(summary.Total), By: map[valuation.Dimension][]Group{}, Tornado: []Swing{}, Parameters: b.parameters}
	for _, dimension := range valuation.Dimensions() {
		for _, group := range summary.Groups[dimension] {
			if group.Key == "" && len(summary.Groups[dimension]) == 1 {
				continue // nobody stated this dimension
			}
			rest.By[dimension] = append(rest.By[dimension], b.group(group))
		}
	}
	for _, party := range summary.Parties {
		rest.Parties = append(rest.Parties, Party{
			party.Participant, party.Side, party.Kind, party.Matches, amount(party.Account, b.currency), round(party.Kg, 3),
		})
	}
	for _, swing := range summary.Swings[:min(tornadoBars, len(summary.Swings))] {
		rest.Tornado = append(rest.Tornado, Swing{
			Parameter: swing.Draw, Low: round(swing.Low, 6), High: round(swing.High, 6), Unit: swing.Unit,
			NSVLow: amount(swing.NSVLow, b.currency), NSVHigh: amount(swing.NSVHigh, b.currency), Evidence: swing.Evidence, Source: swing.Source,
		})
	}
	return rest
}

func (b builder) match(p *valuation.Parameters, result valuation.Result) (MatchRow, error) {
	row, err := b.sums(p, result)
	if err != nil {
		return MatchRow{}, err
	}
	items, err := valuation.ExplainResult(p, result)
	if err != nil {
		return MatchRow{}, fmt.Errorf("report on match %q: %w", row.ID, err)
	}
	for _, item := range items {
		if item.Amount != 0 || len(item.Factors) > 0 {
			row.LineItems = append(row.LineItems, b.lineItem(item))
		}
	}
	return row, nil
}

// sums is a match without its line items.
func (b builder) sums(p *valuation.Parameters, result valuation.Result) (MatchRow, error) {
	m := result.Match
	entry, err := p.Taxonomy.Category(m.Category)
	if err != nil {
		return MatchRow{}, fmt.Errorf("report on match %q: %w", m.ID, err)
	}
	return MatchRow{
		ID: m.ID, Category: m.Category, Quantity: m.Quantity, Unit: entry.Unit, Quality: m.Quality, Origin: m.Origin,
		Additionality: round(result.Additionality, 6), Worth: b.worth(asTotal(result)),
	}, nil
}

func (b builder) lineItem(item valuation.LineItem) LineItem {
	line := LineItem{
		Item: item.Item, Formula: item.Formula, Amount: amount(item.Amount, b.currency), Counted: amount(item.Counted, b.currency),
		Quality: item.Quality, Factors: map[valuation.Name]Factor{},
	}
	for _, factor := range item.Factors {
		line.Factors[factor.Name] = b.factor(factor)
	}
	return line
}

// factor refers to a parameter, which the document holds once, or states the match's own value.
func (b builder) factor(factor valuation.Factor) Factor {
	if !factor.Stated {
		b.parameters[factor.Draw] = Parameter{
			Low: round(factor.Low, 6), Central: round(factor.Value, 6), High: round(factor.High, 6), Unit: factor.Unit,
			Currency: factor.Currency, PriceYear: factor.PriceYear, Source: factor.Source, Evidence: factor.Evidence, Note: factor.Note,
		}
		return Factor{Parameter: factor.Draw}
	}
	value, unit := round(factor.Value, 6), factor.Unit
	if factor.Currency != "" {
		unit = string(factor.Currency) + " " + unit
	}
	return Factor{Value: &value, Unit: unit}
}

// asTotal lets one match be written like a sum.
func asTotal(r valuation.Result) valuation.Total {
	return valuation.Total{
		Receiver: r.Receiver, Donor: r.Donor, Time: r.Time, Environment: r.Environment, Logistics: r.Logistics, Platform: r.Platform,
		NSV: r.NSV, Gross: r.Gross, Expected: r.Expected, Attributed: r.Attributed, OpportunityCost: r.OpportunityCost, NSVFull: r.NSVFull,
		Counted: r.Counted, Accounts: r.Accounts, Equity: r.Equity, CO2eTonnes: r.CO2eTonnes, Kg: r.Kg, Meals: r.Meals, Hours: r.Hours,
	}
}

func (b builder) worth(t valuation.Total) Worth {
	money := func(minor int64) json.Number { return amount(minor, b.currency) }
	worth := Worth{
		Items: Items{
			Receiver: money(t.Receiver), Donor: money(t.Donor), Time: money(t.Time), Environment: money(t.Environment),
			Logistics: money(t.Logistics), Platform: money(t.Platform),
		},
		NSV: money(t.NSV), Gross: money(t.Gross), Expected: money(t.Expected), Attributed: money(t.Attributed),
		OpportunityCost: money(t.OpportunityCost), NSVFull: money(t.NSVFull),
		Counted: Items{
			Receiver: money(t.Counted.Receiver), Donor: money(t.Counted.Donor), Time: money(t.Counted.Time),
			Environment: money(t.Counted.Environment), Logistics: money(t.Counted.Logistics), Platform: money(t.Counted.Platform),
		},
		Accounts: Accounts{
			Giver: money(t.Accounts.Giver), Receiver: money(t.Accounts.Receiver), City: money(t.Accounts.City),
			Environment: money(t.Accounts.Environment), Platform: money(t.Accounts.Platform),
		},
		Equity: []Equity{}, CO2eTonnes: tonnes(t.CO2eTonnes), Kg: round(t.Kg, 3), Meals: round(t.Meals, 1), Hours: round(t.Hours, 2),
	}
	for _, view := range t.Equity {
		worth.Equity = append(worth.Equity, Equity{view.Elasticity, round(view.Weight, 4), money(view.NSV)})
	}
	return worth
}

func (b builder) total(t valuation.Total) TotalRow {
	row := TotalRow{
		Matches: t.Matches, Range: *b.span(t.Range),
		ExpectedP5: amount(t.ExpectedRange.P5, b.currency), ExpectedP50: amount(t.ExpectedRange.P50, b.currency),
		ExpectedP95: amount(t.ExpectedRange.P95, b.currency),
		CO2eP5:      tonnes(t.CO2eRange.P5), CO2eP50: tonnes(t.CO2eRange.P50), CO2eP95: tonnes(t.CO2eRange.P95),
		Estimated: round(t.Estimated, 4), IncomeKnown: t.IncomeKnown, Worth: b.worth(t),
	}
	if r := t.Return; r.Known {
		row.Return = &Return{round(r.Central, 3), round(r.P5, 3), round(r.P50, 3), round(r.P95, 3)}
	}
	return row
}

func (b builder) group(g valuation.Group) Group {
	return Group{Key: g.Key, Matches: g.Matches, Range: b.span(g.Range), Estimated: round(g.Estimated, 4), Worth: b.worth(g.Total)}
}

func (b builder) span(r valuation.Range) *Range {
	if !r.Known {
		return nil
	}
	return &Range{
		P5: amount(r.P5, b.currency), P50: amount(r.P50, b.currency), P95: amount(r.P95, b.currency), Probability: round(r.ProbabilityUp, 4),
	}
}

// round cuts a number that people read to some decimals.
func round(x float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(x*scale) / scale
}
