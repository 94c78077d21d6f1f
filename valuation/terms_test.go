package valuation

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each factor carries its unit, so a formula that multiplies the wrong things does not reduce to money.
func TestEveryTermReducesToItsUnit(t *testing.T) {
	t.Parallel()
	dimensionOf := func(one term) dimension {
		var product dimension
		for _, a := range one.atoms {
			product = product.times(specs[a.place].dim)
		}
		for _, c := range one.convert {
			product = product.times(c.dim)
		}
		return product
	}
	for _, list := range [][]term{terms, failedTerms, grossTerms} {
		for i, one := range list {
			require.Equal(t, dimension{money: 1}, dimensionOf(one), "term %d of %s", i, one.item)
		}
	}
	for i, one := range emissionTerms {
		require.Equal(t, dimension{tonneCO2: 1}, dimensionOf(one), "emission term %d", i)
	}
	require.Equal(t, dimension{kg: 1}, dimensionOf(weightTerm))
	require.NotEqual(t, dimension{money: 1}, dimensionOf(term{atoms: []atom{is(quantity), is(TipFee)}}), "a mistake is seen")
}

func TestParameterTableFits(t *testing.T) {
	t.Parallel()
	require.LessOrEqual(t, len(specs), len(table{}))
	longest := 0
	for _, list := range modelTerms {
		longest = max(longest, len(list.atoms))
	}
	require.LessOrEqual(t, longest, len(exponents{}))
}

// Whoever sees an annuity sees what it is made of; without one there is none to see.
func TestWhatLastsForYearsNamesItsFigures(t *testing.T) {
	t.Parallel()
	for years, want := range map[float64]bool{1: false, 3: true} {
		_, items, err := Explain(Default(), Match{ID: "m", Category: "space", Quantity: 1, Overrides: map[Name]float64{Years: years}})
		require.NoError(t, err)
		for _, item := range items {
			named := map[Name]bool{}
			for _, factor := range item.Factors {
				named[factor.Name] = true
			}
			lasts := want && item.Item == Receiver
			require.Equal(t, lasts, strings.Contains(item.Formula, "annuity(years, dropoff, discount_rate)"), "%s: %s", item.Item, item.Formula)
			for _, name := range []Name{Years, Dropoff, DiscountRate} {
				require.Equal(t, lasts, named[name], "%s of %s", name, item.Item)
			}
		}
	}
}
