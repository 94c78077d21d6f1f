package valuation

import (
	"errors"
	"fmt"

	"github.com/city-resource-graph/crg/city"
)

// ErrNoIndex says that amounts of two price years or currencies cannot be joined. They are then refused, never added.
var ErrNoIndex = errors.New("no price index joins them")

// PriceIndex joins price years of one currency: V(Y) = V(y) x index(Y) / index(y).
type PriceIndex map[city.Currency]IndexSeries

// IndexSeries is the annual averages of one published index.
type IndexSeries struct {
	Name     string
	Source   string
	Evidence city.Evidence
	Values   map[int]float64
}

// Factor is what an amount of one price year is multiplied by to be one of another.
func (x PriceIndex) Factor(currency city.Currency, from, to int) (float64, error) {
	if from == to {
		return 1, nil
	}
	series, ok := x[currency]
	if !ok {
		return 0, fmt.Errorf("%w: no index for currency %s", ErrNoIndex, currency)
	}
	for _, year := range []int{from, to} {
		if series.Values[year] == 0 {
			return 0, fmt.Errorf("%w: index %s has no price year %d", ErrNoIndex, series.Name, year)
		}
	}
	return series.Values[to] / series.Values[from], nil
}

// join brings a figure of money to the method's price year. A nil index (see Unindexed) leaves the number as it is.
func (p *Parameters) join(figure city.Figure) (city.Figure, error) {
	if figure.Currency != p.Currency {
		return city.Figure{}, fmt.Errorf("%w: %s and the method's %s", ErrNoIndex, figure.Currency, p.Currency)
	}
	if p.index == nil {
		figure.PriceYear = p.PriceYear
		return figure, nil
	}
	factor, err := p.index.Factor(figure.Currency, figure.PriceYear, p.PriceYear)
	if err != nil {
		return city.Figure{}, err
	}
	figure = figure.Scale(factor)
	figure.PriceYear = p.PriceYear
	return figure, nil
}

// Join brings an amount to the method's price year, rounded to the minor unit; amounts without a joining index are refused.
func (p *Parameters) Join(m city.Money) (city.Money, error) {
	joined, err := p.join(city.Figure{Central: float64(m.Minor), Currency: m.Currency, PriceYear: m.PriceYear})
	if err != nil {
		return city.Money{}, fmt.Errorf("bring %s of %d to %s of %d: %w", m, m.PriceYear, p.Currency, p.PriceYear, err)
	}
	return city.Money{Minor: roundHalfAway(joined.Central), Currency: p.Currency, PriceYear: p.PriceYear}, nil
}

// Figures lists the method's figures that are no factor of a line item but stand behind what is shown beside it.
func (p *Parameters) Figures() map[string]city.Figure {
	return map[string]city.Figure{
		"equity/reference_income": p.Equity.Reference,
		"equity/weight_cap":       p.Equity.Cap,
		string(MealKg):            p.raw[MealKg].fallback,
	}
}

// IndexSource cites the price index that joined the figures' price years; empty when nothing was joined.
func (p *Parameters) IndexSource() string { return p.index[p.Currency].Source }
