package valuation

import (
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
