package city_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/city-resource-graph/crg/city"
)

func TestMoneyAddRefusesWhatCannotBeAdded(t *testing.T) {
	t.Parallel()
	ten := city.Money{Minor: 1000, Currency: "USD", PriceYear: 2025}
	sum, err := ten.Add(city.Money{Minor: -1, Currency: "USD", PriceYear: 2025})
	require.NoError(t, err)
	require.Equal(t, "9.99 USD", sum.String())

	for name, c := range map[string]struct {
		other city.Money
		want  error
	}{
		"another currency":   {city.Money{Minor: 1, Currency: "EUR", PriceYear: 2025}, city.ErrCurrencyMismatch},
		"another price year": {city.Money{Minor: 1, Currency: "USD", PriceYear: 2016}, city.ErrPriceYearMismatch},
		"too large":          {city.Money{Minor: 1<<63 - 1, Currency: "USD", PriceYear: 2025}, city.ErrMoneyOverflow},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ten.Add(c.other)
			require.ErrorIs(t, err, c.want)
		})
	}
}

func TestMinorUnitsReadBackWhatTheyWrite(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64().Draw(t, "minor")
		currency := rapid.SampledFrom([]city.Currency{"USD", "JPY", "KWD"}).Draw(t, "currency")
		text := city.FormatMinor(minor, currency)
		back, err := city.ParseMinor(text, currency)
		require.NoError(t, err, text)
		require.Equal(t, minor, back, text)
	})
}

func TestParseMinorNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "1,000", "1.234", "1.-2", "abc", "9999999999999999999"} {
		_, err := city.ParseMinor(text, "USD")
		require.ErrorContains(t, err, text)
	}
}
